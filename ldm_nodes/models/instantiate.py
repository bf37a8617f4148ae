"""Configurations of the original code: YAML files whose `target:` strings name classes.

The original imports whatever a target names. Here a target is looked up in a table: the classes of the research
repositories that make up a model become configurations of ours, classes that matter only in training are recorded, and
every other name is an error. Nothing is imported.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from .config import (
    CLIP_L,
    OPENCLIP_BIGG,
    OPENCLIP_H,
    AutoencoderConfig,
    TextConfig,
    TokenEncoderConfig,
    UNetConfig,
)
from .errors import WrongConfig, reason
from .model_config import Betas, ClassConfig, ConditionerConfig, ModelConfig, RescalerConfig, SharedFirstStage
from .sizes import finite
from .targets import TRAINING_ONLY

if TYPE_CHECKING:
    from pathlib import Path

    from ..sampling.denoiser import Prediction
    from .wrapper import ConditioningKey

    Params = Mapping[str, Any]

T = TypeVar("T")

IS_FIRST_STAGE = "__is_first_stage__"
IS_UNCONDITIONAL = "__is_unconditional__"
MAX_YAML = 1 << 20


@dataclass(frozen=True)
class Recorded:
    """A class that plays no part in sampling: a loss, a data set, a learning-rate schedule, a logger."""

    target: str
    params: Mapping[str, Any] = field(default_factory=dict)


Instance = (
    ModelConfig | UNetConfig | AutoencoderConfig | ClassConfig | RescalerConfig | TokenEncoderConfig | SharedFirstStage
    | tuple[TextConfig, ...] | Recorded | None
)  # fmt: skip


def read_yaml(path: Path) -> ModelConfig | AutoencoderConfig:
    """Read the model that a YAML file of the original code describes.

    Raises:
        WrongConfig: when the file is no such YAML; the message says what is wrong.
    """
    model = _model_tree(path)
    made = instantiate_from_config(model) if isinstance(model, dict) else None
    if not isinstance(made, ModelConfig | AutoencoderConfig):
        raise WrongConfig(f"{path.name} describes no model; expected a `model:` with `target:` and `params:`.")
    return made


@dataclass(frozen=True)
class Sayings:
    """What a YAML file says that cannot be read off a checkpoint.

    Attributes:
        prediction: what the network outputs, where the file says so.
        layer: the block that the text embedding comes from, -1 being the last, where the file says so.
    """

    prediction: Prediction | None = None
    layer: int | None = None


def read_sayings(path: Path) -> Sayings:
    """Read of a YAML file what ComfyUI's CheckpointLoader reads: `parameterization: v` and `layer_idx`.

    Raises:
        WrongConfig: when the file is no such YAML.
    """
    model = _model_tree(path)
    params = model.get("params") if isinstance(model, dict) else None
    if not isinstance(params, dict):
        raise WrongConfig(f"{path.name} describes no model; expected a `model:` with `target:` and `params:`.")
    conditioner = params.get("cond_stage_config")
    inner = conditioner.get("params") if isinstance(conditioner, dict) else None
    layer = inner.get("layer_idx") if isinstance(inner, dict) else None
    if layer is not None and (not isinstance(layer, int) or isinstance(layer, bool)):
        raise WrongConfig(f"{path.name}: layer_idx is {str(layer)[:80]!r}; expected a whole number.")
    return Sayings("v" if params.get("parameterization") == "v" else None, layer)


def _model_tree(path: Path) -> Any:
    """Return what stands under `model:` in a YAML file."""
    try:
        text = path.read_text("utf-8")
        tree = yaml.safe_load(text) if len(text) <= MAX_YAML else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise WrongConfig(f"{path.name} is not a readable YAML file ({reason(error)}).") from error
    return tree.get("model") if isinstance(tree, dict) else None


def instantiate_from_config(config: Params | str | None) -> Instance:
    """Return what a `target:` with its `params:` stands for here.

    Raises:
        WrongConfig: for a target that is not known, with the names that come closest; for arguments that do not fit.
    """
    if config == IS_FIRST_STAGE:
        return SharedFirstStage()
    if config is None or config == IS_UNCONDITIONAL:
        return None
    if not isinstance(config, Mapping) or not isinstance(config.get("target"), str):
        raise WrongConfig(f"A configuration needs a `target:`, the name of a class; got {str(config)[:80]!r}.")
    target, params = config["target"], config.get("params") or {}
    if not isinstance(params, Mapping):
        raise WrongConfig(f"The params of {target} are {type(params).__name__}; expected a table.")
    if target in TARGETS:
        try:
            return TARGETS[target](params)
        except WrongConfig:
            raise
        except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
            raise WrongConfig(f"The params of {target} do not fit: {reason(error)}.") from error
    if target in TRAINING_ONLY:
        return Recorded(target, params)
    raise _unknown(target)


def check_targets(tree: Params) -> None:
    """Refuse a configuration that names an unknown class anywhere, also where nothing is built from it.

    Raises:
        WrongConfig: for a target that is not known, with the names that come closest.
    """
    waiting: list[Any] = [tree]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            target = item.get("target")
            if isinstance(target, str) and target not in TARGETS and target not in TRAINING_ONLY:
                raise _unknown(target)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _unknown(target: str) -> WrongConfig:
    near = difflib.get_close_matches(target, [*TARGETS, *TRAINING_ONLY], n=3, cutoff=0.5)
    hint = f" Known and similar: {', '.join(near)}." if near else ""
    return WrongConfig(f"The target {target!r} is not known here, and targets are never imported.{hint}")


def _latent_diffusion(params: Params) -> ModelConfig:
    first_stage, conditioner = (instantiate_from_config(params.get(f"{key}_stage_config")) for key in ("first", "cond"))
    key = _conditioning_key(params)
    scale = _scale(params)
    unet = _expect(instantiate_from_config(params["unet_config"]), UNetConfig, "unet_config")
    config = ModelConfig(
        family="",
        unet=unet,
        first_stage=None if first_stage is None else _expect(first_stage, AutoencoderConfig, "first_stage_config"),
        conditioner=_conditioner(conditioner),
        conditioning_key=key,
        prediction=_prediction(params),
        scale_factor=scale,
        betas=_betas(params),
        use_ema=bool(params.get("use_ema", True)),
        scale_by_std=bool(params.get("scale_by_std", False)),
    )
    return replace(config, family=_family(config))


def _variant(default_key: ConditioningKey) -> Callable[[Params], ModelConfig]:
    """Make the reader of a subclass of LatentDiffusion that fixes how its conditions enter."""
    return lambda params: _latent_diffusion({"conditioning_key": default_key, **params})


def _diffusion_engine(params: Params) -> ModelConfig:
    """Read the DiffusionEngine of Stability's generative-models: SDXL and its refiner."""
    unet = _expect(instantiate_from_config(params["network_config"]), UNetConfig, "network_config")
    first_stage = instantiate_from_config(params["first_stage_config"])
    conditioner = instantiate_from_config(params["conditioner_config"])
    scaling = str(params.get("denoiser_config", {}).get("params", {}).get("scaling_config", {}).get("target", ""))
    refiner = isinstance(conditioner, tuple) and len(conditioner) == 1
    return ModelConfig(
        family="sdxl-refiner" if refiner else "sdxl",
        unet=unet,
        first_stage=_expect(first_stage, AutoencoderConfig, "first_stage_config"),
        conditioner=_conditioner(conditioner),
        conditioning_key="crossattn-adm" if unet.num_classes is not None else "crossattn",
        prediction="v" if scaling.endswith("VScaling") else "eps",
        scale_factor=_scale(params),
        use_ema=bool(params.get("use_ema", False)),
    )


