"""`.latent` files: one safetensors tensor with the graph in the header, as ComfyUI's SaveLatent writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from .errors import UnreadableLatentError
from .saving import Saved, publish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from .naming import Series

TENSOR = "latent_tensor"
MARKER = "latent_format_version_0"
LEGACY_SCALE = 1 / 0.18215
"""Files without the marker hold latents multiplied by the SD v1 scale factor."""


def save_latent(samples: NDArray[Any], series: Series, texts: Mapping[str, str]) -> Saved:
    """Write an unscaled latent (B, C, h, w).

    Args:
        samples: what a LATENT wire carries.
        series: where, from `naming.start_series`.
        texts: from `metadata.describe`.

    Raises:
        CannotSaveError: if the file cannot be written.
    """
    tensors = {TENSOR: np.ascontiguousarray(samples, np.float32), MARKER: np.empty(0, np.float32)}
    return Saved(publish(save(tensors, dict(texts)), series, 0, ".latent"), series.subfolder)


def load_latent(path: Path) -> NDArray[np.float32]:
    """Read an unscaled latent, float32 (B, C, h, w).

    Raises:
        UnreadableLatentError: if the file is missing, damaged or holds no latent.
    """
    return open_latent(path)[0]


def open_latent(path: Path) -> tuple[NDArray[np.float32], dict[str, str]]:
    """Read a latent as `load_latent` does, and the texts that tell how it was made."""
    try:
        with safe_open(path, framework="numpy") as file:
            keys, texts = set(file.keys()), file.metadata() or {}
            samples = file.get_tensor(TENSOR) if TENSOR in keys else np.empty(0)
    except (OSError, SafetensorError, TypeError) as error:
        raise UnreadableLatentError(
            f"The latent {path.name!r} is missing, damaged or no latent file ({error})."
        ) from error
    if samples.ndim != 4:
        raise UnreadableLatentError(
            f"The file {path.name!r} holds no {TENSOR!r} of shape (batch, channels, height, width)."
        )
    return (samples * (1 if MARKER in keys else LEGACY_SCALE)).astype(np.float32), texts
