"""How long a run lasts and how it computes: the section `training` of a configuration, and Lightning's names for it.

`lightning.trainer` of the original's files is read where a setting has a meaning here; `training` wins over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from ..models.errors import WrongConfig

Precision = Literal["fp32", "bf16"]

HARMLESS = frozenset(
    {
        "steps", "epochs", "keep", "log_every", "sample_every", "samples", "sample_steps", "guidance", "prompts",
        "compile", "save_every", "minutes",
    }
)  # fmt: skip
"""Options that may change when a run is resumed: they leave the steps that are taken what they are."""

MAX_EPOCHS = 1000  # what Lightning takes where neither steps nor epochs are given


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run is made.

    Attributes:
        steps: optimiser steps of the whole run; None: by `epochs`.
        epochs: visits of each picture, where `steps` is not given.
        minutes: wall time after which a run stops into a checkpoint, to be resumed; None: no limit.
        seed: of the weights, of the order of the data and of all draws.
        accumulate: batches that make one step.
        clip: the largest length of a gradient; 0 leaves gradients as they are.
        precision: "fp32", or "bf16" for autocast to bfloat16; weights and their averages are always float32.
        scale_lr: whether the learning rate grows with the batch (--scale_lr of the original).
        use_ema: whether weights are averaged; None: as the model's configuration says.
        ema_decay: share of the average that an update keeps, once warmed up.
        channels_last: keep pictures channel by channel in memory, which convolutions are faster on.
        activation_checkpointing: compute activations again in the backward pass instead of keeping them.
        compile: compile the network by torch.compile; on a processor that takes minutes and gains nothing.
        save_every: steps between checkpoints.
        keep: how many of the latest checkpoints stay, beside the best one.
        log_every: steps between rows of metrics.csv.
        sample_every: steps between sample sheets; 0 makes none.
        samples: pictures on a sheet.
        sample_steps: DDIM steps of a sample.
        guidance: scale of classifier-free guidance in samples; 1 is none.
        prompts: captions to sample; empty: those of the data.
        vgg: weights file of the perceptual loss, or None.
        random_features: use random features where there is no such file.
    """

    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None
    seed: int = 23
    accumulate: int = 1
    clip: float = 0.0
    precision: Precision = "fp32"
    scale_lr: bool = True
    use_ema: bool | None = None
    ema_decay: float = 0.9999
    channels_last: bool = True
    activation_checkpointing: bool = False
    compile: bool = False
    save_every: int = 1000
    keep: int = 3
    log_every: int = 1
    sample_every: int = 1000
    samples: int = 8
    sample_steps: int = 50
    guidance: float = 1.0
    prompts: tuple[str, ...] = field(default_factory=tuple)
    vgg: str | None = None
    random_features: bool = False

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
                raise WrongConfig(f"training.{name} is {value!r}; expected a whole number of at least {least}.")
        for name in ("clip", "guidance", "ema_decay", "minutes"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
                raise WrongConfig(f"training.{name} is {value!r}; expected a number of at least 0.")
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool | None):
                raise WrongConfig(f"training.{name} is {getattr(self, name)!r}; expected true or false.")
        if self.precision not in get_args(Precision):
            raise WrongConfig(f"training.precision is {self.precision!r}; expected {' or '.join(get_args(Precision))}.")

    def total_steps(self, pictures: int, batch: int) -> int:
        """Return the steps of the whole run.

        Args:
            pictures: how many the data has.
            batch: pictures of one step, over all processes and accumulated batches.
        """
        if self.steps is not None:
            return self.steps
        return max(1, (self.epochs or MAX_EPOCHS) * pictures // batch)


_LEAST = {
    "steps": 1, "epochs": 1, "seed": 0, "accumulate": 1, "save_every": 1, "keep": 1, "log_every": 1, "sample_every": 0,
    "samples": 1, "sample_steps": 1,
}  # fmt: skip
_SWITCHES = ("scale_lr", "use_ema", "channels_last", "activation_checkpointing", "compile", "random_features")


def read_options(tree: Mapping[str, Any], ignored: list[str]) -> Options:
    """Read the sections `training` and `lightning` of a configuration.

    Args:
        tree: the configuration.
        ignored: gets the dotted names of settings that have no meaning here.

    Raises:
        WrongConfig: a key of `training` is unknown, or a value does not fit.
    """
    given = _from_lightning(_table(tree, "lightning"), ignored) | _table(tree, "training")
    known = {field.name for field in fields(Options)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise WrongConfig(f"training has no key {', '.join(unknown)}; it knows {', '.join(sorted(known))}.")
    if isinstance(given.get("prompts"), list):
        given["prompts"] = tuple(map(str, given["prompts"]))
    return Options(**{name: value for name, value in given.items() if value is not None})


def _from_lightning(lightning: Mapping[str, Any], ignored: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for section, value in lightning.items():
        if section == "trainer":
            given |= _from_trainer(_table(lightning, "trainer"), ignored)
        elif section == "callbacks":
            given |= _from_callbacks(_table(lightning, "callbacks"), ignored)
        elif section == "modelcheckpoint":
            given |= _named(_table(_table(lightning, section), "params"), _CHECKPOINT, f"lightning.{section}", ignored)
        elif value:
            ignored.append(f"lightning.{section}")
    return given


def _from_trainer(trainer: Mapping[str, Any], ignored: list[str]) -> dict[str, Any]:
    given = _named(trainer, _TRAINER, "lightning.trainer", ignored)
    for name in ("steps", "epochs"):
        if given.get(name) in (-1, None):  # Lightning's way of saying without end
            given.pop(name, None)
    if "precision" in given:
        if str(given["precision"]).startswith("16"):
            ignored.append("float16 of lightning.trainer.precision (bfloat16 stands in for it)")
        given["precision"] = "bf16" if str(given["precision"]) in ("16", "bf16", "16-mixed", "bf16-mixed") else "fp32"
    if given.get("clip", 0) is None:
        given["clip"] = 0.0
    return given


def _from_callbacks(callbacks: Mapping[str, Any], ignored: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name in callbacks:
        params = _table(_table(callbacks, name), "params")
        names = _IMAGE_LOGGER if name == "image_logger" else {}
        given |= _named(params, names, f"lightning.callbacks.{name}", ignored)
    return given


def _named(given: Mapping[str, Any], names: Mapping[str, str], where: str, ignored: list[str]) -> dict[str, Any]:
    """Return settings under our names; those that have none are noted as ignored."""
    ignored.extend(f"{where}.{name}" for name in given if name not in names)
    return {names[name]: value for name, value in given.items() if name in names}


def _table(tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = tree.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise WrongConfig(f"{name} is {value!r}; expected a table of settings.")
    return dict(value or {})


_TRAINER = {
    "max_steps": "steps", "max_epochs": "epochs", "accumulate_grad_batches": "accumulate",
    "gradient_clip_val": "clip", "precision": "precision", "log_every_n_steps": "log_every",
}  # fmt: skip
_IMAGE_LOGGER = {"batch_frequency": "sample_every", "max_images": "samples"}
_CHECKPOINT = {"every_n_train_steps": "save_every", "save_top_k": "keep"}
