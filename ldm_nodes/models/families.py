"""Which model a checkpoint is: a table over the names and shapes of its tensors; the first row that matches wins.

A family fixes what cannot be read off shapes: heads, prediction, scale factor, noise schedule, how conditions enter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from ..sampling.noise_schedule import NoiseSchedule
from .errors import UnknownFamily
from .model_config import LDM_BETAS, Betas, ClassConfig, ModelConfig, RescalerConfig, SharedFirstStage
from .shapes import autoencoder_config, clip_config, openclip_config, token_encoder_config, unet_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from .checkpoint import Checkpoint
    from .config import AutoencoderConfig, TextConfig, UNetConfig
    from .wrapper import ConditioningKey

UNET = "model.diffusion_model."
FIRST_STAGE = "first_stage_model."
CONDITIONER = "cond_stage_model."
SDXL_CONDITIONER = "conditioner.embedders."

# Above this spread of one bias, an SD 2 network predicts v rather than noise; the keys do not tell.
V_PREDICTION_SPREAD = 0.09


@dataclass(frozen=True)
class Format:
    """One row of the table: a name, how to tell it, how to read its configuration."""

    name: str
    matches: Callable[[Checkpoint], bool]
    config: Callable[[Checkpoint], ModelConfig]


def recognise(checkpoint: Checkpoint) -> ModelConfig:
    """Return the configuration of a complete model by its tensors.

    Raises:
        UnknownFamily: when no row matches; the message says what the file seems to hold instead.
    """
    for row in FORMATS:
        if UNET + "input_blocks.0.0.weight" in checkpoint and row.matches(checkpoint):
            return _with_marks(checkpoint, row.config(checkpoint))
    raise UnknownFamily(
        f"{checkpoint.path.name} is {contents(checkpoint)}; expected a complete latent diffusion model "
        f"({', '.join(row.name for row in FORMATS)})."
    )


def contents(checkpoint: Checkpoint) -> str:
    """Say in a few words what a checkpoint holds that is no complete model."""
    if UNET + "input_blocks.0.0.weight" in checkpoint:
        return f"a diffusion network whose context is {_context(checkpoint)} wide; put its YAML configuration beside it"
    for what, matches in _OTHER:
        if matches(checkpoint):
            return what
    first = next(iter(checkpoint.tensors))
    return f"a file of {len(checkpoint.tensors)} tensors that are not known here (the first is {first!r})"


def first_stage_part(checkpoint: Checkpoint) -> Checkpoint:
    """Return the autoencoder of a complete model, or of a file of its own.

    Raises:
        UnknownFamily: when there is none.
    """
    if checkpoint.has(FIRST_STAGE):
        return checkpoint.under(FIRST_STAGE)
    if "decoder.conv_in.weight" in checkpoint:
        return checkpoint
    raise UnknownFamily(f"{checkpoint.path.name} is {contents(checkpoint)}; expected an autoencoder (VAE).")


def schedule_of(checkpoint: Checkpoint, config: ModelConfig) -> NoiseSchedule:
    """Return the noise schedule: the family's in full precision; the file's where its betas differ."""
    schedule = config.betas.schedule()
    if "betas" in checkpoint:
        stored = checkpoint.tensor("betas", torch.float64)
        if len(stored) != len(schedule) or not torch.allclose(stored, schedule.betas.double(), rtol=1e-5, atol=0):
            schedule = NoiseSchedule.from_betas(stored.tolist())
    return schedule.with_zero_terminal_snr() if config.zero_terminal_snr else schedule


def _with_marks(checkpoint: Checkpoint, config: ModelConfig) -> ModelConfig:
    """Apply what a file states about itself: a stored scale factor, and the marks of fine-tuned SDXL models."""
    if config.scale_by_std and "scale_factor" in checkpoint:
        config = replace(config, scale_factor=float(checkpoint.tensor("scale_factor")))
    if "v_pred" in checkpoint or checkpoint.metadata.get("modelspec.prediction_type") == "v":
        config = replace(config, prediction="v")
    return replace(config, zero_terminal_snr="ztsnr" in checkpoint)


# What the rows read.


def _unet(checkpoint: Checkpoint, *, num_heads: int = -1, num_head_channels: int = -1) -> UNetConfig:
    return unet_config(checkpoint.under(UNET), num_heads=num_heads, num_head_channels=num_head_channels)


def _first_stage(checkpoint: Checkpoint) -> AutoencoderConfig | None:
    return autoencoder_config(checkpoint.under(FIRST_STAGE)) if checkpoint.has(FIRST_STAGE) else None


def _clip(checkpoint: Checkpoint, prefix: str) -> tuple[TextConfig, ...]:
    return (clip_config(checkpoint.under(prefix)),) if checkpoint.has(prefix + "text_model.") else ()


def _open_clip(checkpoint: Checkpoint, prefix: str) -> tuple[TextConfig, ...]:
    return (openclip_config(checkpoint.under(prefix)),) if checkpoint.has(prefix + "transformer.") else ()


def _channels(checkpoint: Checkpoint) -> int:
    return checkpoint.shape(UNET + "input_blocks.0.0.weight")[1]


def _context(checkpoint: Checkpoint) -> int:
    """Return the width of the context, or 0."""
    shape = checkpoint.shape(UNET + "middle_block.1.transformer_blocks.0.attn2.to_k.weight")
    return shape[1] if shape else 0


def _is_linear(checkpoint: Checkpoint) -> bool:
    """Tell whether transformers project by linear layers: SD 2 and SDXL."""
    return len(checkpoint.shape(UNET + "middle_block.1.proj_in.weight")) == 2


def _vector(checkpoint: Checkpoint) -> int:
    """Return the width of the class vector, or 0."""
    shape = checkpoint.shape(UNET + "label_emb.0.0.weight")
    return shape[1] if shape else 0


def _spread(checkpoint: Checkpoint) -> float:
    key = UNET + "output_blocks.11.1.transformer_blocks.0.norm1.bias"
    return float(checkpoint.tensor(key, torch.float32).std(correction=0)) if key in checkpoint else 0.0


# One function per row.


def _sd1(checkpoint: Checkpoint) -> ModelConfig:
    variant = {4: "", 8: "-edit", 9: "-inpaint"}.get(_channels(checkpoint), "-concat")
    return ModelConfig(
        "sd1" + variant,
        _unet(checkpoint, num_heads=8),
        _first_stage(checkpoint),
        _clip(checkpoint, CONDITIONER + "transformer."),
        "hybrid" if variant else "crossattn",
        scale_factor=0.18215,
    )


def _sd2(checkpoint: Checkpoint) -> ModelConfig:
    variant = {4: "", 5: "-depth", 9: "-inpaint"}.get(_channels(checkpoint), "-concat")
    key: ConditioningKey = "hybrid" if variant else "crossattn"
    if _vector(checkpoint):
        variant, key = "-unclip", "crossattn-adm"
    return ModelConfig(
        "sd2" + variant,
        _unet(checkpoint, num_head_channels=64),
        _first_stage(checkpoint),
        _open_clip(checkpoint, CONDITIONER + "model."),
        key,
        prediction="v" if not variant and _spread(checkpoint) > V_PREDICTION_SPREAD else "eps",
        scale_factor=0.18215,
    )


def _upscaler(checkpoint: Checkpoint) -> ModelConfig:
    return ModelConfig(
        "sd2-upscaler",
        _unet(checkpoint, num_heads=8),
        _first_stage(checkpoint),
        _open_clip(checkpoint, CONDITIONER + "model."),
        "hybrid-adm",
        prediction="v",
        scale_factor=0.08333,
        betas=Betas(),
    )


def _sdxl(checkpoint: Checkpoint) -> ModelConfig:
    variant = {4: "", 8: "-edit", 9: "-inpaint"}.get(_channels(checkpoint), "-concat")
    towers = (
        *_clip(checkpoint, SDXL_CONDITIONER + "0.transformer."),
        *_open_clip(checkpoint, SDXL_CONDITIONER + "1.model."),
    )
    return ModelConfig(
        "sdxl" + variant,
        _unet(checkpoint, num_head_channels=64),
        _first_stage(checkpoint),
        towers,
        "hybrid-adm" if variant else "crossattn-adm",
        scale_factor=0.13025,
    )


def _refiner(checkpoint: Checkpoint) -> ModelConfig:
    return ModelConfig(
        "sdxl-refiner",
        _unet(checkpoint, num_head_channels=64),
        _first_stage(checkpoint),
        _open_clip(checkpoint, SDXL_CONDITIONER + "0.model."),
        "crossattn-adm",
        scale_factor=0.13025,
    )


def _ldm_text(checkpoint: Checkpoint) -> ModelConfig:
    encoder = token_encoder_config(checkpoint.under(CONDITIONER + "transformer."))
    first_stage = _first_stage(checkpoint)
    if encoder.n_embed == 1280:
        unet = _unet(checkpoint, num_heads=8)
        return ModelConfig("ldm-text", unet, first_stage, encoder, "crossattn", scale_factor=0.18215)
    betas = replace(LDM_BETAS, end=0.0205) if encoder.vocab_size == 8192 else LDM_BETAS
    unet = _unet(checkpoint, num_head_channels=32)
    return ModelConfig("ldm-text", unet, first_stage, encoder, "crossattn", betas=betas)


def _ldm_class(checkpoint: Checkpoint) -> ModelConfig:
    classes, width = checkpoint.shape(CONDITIONER + "embedding.weight")
    # The guided ImageNet model, with a class for "none", has one head; the one before it had 32-wide heads.
    guided = classes == 1001
    unet = _unet(checkpoint, num_heads=1) if guided else _unet(checkpoint, num_head_channels=32)
    embedder = ClassConfig(width, classes)
    return ModelConfig("ldm-class", unet, _first_stage(checkpoint), embedder, "crossattn", betas=LDM_BETAS)


def _ldm_concat(checkpoint: Checkpoint) -> ModelConfig:
    first_stage = _first_stage(checkpoint)
    mapper = checkpoint.shape(CONDITIONER + "channel_mapper.weight")
    betas = replace(LDM_BETAS, end=0.0205)
    if _channels(checkpoint) == 7:
        unet = _unet(checkpoint, num_heads=8)
        return ModelConfig("ldm-concat-inpaint", unet, first_stage, SharedFirstStage(), "concat", betas=betas)
    if mapper:
        unet, rescaler = (
            _unet(checkpoint, num_heads=8),
            RescalerConfig(2, in_channels=mapper[1], out_channels=mapper[0]),
        )
        return ModelConfig("ldm-concat-semantic", unet, first_stage, rescaler, "concat", betas=betas)
    unet, betas = _unet(checkpoint, num_head_channels=32), replace(LDM_BETAS, end=0.0155)
    return ModelConfig("ldm-concat-upscale", unet, first_stage, None, "concat", betas=betas)


def _rdm(checkpoint: Checkpoint) -> ModelConfig:
    return ModelConfig(
        "ldm-retrieval",
        _unet(checkpoint, num_head_channels=32),
        _first_stage(checkpoint),
        None,
        "crossattn",
        scale_factor=0.22765929,
        betas=replace(LDM_BETAS, end=0.015),
    )


def _unconditional(checkpoint: Checkpoint) -> ModelConfig:
    first_stage = _first_stage(checkpoint)
    if "scale_factor" in checkpoint:  # the KL model, whose scale was measured
        unet, betas = _unet(checkpoint, num_heads=8), replace(LDM_BETAS, end=0.0155)
        return ModelConfig("ldm-unconditional", unet, first_stage, None, None, betas=betas, scale_by_std=True)
    unet = _unet(checkpoint, num_head_channels=32)
    return ModelConfig("ldm-unconditional", unet, first_stage, None, None, betas=LDM_BETAS)


FORMATS: tuple[Format, ...] = (
    Format(
        "sdxl-refiner",
        lambda c: _is_linear(c) and (_vector(c) == 2560 or c.has(SDXL_CONDITIONER + "0.model.")),
        _refiner,
    ),
    Format(
        "sdxl",
        lambda c: _is_linear(c) and (_vector(c) == 2816 or c.has(SDXL_CONDITIONER + "1.model.")),
        _sdxl,
    ),
    Format("sd2-upscaler", lambda c: _is_linear(c) and UNET + "label_emb.weight" in c, _upscaler),
    Format("sd2", lambda c: _is_linear(c) and (_context(c) == 1024 or c.has(CONDITIONER + "model.")), _sd2),
    Format("ldm-text", lambda c: CONDITIONER + "transformer.token_emb.weight" in c, _ldm_text),
    Format("ldm-class", lambda c: CONDITIONER + "embedding.weight" in c, _ldm_class),
    Format("ldm-retrieval", lambda c: _context(c) == 768 and _channels(c) == 16, _rdm),
    Format("sd1", lambda c: _context(c) == 768 or c.has(CONDITIONER + "transformer.text_model."), _sd1),
    Format("ldm-concat", lambda c: not _context(c) and _channels(c) in (6, 7), _ldm_concat),
    Format("ldm-unconditional", lambda c: not _context(c), _unconditional),
)

_DIT = ("double_blocks.", "joint_blocks.", "transformer_blocks.0.attn.to_q")
_OTHER: tuple[tuple[str, Callable[[Checkpoint], bool]], ...] = (
    ("a LoRA", lambda c: any("lora" in key.lower() or key.endswith(".alpha") for key in c.tensors)),
    ("a ControlNet", lambda c: c.has("control_model.") or c.has("controlnet_")),
    ("an autoencoder (VAE) alone", lambda c: "decoder.conv_in.weight" in c),
    ("a text encoder alone", lambda c: c.has("text_model.")),
    ("one network of a diffusers folder", lambda c: c.has("down_blocks.") or c.has("encoder.down_blocks.")),
    ("a model of another kind (FLUX or the like)", lambda c: any(mark in key for key in c.tensors for mark in _DIT)),
    ("an upscaling network", lambda c: c.has("conv_first.") or c.has("model.0.weight") or c.has("params_ema.")),
    ("a textual inversion", lambda c: len(c.tensors) <= 4 and all(len(t.shape) <= 2 for t in c.tensors.values())),
)