def _general_conditioner(params: Params) -> tuple[TextConfig, ...]:
    made = [instantiate_from_config(model) for model in params["emb_models"]]
    return tuple(config for item in made if isinstance(item, tuple) for config in item)


def _conditioning_key(params: Params) -> ConditioningKey | None:
    """Return how conditions enter: unset, it follows `concat_mode`; a model without a condition has none."""
    if params.get("cond_stage_config") == IS_UNCONDITIONAL:
        return None
    key: ConditioningKey | None = params.get("conditioning_key")
    return key or ("concat" if params.get("concat_mode", True) else "crossattn")


def _conditioner(made: Instance) -> ConditionerConfig:
    if isinstance(made, Recorded):
        return None  # torch.nn.Identity
    if isinstance(made, ModelConfig | UNetConfig | AutoencoderConfig):
        raise WrongConfig("The conditioner of a model is a network that cannot serve as one; expected an encoder.")
    return made


def _prediction(params: Params) -> Prediction:
    name: Prediction = params.get("parameterization", "eps")
    if name not in ("eps", "v", "x0"):
        raise WrongConfig(f"parameterization is {name!r}; expected eps, v or x0.")
    return name


def _betas(params: Params) -> Betas:
    if "given_betas" in params:
        raise WrongConfig("given_betas cannot stand in a YAML file here; name a beta_schedule.")
    return Betas(
        name=str(params.get("beta_schedule", "linear")),
        start=_real(params, "linear_start", 1e-4),
        end=_real(params, "linear_end", 2e-2),
        timesteps=params.get("timesteps", 1000),
        cosine_s=_real(params, "cosine_s", 8e-3),
        v_posterior=_real(params, "v_posterior", 0.0),
    )


def _scale(params: Params) -> float:
    return finite(_real(params, "scale_factor", 1.0), "scale_factor", 1e-6, 1e6)


def _real(params: Params, name: str, default: float) -> Any:
    """Return a number; YAML 1.1 reads 1e-4, which has no dot, as a text."""
    value = params.get(name, default)
    return float(value) if isinstance(value, str) else value


def _family(config: ModelConfig) -> str:
    """Name the family by the conditioner and by what joins the latent."""
    extra = config.unet.in_channels - config.unet.out_channels
    match config.conditioner:
        case (TextConfig(layout=layout),):
            base = "sd1" if layout == "clip" else "sd2"
            return base + {0: "", 1: "-depth", 3: "-upscaler", 4: "-edit", 5: "-inpaint"}.get(extra, "-concat")
        case TokenEncoderConfig():
            return "ldm-text"
        case ClassConfig():
            return "ldm-class"
        case SharedFirstStage():
            return "ldm-concat-inpaint"
        case RescalerConfig():
            return "ldm-concat-semantic"
    if config.conditioning_key == "concat":
        return "ldm-concat-upscale"
    return "ldm-unconditional" if config.conditioning_key is None else "ldm-retrieval"


