"""Windows of pixels: Gaussian blur and unsharp mask by their formula, morphology and growing by scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from ldm_nodes.imaging.errors import ImagingError
from ldm_nodes.imaging.filters import blur, dilate, erode, mirrored, morphology, sharpen
from ldm_nodes.imaging.mask import spread
from tests.golden import as_numpy

PICTURE = torch.rand(2, 3, 20, 27, generator=torch.Generator().manual_seed(0))


def window(radius: int, sigma: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the Gaussian exp(-d^2 / 2 sigma^2) on a square from -1 to 1, normalised."""
    place = np.linspace(-1, 1, 2 * radius + 1)
    weights = np.exp(-(place[:, None] ** 2 + place**2) / (2 * sigma**2))
    return np.asarray(weights / weights.sum())


@pytest.mark.parametrize(("radius", "sigma"), [(1, 1.0), (3, 0.4), (9, 10.0)])
def test_blurring_is_a_gaussian_on_a_mirrored_picture(radius: int, sigma: float) -> None:
    blurred = as_numpy(blur(PICTURE, radius, sigma))
    expected = ndimage.convolve(as_numpy(PICTURE).astype(np.float64), window(radius, sigma)[None, None], mode="mirror")
    np.testing.assert_allclose(blurred, expected, atol=2e-6)


@pytest.mark.parametrize("radius", [1, 4])
def test_sharpening_is_one_kernel_with_a_heavier_centre(radius: int) -> None:
    kernel = -7.0 * window(radius, 0.8)
    kernel[radius, radius] += 1 - kernel.sum()
    expected = ndimage.convolve(as_numpy(PICTURE).astype(np.float64), kernel[None, None], mode="mirror")
    np.testing.assert_allclose(as_numpy(sharpen(PICTURE, radius, 0.8, 7.0)), expected, atol=2e-5)


def test_a_radius_beyond_the_picture_mirrors_again_and_again() -> None:
    assert mirrored(5, 3).tolist() == [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]
    assert mirrored(2, 1).tolist() == [0] * 5
    even = torch.full((1, 1, 2, 1), 0.25)
    torch.testing.assert_close(blur(even, 31, 1.0), even)


@pytest.mark.parametrize("size", [3, 5, 9, 99])
def test_dilation_and_erosion_ignore_what_lies_outside(size: int) -> None:
    footprint = np.ones((1, 1, size, size), bool)
    for ours, theirs in ((dilate, ndimage.grey_dilation), (erode, ndimage.grey_erosion)):
        expected = theirs(as_numpy(PICTURE), footprint=footprint, mode="nearest")
        np.testing.assert_array_equal(as_numpy(ours(PICTURE, size)), expected)


def test_openings_are_below_closings_above() -> None:
    low, high = morphology(PICTURE, "open", 3), morphology(PICTURE, "close", 3)
    assert ((low <= PICTURE) & (high >= PICTURE)).all()
    assert torch.equal(PICTURE - low, morphology(PICTURE, "top_hat", 3))
    assert torch.equal(high - PICTURE, morphology(PICTURE, "bottom_hat", 3))
    torch.testing.assert_close(morphology(low, "open", 5), morphology(PICTURE, "open", 5))
    with pytest.raises(ImagingError, match="Morphology knows erode"):
        morphology(PICTURE, "melt", 3)


@pytest.mark.parametrize("tapered", [True, False])
@pytest.mark.parametrize("expand", [0, 1, 2, 7, -1, -3, 100])
def test_growing_takes_step_by_step_what_scipy_takes(expand: int, tapered: bool) -> None:
    corner = 0 if tapered else 1
    footprint = np.array([[[corner, 1, corner], [1, 1, 1], [corner, 1, corner]]])
    step = ndimage.grey_erosion if expand < 0 else ndimage.grey_dilation
    expected = as_numpy(PICTURE[0])
    for _ in range(abs(expand)):
        expected = step(expected, footprint=footprint)
    np.testing.assert_array_equal(as_numpy(spread(PICTURE[0], expand, tapered=tapered)), expected)
