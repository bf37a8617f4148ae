"""What the losses of an autoencoder are made of.

Fields keep the argument names of the original: `from_params` reads the `params` of its `lossconfig`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, Self

from ..models.errors import WrongConfig
from .discriminator import DISC_LOSSES, DiscLoss


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What both kinds share.

    Attributes:
        disc_start: the step from which the discriminator counts.
        disc_factor: weight of the adversarial part from then on; 0 leaves it out.
        disc_weight: factor on the adaptive weight.
        disc_num_layers: depth of the discriminator.
        disc_in_channels: channels of what it judges, with those of a condition.
        disc_ndf: width of its first layer.
        use_actnorm: normalise in it by ActNorm instead of BatchNorm.
        disc_conditional: the discriminator also sees a condition, joined to the picture's channels.
        disc_loss: "hinge" or "vanilla".
        perceptual_weight: weight of LPIPS beside the pixels' difference.
        skip_until_start: before `disc_start`, leave the discriminator alone. The original runs it all the same, and
            multiplies by zero: only logged values and BatchNorm's averages differ.
    """

    ignored: ClassVar[frozenset[str]] = frozenset({"pixelloss_weight"})

    disc_start: int
    disc_factor: float = 1.0
    disc_weight: float = 1.0
    disc_num_layers: int = 3
    disc_in_channels: int = 3
    disc_ndf: int = 64
    use_actnorm: bool = False
    disc_conditional: bool = False
    disc_loss: DiscLoss = "hinge"
    perceptual_weight: float = 1.0
    skip_until_start: bool = False

    def __post_init__(self) -> None:
        for name, least in (("disc_start", 0), ("disc_num_layers", 1), ("disc_in_channels", 1), ("disc_ndf", 1)):
            _check_number(name, getattr(self, name), least, int)
        for name in ("disc_factor", "disc_weight", "perceptual_weight"):
            _check_number(name, getattr(self, name), 0, int | float)
        _check_choice("disc_loss", self.disc_loss, tuple(DISC_LOSSES))

    def factor(self, step: int) -> float:
        """Return the weight of the adversarial part at `step`: nothing before `disc_start`."""
        return self.disc_factor if step >= self.disc_start else 0.0

    def judges(self, step: int) -> bool:
        """Tell whether the discriminator has to run at `step`."""
        return self.factor(step) > 0 or not self.skip_until_start

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Read the `params` of a `lossconfig` in a YAML file of the original code.

        Raises:
            WrongConfig: an argument is unknown, missing or out of range.
        """
        known = {field.name for field in fields(cls)}
        given = {key: value for key, value in params.items() if key not in cls.ignored}
        unknown = sorted(set(given) - known)
        if unknown or "disc_start" not in given:
            what = f"has no argument {', '.join(map(repr, unknown))}" if unknown else "needs disc_start"
            raise WrongConfig(f"The autoencoder's loss {what}; it knows {', '.join(sorted(known))}.")
        return cls(**given)


@dataclass(frozen=True, kw_only=True)
class KLLossConfig(LossConfig):
    """The loss of an AutoencoderKL (LPIPSWithDiscriminator of CompVis).

    Attributes:
        kl_weight: weight of the latent's divergence from the standard normal distribution.
        logvar_init: log-variance of the pixels about their reconstruction.
    """

    kl_weight: float = 1.0
    logvar_init: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number("kl_weight", self.kl_weight, 0, int | float)
        _check_number("logvar_init", self.logvar_init, float("-inf"), int | float)


@dataclass(frozen=True, kw_only=True)
class VQLossConfig(LossConfig):
    """The loss of a VQModel (VQLPIPSWithDiscriminator of taming and of CompVis).

    Attributes:
        codebook_weight: weight of the quantiser's loss.
        pixel_loss: "l1" or "l2".
        n_classes: entries of the codebook, to log how many are in use; None logs nothing of it.
    """

    ignored: ClassVar[frozenset[str]] = LossConfig.ignored | {"perceptual_loss"}  # "lpips", the only one there is

    codebook_weight: float = 1.0
    pixel_loss: Literal["l1", "l2"] = "l1"
    n_classes: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_number("codebook_weight", self.codebook_weight, 0, int | float)
        _check_choice("pixel_loss", self.pixel_loss, ("l1", "l2"))
        if self.n_classes is not None:
            _check_number("n_classes", self.n_classes, 1, int)


def _check_number(name: str, value: object, least: float, kind: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, kind) or not value >= least:
        what = "a whole number" if kind is int else "a number"
        limit = f" of at least {least}" if least > float("-inf") else ""
        raise WrongConfig(f"{name} is {value!r}; expected {what}{limit}.")


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise WrongConfig(f"{name} is {value!r}; expected {' or '.join(choices)}.")
