from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ldm_nodes.imaging.errors import UnreadablePictureError
from ldm_nodes.imaging.reading import Limits
from ldm_nodes.training.pictures import Framing, View, random_mask, read_view
from tests.training.tiny import noise, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("width", "height"), [(30, 20), (20, 31), (21, 16), (16, 16)])
def test_the_middle_is_that_of_the_original(width: int, height: int, tmp_path: Path) -> None:
    """The original's data sets cut the middle square, rounding down, and resize it by Pillow's bicubic filter."""
    levels = noise(width, height)
    side = min(width, height)
    cut = levels[(height - side) // 2 : (height + side) // 2, (width - side) // 2 : (width + side) // 2]
    expected = np.asarray(Image.fromarray(cut[:side, :side]).resize((8, 8), Image.Resampling.BICUBIC))
    path = save(tmp_path / "a.png", levels)
    np.testing.assert_array_equal(read_view(path, View(), 8), expected)
    np.testing.assert_array_equal(read_view(path, View(mirrored=True), 8), expected[:, ::-1])


def test_the_square_lies_where_the_view_says(tmp_path: Path) -> None:
    levels = noise(12, 8)
    path = save(tmp_path / "a.png", levels)
    np.testing.assert_array_equal(read_view(path, View(x=0.0), 8), levels[:, :8])
    np.testing.assert_array_equal(read_view(path, View(x=0.999), 8), levels[:, 4:])
    np.testing.assert_array_equal(read_view(path, View(x=0.0, y=0.999, side=0.5), 4), levels[4:, :4])


def test_random_squares_reach_every_place_and_stay_inside() -> None:
    rng = np.random.default_rng(0)
    boxes = [Framing(8, "random", min_side=0.5).draw(rng).box(12, 10) for _ in range(2000)]
    assert all(0 <= left < right <= 12 and 0 <= top < bottom <= 10 for left, top, right, bottom in boxes)
    assert all(right - left == bottom - top for left, top, right, bottom in boxes)
    assert {right - left for left, _, right, _ in boxes} == {5, 6, 7, 8, 9}
    assert {left for left, *_ in boxes} == set(range(8))
    full = {Framing(8, "random").draw(rng).box(12, 10)[0] for _ in range(100)}
    assert full == {0, 1, 2}


def test_pictures_are_mirrored_at_the_asked_rate() -> None:
    rng = np.random.default_rng(0)
    mirrored = [Framing(8, mirror=0.25).draw(rng).mirrored for _ in range(4000)]
    assert np.mean(mirrored) == pytest.approx(0.25, abs=0.03)


def test_options_do_not_shift_later_choices() -> None:
    rngs = [np.random.default_rng(0) for _ in range(2)]
    Framing(8).draw(rngs[0])
    Framing(8, "random", 0.5, 0.5).draw(rngs[1])
    assert rngs[0].random() == rngs[1].random()


def test_fixed_views() -> None:
    assert Framing(8).fixed() == (View(),)
    assert Framing(8, mirror=0.5).fixed() == (View(), View(mirrored=True))
    with pytest.raises(ValueError, match="random crops cannot be cached"):
        Framing(8, "random").fixed()


def test_transparency_shows_the_background(tmp_path: Path) -> None:
    levels = np.zeros((4, 4, 4), np.uint8)
    levels[:2] = (200, 100, 0, 255)
    levels[2:] = (9, 9, 9, 0)
    path = save(tmp_path / "a.png", levels)
    seen = read_view(path, View(), 4, background=(0, 0, 255))
    np.testing.assert_array_equal(seen[0, 0], (200, 100, 0))
    np.testing.assert_array_equal(seen[3, 3], (0, 0, 255))


def test_half_transparent_pixels_are_mixed(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", np.full((2, 2, 4), (255, 0, 0, 128), np.uint8))
    np.testing.assert_allclose(read_view(path, View(), 2, background=(0, 0, 255))[0, 0], (128, 0, 127), atol=1)


def test_limits_hold(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(20, 20))
    with pytest.raises(UnreadablePictureError, match="larger than the 100 pixels"):
        read_view(path, View(), 8, limits=Limits(pixels=100))


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"size": 8, "crop": "left"}, {"size": 8, "min_side": 0}, {"size": 8, "mirror": 2}]
)
def test_framings_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"cannot be framed|shares of 1"):
        Framing(**wrong)  # type: ignore[arg-type]


def test_masks_are_rectangles_of_ones() -> None:
    covered = []
    for seed in range(200):
        mask = random_mask(np.random.default_rng(seed), 32)
        assert mask.shape == (32, 32)
        assert {*np.unique(mask)} <= {0, 1}
        covered.append(mask.mean())
    assert 0.05 < min(covered) < 0.15
    assert 0.5 < max(covered) < 1.0
    assert random_mask(np.random.default_rng(0), 1).item() == 1