def _codebook(params: Params) -> AutoencoderConfig:
    if "n_embed" not in params:
        raise WrongConfig("A VQ autoencoder needs n_embed, the size of its codebook.")
    return AutoencoderConfig.from_params(params)


def _open_clip(params: Params) -> tuple[TextConfig, ...]:
    arch = params.get("arch", "ViT-H-14")
    towers = {"ViT-H-14": OPENCLIP_H, "ViT-bigG-14": OPENCLIP_BIGG}
    if arch not in towers:
        raise WrongConfig(f"The OpenCLIP architecture {arch!r} is not known; expected {' or '.join(towers)}.")
    return (towers[arch],)


def _bert(params: Params) -> TokenEncoderConfig:
    _only(
        params,
        {"n_embed", "n_layer", "vocab_size", "max_seq_len", "device", "use_tokenizer", "embedding_dropout", "vocab"},
    )
    return TokenEncoderConfig(
        n_embed=params["n_embed"],
        n_layer=params["n_layer"],
        vocab_size=params.get("vocab_size", 30522),
        max_seq_len=params.get("max_seq_len", 77),
        embedding_dropout=params.get("embedding_dropout", 0.0),
    )


def _class_embedder(params: Params) -> ClassConfig:
    _only(params, {"embed_dim", "n_classes", "key"})
    return ClassConfig(params["embed_dim"], params.get("n_classes", 1000), params.get("key", "class"))


def _rescaler(params: Params) -> RescalerConfig:
    return RescalerConfig(**params)


def _clip(params: Params) -> tuple[TextConfig, ...]:
    """Return CLIP-L's tower; `text_config`, an addition of ours, changes its sizes."""
    _only(params, {"version", "device", "max_length", "freeze", "layer", "layer_idx", "text_config", "merges"})
    sizes = params.get("text_config") or {}
    return (replace(CLIP_L, **sizes),)


def _only(params: Params, known: set[str]) -> None:
    unknown = sorted(set(params) - known)
    if unknown:
        raise WrongConfig(f"A conditioner has no argument {', '.join(unknown)}; it knows {', '.join(sorted(known))}.")


def _expect(made: Instance, kind: type[T], what: str) -> T:
    if not isinstance(made, kind):
        raise WrongConfig(f"{what} names a {type(made).__name__}; expected a {kind.__name__.removesuffix('Config')}.")
    return made


TARGETS: dict[str, Callable[[Params], Instance]] = {
    "ldm.models.diffusion.ddpm.LatentDiffusion": _latent_diffusion,
    "ldm.models.diffusion.ddpm.LatentInpaintDiffusion": _variant("hybrid"),
    "ldm.models.diffusion.ddpm.LatentDepth2ImageDiffusion": _variant("hybrid"),
    "ldm.models.diffusion.ddpm.LatentUpscaleDiffusion": _variant("hybrid-adm"),
    "ldm.models.diffusion.ddpm_edit.LatentDiffusion": _variant("hybrid"),
    "sgm.models.diffusion.DiffusionEngine": _diffusion_engine,
    "ldm.modules.diffusionmodules.openaimodel.UNetModel": UNetConfig.from_params,
    "sgm.modules.diffusionmodules.openaimodel.UNetModel": UNetConfig.from_params,
    "ldm.models.autoencoder.AutoencoderKL": AutoencoderConfig.from_params,
    "ldm.models.autoencoder.VQModel": _codebook,
    "ldm.models.autoencoder.VQModelInterface": _codebook,
    "sgm.models.autoencoder.AutoencoderKL": AutoencoderConfig.from_params,
    "sgm.models.autoencoder.AutoencoderKLInferenceWrapper": AutoencoderConfig.from_params,
    "ldm.modules.encoders.modules.FrozenCLIPEmbedder": _clip,
    "ldm.modules.encoders.modules.FrozenOpenCLIPEmbedder": _open_clip,
    "ldm.modules.encoders.modules.BERTEmbedder": _bert,
    "ldm.modules.encoders.modules.TransformerEmbedder": _bert,
    "ldm.modules.encoders.modules.ClassEmbedder": _class_embedder,
    "ldm.modules.encoders.modules.SpatialRescaler": _rescaler,
    "sgm.modules.GeneralConditioner": _general_conditioner,
    "sgm.modules.encoders.modules.GeneralConditioner": _general_conditioner,
    "sgm.modules.encoders.modules.FrozenCLIPEmbedder": _clip,
    "sgm.modules.encoders.modules.FrozenOpenCLIPEmbedder": _open_clip,
    "sgm.modules.encoders.modules.FrozenOpenCLIPEmbedder2": lambda params: _open_clip(
        {"arch": "ViT-bigG-14", **params}
    ),
}
