"""Moving pictures: frames, rhythm and what they tell of their making, read back by Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from ldm_nodes.imaging import metadata
from ldm_nodes.imaging.animation import save_animation
from ldm_nodes.imaging.errors import CannotSaveError, NotAPictureError
from ldm_nodes.imaging.naming import start_series
from ldm_nodes.imaging.saving import Encoding, Kind

FRAMES = [np.full((4, 6, 3), level, np.float32) for level in (0.0, 0.5, 0.5, 1.0)]
TEXTS = {"prompt": '{"1": {"class_type": "X", "inputs": {}}}', "workflow": '{"nodes": []}'}


def _brightest(frame: Image.Image) -> int:
    return int(np.asarray(frame.convert("RGB")).max())


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_frames_come_back_in_their_rhythm(tmp_path: Path, kind: Kind) -> None:
    saved = save_animation(FRAMES, start_series(tmp_path, "a/walk"), TEXTS, Encoding(kind, lossless=True), 8.0)
    assert saved.path.name == f"walk_00001_.{kind}"
    assert saved.subfolder == "a"
    with Image.open(saved.path) as picture:
        shown = [(_brightest(frame), frame.info["duration"]) for frame in ImageSequence.Iterator(picture)]
    assert list(dict.fromkeys(level for level, _ in shown)) == [0, 127, 255]
    assert sum(duration for _, duration in shown) == 4 * 125


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_they_carry_their_graph(tmp_path: Path, kind: Kind) -> None:
    saved = save_animation(FRAMES, start_series(tmp_path, "walk"), TEXTS, Encoding(kind), 6.0)
    told = metadata.read(saved.path)
    assert told.prompt == {"1": {"class_type": "X", "inputs": {}}}
    assert told.workflow == {"nodes": []}
    assert (b"comfprompt\0{" in saved.path.read_bytes()) == (kind == "png")


def test_what_is_no_animation_is_told(tmp_path: Path) -> None:
    series = start_series(tmp_path, "walk")
    with pytest.raises(NotAPictureError, match="at least one frame"):
        save_animation([], series, {}, Encoding(), 6.0)
    with pytest.raises(CannotSaveError, match="Frames of 20000x1 cannot be written as webp"):
        save_animation([np.zeros((1, 20_000, 3), np.uint8)], series, {}, Encoding("webp"), 6.0)
