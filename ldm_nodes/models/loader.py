"""From a file to a working model: recognise, build without memory, fill, wrap for the wires.

Beside a checkpoint `name.safetensors` may lie `name.yaml`, the configuration of the original code, and
`name.text_config.json`, sizes of the text tower as Hugging Face writes them. Both win over what shapes suggest. A
`name.merges.txt` is the vocabulary of a text tower that was not trained with CLIP's (`tokenizer.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import torch

from .autoencoder import Autoencoder
from .checkpoint import Checkpoint, open_checkpoint
from .class_encoder import ClassEncoder, TokenTextEncoder
from .conditioners import BERTEmbedder, ClassEmbedder
from .config import TextConfig, TokenEncoderConfig
from .diffusion_model import DiffusionModel
from .errors import UnknownFamily, WrongConfig, reason
from .families import CONDITIONER, FIRST_STAGE, UNET, first_stage_part, recognise, schedule_of
from .first_stage import FirstStage
from .instantiate import read_yaml
from .kinds import Origin
from .latent_diffusion import LatentDiffusion, build_first_stage
from .model_config import ClassConfig, ModelConfig, RescalerConfig, SharedFirstStage
from .packing import pack
from .shapes import autoencoder_config
from .unet import UNetModel
from .unet_file import diffusion_part
from .weights import load_weights, size_in_bytes, unused, without_memory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import nn

    from .devices import Compute
    from .text_encoder import TextEncoder

Notice = Callable[[str], None]


@dataclass(frozen=True)
class LoadedCheckpoint:
    """The parts of a checkpoint, ready for the wires.

    Attributes:
        module: the whole model under the original names; the parts share its weights.
        model: the value on the MODEL wire.
        conditioner: the value on the CLIP wire, or None where the file has none.
        first_stage: the value on the VAE wire, or None.
        config: the family and its settings.
        global_step: how long it was trained, where the file says so.
    """

    module: LatentDiffusion
    model: DiffusionModel
    conditioner: TextEncoder | ClassEncoder | TokenTextEncoder | None
    first_stage: FirstStage | None
    config: ModelConfig
    global_step: int | None = None

    def named(self, file: str) -> Self:
        """Return the same parts, which know that a graph calls their file `file`."""
        origin = Origin(self.config.family, file)
        conditioner, stage = self.conditioner, self.first_stage
        if conditioner is not None:
            conditioner = replace(conditioner, origin=origin)
        if stage is not None:
            stage = replace(stage, origin=origin, scale_factor=self.config.scale_factor)
        return replace(self, model=replace(self.model, file=file), conditioner=conditioner, first_stage=stage)

    @property
    def nbytes(self) -> int:
        """Memory that the weights take."""
        return size_in_bytes(self.module)


def _ignore(_: str) -> None:
    """Take a notice that nobody asked for."""


def load_checkpoint(
    path: Path,
    compute: Compute,
    *,
    ema: bool | None = None,
    packed: bool = True,
    embeddings: Sequence[Path] = (),
    notice: Notice = _ignore,
) -> LoadedCheckpoint:
    """Load a complete model.

    Args:
        path: the file; its contents decide what it is.
        compute: where and in which number type the networks run.
        ema: whether to take the averaged weights; None takes them where a configuration beside the file says that the
            original code would, and the file has them.
        packed: whether layers on a CPU keep their weights in the processor's own layout, which is faster; to read,
            patch or train them, leave it out.
        embeddings: folders of learned embeddings, for prompts.
        notice: is told about tensors of the file that no part of the model took.

    Raises:
        ModelError: when the file is unreadable, unsafe, of no known family, or does not fit its configuration.
    """
    return load_opened(open_checkpoint(path), compute, ema, packed, embeddings, notice)


def load_opened(
    checkpoint: Checkpoint,
    compute: Compute,
    ema: bool | None = None,
    packed: bool = True,
    embeddings: Sequence[Path] = (),
    notice: Notice = _ignore,
) -> LoadedCheckpoint:
    """Load the model in a file that has been opened; see `load_checkpoint`."""
    config = read_config(checkpoint)
    if config.use_ema and checkpoint.has_ema if ema is None else ema:
        checkpoint = checkpoint.with_ema()
    schedule = schedule_of(checkpoint, config)
    with without_memory():
        module = LatentDiffusion(config, schedule)
    used: set[str] = set()
    for prefix, part in _parts(module):
        used.update(prefix + name for name in part.state_dict())
        load_weights(part, checkpoint.under(prefix), compute, prefix)
        finish(part, compute, packed)
    module.eval()
    _tell_unused(checkpoint, used, notice)
    return replace(wrap(module, compute, checkpoint.path, embeddings), global_step=checkpoint.global_step)


def load_diffusion_model(
    path: Path, compute: Compute, *, stored: torch.dtype | None = None, notice: Notice = _ignore
) -> DiffusionModel:
    """Load a denoising network from a file of its own, or from a complete model.

    Args:
        path: the file.
        compute: where and in which number type the network runs.
        stored: a narrower number type that the weights pass through, as if they had been stored in it.
        notice: as for `load_checkpoint`.

    Raises:
        ModelError: as `load_checkpoint`.
    """
    checkpoint = diffusion_part(open_checkpoint(path))
    if stored is not None:
        checkpoint = checkpoint.through(stored)
    return load_opened(checkpoint, compute, notice=notice).model


def load_first_stage(path: Path, compute: Compute, *, notice: Notice = _ignore) -> FirstStage:
    """Load an autoencoder from a file of its own, or from a complete model.

    Raises:
        ModelError: as `load_checkpoint`.
    """
    checkpoint = open_checkpoint(path)
    part = first_stage_part(checkpoint)
    config = _beside(path, ".yaml")
    described = read_yaml(config) if config else None
    if isinstance(described, ModelConfig):
        described = described.first_stage
    with without_memory():
        model = build_first_stage(described or autoencoder_config(part))
    assert model is not None  # a configuration was given
    used = set(model.state_dict())
    load_weights(model, part, compute, FIRST_STAGE if checkpoint.has(FIRST_STAGE) else "")
    finish(model, compute, packed=True)
    _tell_unused(part, used, notice)
    return FirstStage(model, compute, path=path)


def finish(part: nn.Module, compute: Compute, packed: bool) -> None:
    """Bring a filled network into the layouts that its device computes from fastest."""
    if compute.device.type == "cpu" and isinstance(part, UNetModel | Autoencoder):
        part.memory_format = torch.channels_last
        if packed:
            pack(part)


def read_config(checkpoint: Checkpoint) -> ModelConfig:
    """Return what a checkpoint is, by the YAML beside it or by its shapes."""
    beside = _beside(checkpoint.path, ".yaml")
    if beside is None:
        return _with_text_sizes(checkpoint, recognise(checkpoint))
    config = read_yaml(beside)
    if not isinstance(config, ModelConfig):
        raise UnknownFamily(f"{beside.name} describes an autoencoder; load {checkpoint.path.name} with VAELoader.")
    if "scale_factor" in checkpoint:
        config = replace(config, scale_factor=float(checkpoint.tensor("scale_factor")))
    return _with_text_sizes(checkpoint, _without_absent_parts(checkpoint, config))


def _without_absent_parts(checkpoint: Checkpoint, config: ModelConfig) -> ModelConfig:
    """Leave out the autoencoder or the conditioner where the file has nothing of it: others' files may bring them."""
    first_stage = config.first_stage if checkpoint.has(FIRST_STAGE) else None
    match config.conditioner:
        case RescalerConfig(out_channels=None):  # has no weights
            has_conditioner = True
        case SharedFirstStage():
            has_conditioner = first_stage is not None
        case _:
            has_conditioner = checkpoint.has(_conditioner_prefix(config))
    return replace(config, first_stage=first_stage, conditioner=config.conditioner if has_conditioner else None)


