"""What a complete latent diffusion model is made of, as one frozen value.

It comes from the shapes of a checkpoint (`families.py`) or from a YAML file of the original code (`instantiate.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..sampling.noise_schedule import BETA_SCHEDULES, NoiseSchedule, make_beta_schedule
from .config import AutoencoderConfig, TextConfig, TokenEncoderConfig, UNetConfig
from .errors import WrongConfig
from .kinds import base_family
from .sizes import CHANNELS, COUNT, Whole, check_sizes, finite, whole

if TYPE_CHECKING:
    from ..sampling.denoiser import Prediction
    from .wrapper import ConditioningKey

MOST_TIMESTEPS = 1 << 16


@dataclass(frozen=True)
class Betas:
    """The noise schedule that a network was trained with."""

    name: str = "linear"
    start: float = 1e-4
    end: float = 2e-2
    timesteps: int = 1000
    cosine_s: float = 8e-3
    v_posterior: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in BETA_SCHEDULES:
            raise WrongConfig(f"The beta schedule is {self.name!r}; expected one of {', '.join(BETA_SCHEDULES)}.")
        whole(self.timesteps, "The number of timesteps", 1, MOST_TIMESTEPS)
        for name in ("start", "end", "cosine_s", "v_posterior"):
            finite(getattr(self, name), f"{name} of the betas", 0, 1)

    def schedule(self) -> NoiseSchedule:
        """Build the schedule."""
        betas = make_beta_schedule(self.name, self.timesteps, self.start, self.end, self.cosine_s)
        return NoiseSchedule.from_betas(betas, self.v_posterior)


SD_BETAS = Betas(start=0.00085, end=0.012)
LDM_BETAS = Betas(start=0.0015, end=0.0195)


@dataclass(frozen=True)
class ClassConfig:
    """A table of class embeddings (ClassEmbedder)."""

    embed_dim: int
    n_classes: int
    key: str = "class_label"

    def __post_init__(self) -> None:
        check_sizes(self, {"embed_dim": CHANNELS, "n_classes": COUNT})


@dataclass(frozen=True)
class RescalerConfig:
    """A conditioner that shrinks pictures (SpatialRescaler)."""

    n_stages: int = 1
    method: str = "bilinear"
    multiplier: float = 0.5
    in_channels: int = 3
    out_channels: int | None = None
    bias: bool = False

    def __post_init__(self) -> None:
        widths = {"in_channels": CHANNELS, "out_channels": Whole(1, 1 << 16, optional=True)}
        check_sizes(self, {"n_stages": Whole(0, 16), **widths})
        finite(self.multiplier, "multiplier", 1e-3, 1e3)


@dataclass(frozen=True)
class SharedFirstStage:
    """The first stage is the conditioner too (`__is_first_stage__`)."""


ConditionerConfig = tuple[TextConfig, ...] | TokenEncoderConfig | ClassConfig | RescalerConfig | SharedFirstStage | None


@dataclass(frozen=True)
class ModelConfig:
    """What a complete latent diffusion model is made of.

    Attributes:
        family: "sd1", "sd2", "sdxl", "sdxl-refiner", "ldm-text", "ldm-class", "ldm-concat" or "ldm-unconditional",
            with what sets a variant apart after a dash ("sd1-inpaint").
        unet: the denoising network.
        first_stage: the autoencoder, or None where the checkpoint has none.
        conditioner: what makes conditions, or None.
        conditioning_key: how conditions enter the network.
        prediction: what the network outputs.
        scale_factor: multiplier from the autoencoder's latents to the network's.
        betas: the noise schedule.
        use_ema: whether the original code would sample with the averaged weights.
        zero_terminal_snr: whether the schedule is rescaled to end in pure noise.
        scale_by_std: whether the scale factor is measured, and kept in the checkpoint.
    """

    family: str
    unet: UNetConfig
    first_stage: AutoencoderConfig | None
    conditioner: ConditionerConfig
    conditioning_key: ConditioningKey | None
    prediction: Prediction = "eps"
    scale_factor: float = 1.0
    betas: Betas = SD_BETAS
    use_ema: bool = False
    zero_terminal_snr: bool = False
    scale_by_std: bool = False

    @property
    def base(self) -> str:
        """The family without its variant: "sd1" for "sd1-inpaint"."""
        return base_family(self.family)

    @property
    def is_sdxl(self) -> bool:
        """Whether parts are named as in Stability's generative-models."""
        return self.base in ("sdxl", "sdxl-refiner")
