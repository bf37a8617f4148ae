"""Text towers in files of their own: what CLIPLoader and DualCLIPLoader read.

Such files hold one tower, under the names of Hugging Face or of open_clip, with or without a prefix.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeVar

from .checkpoint import Checkpoint, open_checkpoint
from .config import CLIP_L, OPENCLIP_BIGG, OPENCLIP_H, TextConfig
from .errors import UnknownFamily
from .families import contents
from .kinds import Origin
from .loader import with_text_sizes
from .shapes import clip_config, openclip_config
from .text import TextTower, build_text_tower
from .text_encoder import TextEncoder, build_text_encoder
from .weights import load_weights, without_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from .devices import Compute

T = TypeVar("T")
TowerName = Literal["l", "h", "g"]
ALONE: dict[TowerName, str] = {"l": "sd1", "h": "sd2", "g": "sdxl_refiner"}
"""The family whose only tower it is."""
_HUGGING_FACE, _OPEN_CLIP = "final_layer_norm.weight", "ln_final.weight"


def read_tower(path: Path) -> tuple[TextConfig, Checkpoint]:
    """Return what a text tower's file holds, its tensors named as `build_text_tower` names them.

    Raises:
        UnknownFamily: when it holds no CLIP text tower, or several.
    """
    checkpoint = open_checkpoint(path)
    for ending, first, read in (
        (_HUGGING_FACE, "embeddings.token_embedding.weight", _hugging_face),
        (_OPEN_CLIP, "token_embedding.weight", _open_clip),
    ):
        found = [name.removesuffix(ending) for name in checkpoint.tensors if name.endswith(ending)]
        towers = [prefix for prefix in found if prefix + first in checkpoint]
        if len(towers) > 1:
            raise UnknownFamily(f"{path.name} holds {len(towers)} text towers; load it with CheckpointLoaderSimple.")
        if towers:
            config, part = read(checkpoint, towers[0])
            return with_text_sizes(path, (config,))[0], part
    raise UnknownFamily(f"{path.name} is {contents(checkpoint)}; expected a text tower of CLIP.")


def _hugging_face(checkpoint: Checkpoint, prefix: str) -> tuple[TextConfig, Checkpoint]:
    outer, name = prefix.removesuffix("text_model."), "text_projection.weight"
    tensors = {f"text_model.{key}": tensor for key, tensor in checkpoint.under(prefix).tensors.items() if key != name}
    if outer + name in checkpoint:
        tensors[name] = checkpoint.tensors[outer + name]
    part = replace(checkpoint, tensors=tensors)
    config = clip_config(part)
    if config.hidden_size in (OPENCLIP_H.hidden_size, OPENCLIP_BIGG.hidden_size):  # which OpenAI's never are
        config = replace(config, activation="gelu", pad_token=0)
    return config, part


def _open_clip(checkpoint: Checkpoint, prefix: str) -> tuple[TextConfig, Checkpoint]:
    part = checkpoint.under(prefix)
    return openclip_config(part), part


def tower_name(config: TextConfig) -> TowerName:
    """Tell which of Stable Diffusion's towers one is: CLIP-L, OpenCLIP-H or OpenCLIP-bigG."""
    if config.hidden_size == OPENCLIP_BIGG.hidden_size:
        return "g"
    return "l" if config.layout == CLIP_L.layout and config.activation == CLIP_L.activation else "h"


def family_of(configs: Sequence[TextConfig]) -> str:
    """Return the family whose text encoder these towers make, by the names of `build_text_encoder`.

    Raises:
        UnknownFamily: when two towers are not CLIP-L and another one.
    """
    names = [tower_name(config) for config in configs]
    if len(names) == 1:
        return ALONE[names[0]]
    if sum(name == "l" for name in names) != 1 or len(names) != len({"l", "other"}):
        found = " and ".join(f"CLIP-{name}" for name in names)
        raise UnknownFamily(f"The files hold {found}; SDXL's text encoder is one CLIP-L and one OpenCLIP-bigG.")
    return "sdxl"


def in_order(towers: Iterable[T], config: Callable[[T], TextConfig]) -> list[T]:
    """Return towers in the order of their family: CLIP-L comes first.

    Args:
        towers: in any order.
        config: returns the sizes of one.
    """
    return sorted(towers, key=lambda tower: tower_name(config(tower)) != "l")


def load_text_encoder(paths: Sequence[Path], compute: Compute, embeddings: Sequence[Path] = ()) -> TextEncoder:
    """Load one text tower, or SDXL's two in any order.

    Args:
        paths: the files.
        compute: where and in which number type the towers run.
        embeddings: folders of learned embeddings, for prompts.

    Raises:
        ModelError: when a file is unreadable or no such tower.
    """
    read = [read_tower(path) for path in paths]
    configs = [config for config, _ in read]
    family = family_of(configs)
    towers = [_filled(*one, compute) for one in in_order(read, lambda one: one[0])]
    encoder = build_text_encoder(family, towers, embeddings)
    encoder = replace(encoder, origin=Origin(family.replace("_", "-")))
    if family == "sd2" and configs[0].layout == "clip" and configs[0].layers < OPENCLIP_H.layers:
        # diffusers leaves the last block out, so that the last one here is the last but one of the original.
        return encoder.with_layer(-1)
    return encoder


def _filled(config: TextConfig, part: Checkpoint, compute: Compute) -> TextTower:
    with without_memory():
        tower = build_text_tower(config)
    load_weights(tower, part, compute)
    return tower
