"""Textual inversion (arXiv 2208.01618): vectors that were learned for a word, kept in small files.

All of these are read, whatever the file's extension: AUTOMATIC1111's `.pt` (`string_to_param`) and `.safetensors`
(`emb_params`), diffusers' `learned_embeds` (one tensor under the word itself), and SDXL's pair (`clip_l`, `clip_g`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .checkpoint import read_tensors
from .errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from torch import Tensor

_EXTENSIONS = ("", ".safetensors", ".pt", ".bin")
_A1111 = "string_to_param."


def find_embedding(name: str, folders: Iterable[Path]) -> Path | None:
    """Return the file of the embedding `name`, which may name a sub-folder but cannot leave the folders by any link."""
    if not name:
        return None
    candidates = ((folder, Path(f"{folder / name}{extension}")) for folder in folders for extension in _EXTENSIONS)
    return next((path for folder, path in candidates if os.path.isfile(path) and _lies_in(folder, path)), None)


def _lies_in(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def read_embedding(path: Path, tower: str) -> Tensor:
    """Return the vectors of an embedding file, (n, D).

    Args:
        path: the file.
        tower: the tower that they are for, "l", "h" or "g"; matters only where a file has vectors for several.

    Raises:
        UnreadableFile: when the file is damaged, foreign, or holds no vectors.
        UnsafeFile: when it wants to run code.
    """
    vectors = _choose(read_tensors(path), f"clip_{tower}")
    if vectors.ndim not in (1, 2) or not vectors.is_floating_point():
        raise UnreadableFile(
            f"{path.name} holds a tensor of shape {list(vectors.shape)}; expected an embedding: one vector or a list."
        )
    return vectors if vectors.ndim == 2 else vectors[None]


def _choose(tensors: Mapping[str, Tensor], key: str) -> Tensor:
    learned = [name for name in tensors if name.startswith(_A1111)]
    return tensors[learned[0] if learned else key if key in tensors else next(iter(tensors))]
