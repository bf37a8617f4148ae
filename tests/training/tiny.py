"""Small pictures, data sets and models for the tests of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from ldm_nodes.training.pictures import Levels


def noise(width: int, height: int, seed: int = 0, channels: int = 3) -> Levels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def save(path: Path, levels: Levels) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(path)
    return path


def folder_of(root: Path, count: int, side: int = 8) -> Path:
    """Fill a folder with `count` pictures of two classes, each with a caption."""
    for number in range(count):
        path = save(root / ("cat", "dog")[number % 2] / f"{number:03}.png", noise(side, side, seed=number))
        path.with_suffix(".txt").write_text(f"picture {number}\n")
    return root
