"""Nodes that write models to files under the names of published checkpoints, with everything that changes them.

A file is complete or absent and never replaces another. It tells how it was made as far as the metadata level allows.
What lay beside the file that a part came from, because it cannot be read off the weights, lies beside the new one too.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import String
from ..engine.spec import NodeOutput, node
from ..settings import FileNotInFolder
from .autoencoder import loaded
from .runtime import Runtime
from .saving import made_by
from .sockets import Clip, Model, Vae

if TYPE_CHECKING:
    from torch import Tensor

    from ..imaging.naming import Series

CATEGORY = "advanced/model_merging"
Prefix = Annotated[str, String()]
OF_TEXT = (".text_config.json", ".merges.txt")


@node("CheckpointSave", category=CATEGORY, display_name="Save Checkpoint", output=True)
def checkpoint_save(
    model: Model,
    clip: Clip,
    vae: Vae,
    *,
    filename_prefix: Prefix = "checkpoints/ComfyUI",
    context: Context[Runtime],
) -> NodeOutput[None]:
    """Save a complete model, merges and LoRAs computed into its weights, where Load Checkpoint finds it.

    Args:
        model: the diffusion model.
        clip: its text encoder.
        vae: its autoencoder.
        filename_prefix: folder and name below the output folder, before the number.
    """
    from ..models.model_file import checkpoint_tensors, model_texts

    series = _series(context, filename_prefix)
    texts = model_texts(model, series.stem) | made_by(context)
    path = _written(checkpoint_tensors(model, clip, vae), series, texts)
    _copy_beside(context, "checkpoints", model.file, path, (".yaml",))
    if clip is not None:
        _copy_beside(context, "checkpoints", clip.origin.file, path, OF_TEXT)
    return _shown(path, series)


@node("ModelSave", category=CATEGORY, output=True)
def model_save(
    model: Model, *, filename_prefix: Prefix = "diffusion_models/ComfyUI", context: Context[Runtime]
) -> NodeOutput[None]:
    """Save the diffusion model alone, where Load Diffusion Model finds it.

    Args:
        model: the diffusion model.
        filename_prefix: folder and name below the output folder, before the number.
    """
    from ..models.model_file import model_tensors, model_texts

    series = _series(context, filename_prefix)
    return _shown(_written(model_tensors(model), series, model_texts(model, series.stem) | made_by(context)), series)


@node("CLIPSave", category=CATEGORY, output=True)
def clip_save(clip: Clip, *, filename_prefix: Prefix = "clip/ComfyUI", context: Context[Runtime]) -> NodeOutput[None]:
    """Save each tower of a text encoder in a file of its own, where Load CLIP finds it.

    Args:
        clip: the text encoder.
        filename_prefix: folder and name below the output folder; the tower's name and the number follow.
    """
    from ..models.model_file import tower_tensors
    from ..models.text_encoder import TextEncoder

    if not isinstance(clip, TextEncoder):
        remedy = "Save the whole model with Save Checkpoint."
        raise InputError("clip", received="no CLIP text encoder", expected="one", remedy=remedy)
    shown = []
    for reader in clip.readers:
        series = _series(context, f"{filename_prefix}_clip_{reader.name}")
        path = _written(tower_tensors(reader), series, made_by(context))
        if reader is clip.readers[0]:
            for kind in ("checkpoints", "text_encoders"):
                _copy_beside(context, kind, clip.origin.file, path, OF_TEXT)
        shown += _shown(path, series).ui["text"]
    return NodeOutput(None, {"text": shown})


@node("VAESave", category=CATEGORY, output=True)
def vae_save(vae: Vae, *, filename_prefix: Prefix = "vae/ComfyUI_vae", context: Context[Runtime]) -> NodeOutput[None]:
    """Save an autoencoder, where Load VAE finds it.

    Args:
        vae: the autoencoder.
        filename_prefix: folder and name below the output folder, before the number.
    """
    from ..models.model_file import first_stage_tensors

    series = _series(context, filename_prefix)
    return _shown(_written(first_stage_tensors(loaded(vae)), series, made_by(context)), series)


def _series(context: Context[Runtime], prefix: str) -> Series:
    from ..imaging.naming import start_series

    return start_series(context.runtime.folders.output, prefix)


def _written(tensors: dict[str, Tensor], series: Series, texts: dict[str, str]) -> Path:
    from safetensors.torch import save_file

    from ..imaging.saving import publish_by

    return publish_by(lambda path: save_file(tensors, path, {"format": "pt", **texts}), series, 0, ".safetensors")


def _copy_beside(context: Context[Runtime], kind: str, name: str, path: Path, endings: tuple[str, ...]) -> None:
    """Copy what lies beside the file that a part came from; nothing where nobody knows that file."""
    try:
        source = context.runtime.folders.find(kind, name) if name else None
    except FileNotInFolder:
        source = None
    for ending in endings if source else ():
        companion = source.with_name(source.stem + ending) if source else Path()
        if companion.is_file():
            shutil.copyfile(companion, path.with_name(path.stem + ending))


def _shown(path: Path, series: Series) -> NodeOutput[Any]:
    name = Path(series.subfolder, path.name).as_posix()
    return NodeOutput(None, {"text": [f"saved {name} ({path.stat().st_size / 1e6:.1f} MB)"]})