def _conditioner_prefix(config: ModelConfig) -> str:
    return "conditioner." if config.is_sdxl else CONDITIONER


def _with_text_sizes(checkpoint: Checkpoint, config: ModelConfig) -> ModelConfig:
    if not isinstance(config.conditioner, tuple) or not config.conditioner:
        return config
    return replace(config, conditioner=with_text_sizes(checkpoint.path, config.conditioner))


def with_text_sizes(path: Path, towers: tuple[TextConfig, ...]) -> tuple[TextConfig, ...]:
    """Apply to the first tower what lies beside its file: sizes, as Hugging Face names them, and a vocabulary."""
    beside = _beside(path, ".text_config.json")
    first = towers[0] if beside is None else _read_sizes(towers[0], beside)
    merges = _beside(path, ".merges.txt")
    return (replace(first, merges=merges or first.merges), *towers[1:])


def _read_sizes(base: TextConfig, beside: Path) -> TextConfig:
    try:
        return _text_config(base, json.loads(beside.read_text("utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise WrongConfig(f"{beside.name} holds no sizes of a text tower ({reason(error)}).") from error


def _text_config(base: TextConfig, sizes: dict[str, Any]) -> TextConfig:
    return replace(
        base,
        hidden_size=sizes.get("hidden_size", base.hidden_size),
        layers=sizes.get("num_hidden_layers", base.layers),
        heads=sizes.get("num_attention_heads", base.heads),
        intermediate=sizes.get("intermediate_size", base.intermediate),
        activation=sizes.get("hidden_act", base.activation),
        vocab_size=sizes.get("vocab_size", base.vocab_size),
        pad_token=sizes.get("pad_token_id", base.pad_token),
        max_length=sizes.get("max_position_embeddings", base.max_length),
    )


def _parts(module: LatentDiffusion) -> list[tuple[str, nn.Module]]:
    """Return the parts that a checkpoint fills, with the prefixes of their names."""
    conditioner = None if isinstance(module.config.conditioner, SharedFirstStage) else module.encoder
    parts = (
        (UNET, module.model.diffusion_model),
        (FIRST_STAGE, module.first_stage_model),
        (_conditioner_prefix(module.config), conditioner),
    )
    return [(prefix, part) for prefix, part in parts if part is not None]


def wrap(module: LatentDiffusion, compute: Compute, path: Path, embeddings: Sequence[Path]) -> LoadedCheckpoint:
    """Return the parts of a filled model for the wires."""
    first_stage = None if module.first_stage_model is None else FirstStage(module.first_stage_model, compute, path=path)
    model = DiffusionModel(
        network=module.model,
        config=module.config,
        noise_schedule=module.schedule,
        compute=compute,
        codebook=first_stage.codebook if first_stage else None,
        first_stage=first_stage,
    )
    conditioner = _conditioner(module, path, embeddings)
    return LoadedCheckpoint(module, model, conditioner, first_stage, module.config).named(path.name)


def _conditioner(
    module: LatentDiffusion, path: Path, embeddings: Sequence[Path]
) -> TextEncoder | ClassEncoder | TokenTextEncoder | None:
    match module.config.conditioner, module.encoder:
        case ClassConfig(), ClassEmbedder() as embedder:
            return ClassEncoder(embedder)
        case TokenEncoderConfig(), BERTEmbedder() as embedder:
            embedder.vocab = path.with_name("vocab.txt")
            return TokenTextEncoder(embedder)
        case tuple() as towers, _ if towers:
            return module.text_encoder(embeddings)
    return None


def _tell_unused(checkpoint: Checkpoint, used: set[str], notice: Notice) -> None:
    if left := unused(checkpoint, used):
        more = f" and {len(left) - 1} more tensors" if len(left) > 1 else ""
        notice(f"{checkpoint.path.name} also holds {left[0]}{more}, which no part of this model has; not used.")


def _beside(path: Path, ending: str) -> Path | None:
    """Return the companion of a checkpoint, if it exists."""
    companion = path.with_name(path.stem + ending)
    return companion if companion.is_file() else None


def companions(path: Path) -> list[Path]:
    """Return the files beside a checkpoint that change how it is read."""
    found = (_beside(path, ending) for ending in (".yaml", ".text_config.json", ".merges.txt"))
    return [companion for companion in found if companion is not None]
