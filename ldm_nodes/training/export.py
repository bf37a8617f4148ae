"""From the checkpoint of a run to a file to use and to share: without averages, discriminator and optimiser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import save_file

from ..models.checkpoint import open_checkpoint
from ..models.families import UNET
from .atomic import write_file, write_text
from .errors import CheckpointError
from .state import CONFIG, MODEL
from .task import AVERAGE
from .yaml_tree import read_tree

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.checkpoint import Checkpoint

ONLY_TRAINING = (AVERAGE, "loss.", "logvar")


def is_complete(checkpoint: Path) -> bool:
    """Tell whether the checkpoint of a run holds a diffusion model, and not an autoencoder alone."""
    return open_checkpoint(checkpoint / MODEL).has(UNET)


def export(checkpoint: Path, destination: Path, dtype: torch.dtype = torch.float16) -> Path:
    """Write the weights that sampling uses, and what must lie beside them, and return the file.

    Args:
        checkpoint: the folder of a checkpoint, `step-…`.
        destination: the file; what lies beside it is named after it.
        dtype: of matrices and kernels. Vectors stay float32: they are few, and the schedule needs its digits.

    Raises:
        CheckpointError: it cannot be written.
        ModelError: the checkpoint cannot be read.
    """
    stored, tree = open_checkpoint(checkpoint / MODEL), read_tree(checkpoint / CONFIG)
    params: dict[str, Any] = tree["model"]["params"]
    if stored.has_ema and params.get("use_ema"):
        stored = stored.with_ema()
    if "use_ema" in params:
        params["use_ema"] = False
    tensors = _used(stored, dtype)
    about = {"format": "pt", "global_step": str(stored.global_step or 0)}
    try:
        for vocabulary in checkpoint.glob("model.*.txt"):
            shutil.copyfile(vocabulary, destination.with_name(destination.stem + vocabulary.name.removeprefix("model")))
        write_text(destination.with_suffix(".yaml"), yaml.safe_dump(tree, sort_keys=False))
        write_file(destination, lambda partial: save_file(tensors, partial, about))
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CheckpointError(f"The model cannot be saved as {destination.name}: {reason}.") from error
    return destination


def _used(stored: Checkpoint, dtype: torch.dtype) -> dict[str, Tensor]:
    names = [name for name in stored.tensors if not name.startswith(ONLY_TRAINING)]
    loaded = {name: stored.tensor(name) for name in names}
    return {name: _halved(tensor, dtype) for name, tensor in loaded.items()}


def _halved(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return tensor.to(dtype).contiguous() if tensor.is_floating_point() and tensor.dim() > 1 else tensor.contiguous()
