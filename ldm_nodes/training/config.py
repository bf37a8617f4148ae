"""A training configuration: the original's YAML files as they are, with dotted overrides, checked before anything runs.

| section | what it says |
|---|---|
| `model` | `base_learning_rate`, `target` and `params`, as in the original |
| `data` | `params.batch_size` and where pictures are; see `data_config.py` |
| `lightning` | of `trainer`, `callbacks` and `modelcheckpoint` what has a meaning here; see `options.py` |
| `training` | how long and how; see `options.py` |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..models.config import AutoencoderConfig
from ..models.errors import WrongConfig
from ..models.instantiate import check_targets, instantiate_from_config
from ..models.model_config import ModelConfig
from .data_config import DataConfig, read_data
from .learning_rate import Multiplier, constant, schedule_from_config
from .options import HARMLESS, Options, read_options
from .yaml_tree import Tree, differences, read_tree, with_overrides

if TYPE_CHECKING:
    Params = Mapping[str, Any]

SECTIONS = ("model", "data", "lightning", "training")

_HARMLESS_ELSEWHERE = frozenset({"data.params.num_workers", "data.params.cache", "data.params.wrap", "data.target"})


@dataclass(frozen=True)
class TrainingConfig:
    """What a configuration asks for.

    Attributes:
        tree: the configuration itself, overrides included.
        model: what is trained.
        params: the `params` of the model.
        base_learning_rate: per picture of a batch, if the rate is scaled.
        schedule: multiplier of the learning rate by step.
        data: what it is trained on.
        options: how long and how.
        ignored: settings of the original that have no meaning here.
    """

    tree: Tree
    model: ModelConfig | AutoencoderConfig
    params: Params
    base_learning_rate: float
    schedule: Multiplier
    data: DataConfig
    options: Options
    ignored: tuple[str, ...]

    @property
    def notice(self) -> str | None:
        """One sentence about the settings that are left out, or None."""
        if not self.ignored:
            return None
        return f"These settings of the original have no meaning here and are left out: {', '.join(self.ignored)}."


def read_config(path: Path, overrides: Sequence[str] = ()) -> TrainingConfig:
    """Read a configuration file.

    Args:
        path: YAML in the original's structure.
        overrides: `a.b=value` each.

    Raises:
        WrongConfig: the file cannot be read, a target or a key is unknown, or a value does not fit.
    """
    return parse_config(with_overrides(read_tree(path), overrides))


def parse_config(tree: Tree) -> TrainingConfig:
    """Check a configuration that is a tree already; see `read_config`."""
    unknown = sorted(set(tree) - set(SECTIONS))
    if unknown:
        raise WrongConfig(f"The configuration has no section {', '.join(unknown)}; it knows {', '.join(SECTIONS)}.")
    check_targets(tree)
    section = _table(tree.get("model"), "model")
    made, params = instantiate_from_config(section), section.get("params") or {}
    if not isinstance(made, ModelConfig | AutoencoderConfig):
        raise WrongConfig(f"model.target is {section.get('target')!r}; expected an autoencoder or a LatentDiffusion.")
    ignored: list[str] = []
    _check_keys(section, params, made, ignored)
    options = read_options(tree, ignored)
    return TrainingConfig(
        tree=tree,
        model=made,
        params=params,
        base_learning_rate=_rate(section.get("base_learning_rate")),
        schedule=_schedule(params.get("scheduler_config")),
        data=read_data(_table(tree.get("data"), "data"), ignored),
        options=options,
        ignored=tuple(ignored),
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two configurations in a way that a resumed run could not continue from."""
    return {
        path: values
        for path, values in differences(before, after).items()
        if path not in _HARMLESS_ELSEWHERE and not _is_harmless(path)
    }


def _is_harmless(path: str) -> bool:
    section, _, rest = path.partition(".")
    if section == "training":
        return rest in HARMLESS
    return section == "lightning" and rest not in (
        "trainer.accumulate_grad_batches",
        "trainer.gradient_clip_val",
        "trainer.precision",
    )


def _check_keys(section: Params, params: Params, made: ModelConfig | AutoencoderConfig, ignored: list[str]) -> None:
    """Refuse keys that the original's class does not have, and note those that have no meaning here."""
    known = {"base_learning_rate", "target", "params"}
    unknown = sorted(set(section) - known)
    if unknown:
        raise WrongConfig(f"model has no key {', '.join(unknown)}; it knows {', '.join(sorted(known))}.")
    meaningless = _AUTOENCODER_WITHOUT_MEANING
    if isinstance(made, ModelConfig):
        meaningless = _DIFFUSION_WITHOUT_MEANING
        unknown = sorted(set(params) - _DIFFUSION - meaningless)
        if unknown:
            every = ", ".join(sorted(_DIFFUSION | meaningless))
            raise WrongConfig(f"model.params has no key {', '.join(unknown)}; it knows {every}.")
    ignored.extend(f"model.params.{name}" for name in params if name in meaningless)


def _rate(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise WrongConfig(f"model.base_learning_rate is {value!r}; expected a number above 0, such as 4.5e-6.")
    return float(value)


def _schedule(config: Any) -> Multiplier:
    if config is None:
        return constant
    table = _table(config, "model.params.scheduler_config")
    return schedule_from_config(str(table.get("target")), _table(table.get("params"), "the params of a schedule"))


def _table(value: Any, what: str) -> Params:
    if value is not None and not isinstance(value, Mapping):
        raise WrongConfig(f"{what} is {value!r}; expected a table of settings.")
    return value or {}


# Arguments of DDPM and LatentDiffusion in the original (ddpm.py) and of Stability's versions; the last three are ours.
_DIFFUSION = frozenset(
    {
        "unet_config", "first_stage_config", "cond_stage_config", "timesteps", "beta_schedule", "linear_start",
        "linear_end", "cosine_s", "v_posterior", "loss_type", "parameterization", "l_simple_weight",
        "original_elbo_weight", "logvar_init", "learn_logvar", "conditioning_key", "concat_mode", "scale_factor",
        "scale_by_std", "cond_stage_trainable", "scheduler_config", "use_ema", "ucg_training", "ckpt_path",
        "condition_dropout", "dropped_as", "min_snr_gamma",
    }
)  # fmt: skip
_DIFFUSION_WITHOUT_MEANING = frozenset(
    {
        "monitor", "first_stage_key", "cond_stage_key", "image_size", "channels", "log_every_t", "clip_denoised",
        "num_timesteps_cond", "cond_stage_forward", "use_positional_encodings", "ignore_keys", "load_only_unet",
        "finetune_keys", "concat_keys", "masked_image_key",
    }
)  # fmt: skip
_AUTOENCODER_WITHOUT_MEANING = frozenset(
    {"monitor", "image_key", "colorize_nlabels", "ignore_keys", "batch_resize_range"}
)
