"""Few colours: how many, which, and what dithering keeps."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ldm_nodes.imaging.palette import DITHERS, bayer, quantize

RAMP = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], 64, axis=0).repeat(3, axis=2)


def colours(picture: NDArray[np.uint8]) -> int:
    """Count the colours of a picture."""
    return len(np.unique(picture.reshape(-1, 3), axis=0))


def regions(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the means of squares of the middle, where the ramp lies between the colours of a palette."""
    return np.asarray(picture[:, 16:48].reshape(4, 16, 2, 16, 3).mean(axis=(1, 3)))


@pytest.mark.parametrize("dither", DITHERS)
def test_there_are_no_more_colours_than_asked_for(dither: str) -> None:
    few = quantize(RAMP, 5, dither)
    assert few.shape == RAMP.shape
    assert colours(few) <= 5


def test_without_dithering_every_pixel_takes_the_nearest_colour() -> None:
    few = quantize(RAMP, 4, "none").astype(int)
    distance = np.abs(RAMP[0, :, None, 0].astype(int) - np.unique(few)[None])
    taken = np.abs(few[0, :, 0] - RAMP[0, :, 0].astype(int))
    assert (taken <= distance.min(axis=1) + 8).all()  # Pillow compares colours without their lowest bits


def test_error_diffusion_is_pillows() -> None:
    image = Image.fromarray(RAMP)
    expected = image.quantize(6, palette=image.quantize(6), dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")
    np.testing.assert_array_equal(quantize(RAMP, 6, "floyd-steinberg"), np.asarray(expected))


@pytest.mark.parametrize("order", [2, 4, 8, 16])
def test_thresholds_are_all_different_and_balanced(order: int) -> None:
    matrix = bayer(order)
    assert sorted(matrix.flatten() * order**2 + order**2 / 2 - 0.5) == list(range(order**2))
    quarters = matrix.reshape(2, order // 2, 2, order // 2).mean(axis=(1, 3))
    assert np.ptp(quarters) <= 3 / order**2 + 1e-6


def test_the_smallest_pattern_is_bayers() -> None:
    assert bayer(2).tolist() == [[-0.375, 0.125], [0.375, -0.125]]


def test_error_diffusion_keeps_the_mean_of_a_region() -> None:
    wanted = regions(RAMP)
    plain, spread = (np.abs(regions(quantize(RAMP, 3, name)) - wanted).mean() for name in ("none", "floyd-steinberg"))
    assert spread < plain / 2


@pytest.mark.parametrize("order", [2, 4, 8])
def test_a_pattern_mixes_two_colours_where_none_is_near(order: int) -> None:
    def mixed(dither: str) -> float:
        tiles = quantize(RAMP, 2, dither)[..., 0].reshape(64 // order, order, 64 // order, order)
        return float((np.ptp(tiles, axis=(1, 3)) > 0).mean())

    assert mixed("none") <= order / 64
    assert mixed(f"bayer-{order}") > 0.5
