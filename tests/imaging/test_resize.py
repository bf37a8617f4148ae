from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.imaging.errors import ImagingError, NotAPictureError
from ldm_nodes.imaging.resize import INTERPOLATIONS, METHODS, resize

PICTURE = torch.linspace(0, 1, 2 * 3 * 6 * 8).reshape(2, 3, 6, 8)
SIDES = st.integers(1, 24)


@given(st.sampled_from(METHODS), SIDES, SIDES, SIDES, SIDES, st.sampled_from(["disabled", "center"]))
def test_every_size_comes_out_as_asked(
    method: str, rows: int, columns: int, height: int, width: int, crop: str
) -> None:
    samples = torch.full((2, 3, rows, columns), 0.6)
    got = resize(samples, width, height, method, crop)
    assert got.shape == (2, 3, height, width)
    torch.testing.assert_close(got, torch.full_like(got, 0.6), rtol=0, atol=1e-5)


@pytest.mark.parametrize("method", INTERPOLATIONS)
def test_the_same_size_changes_nothing(method: str) -> None:
    torch.testing.assert_close(resize(PICTURE, 8, 6, method), PICTURE)


def test_center_cuts_equal_margins() -> None:
    got = resize(PICTURE, 4, 6, "nearest-exact", "center")
    assert torch.equal(got, PICTURE[..., 2:6])
    got = resize(PICTURE, 8, 2, "nearest-exact", "center")
    assert torch.equal(got, PICTURE[..., 2:4, :])


def test_lanczos_gives_whole_levels() -> None:
    levels = resize(PICTURE, 5, 9, "lanczos") * 255
    torch.testing.assert_close(levels, levels.round(), rtol=0, atol=1e-4)


def test_lanczos_refuses_what_is_no_number() -> None:
    with pytest.raises(NotAPictureError, match="NaN or infinite"):
        resize(PICTURE.log().log(), 5, 9, "lanczos")


def test_bislerp_turns_directions_and_scales_lengths() -> None:
    """Half way between (2, 0) and (0, 4) lies the length 3 at 45 degrees."""
    samples = torch.tensor([[2.0, 0.0], [0.0, 4.0]]).reshape(1, 2, 1, 2)
    got = resize(samples, 4, 1, "bislerp")[0, :, 0]
    for column, ratio in enumerate([0, 0.25, 0.75, 1]):
        angle, length = ratio * math.pi / 2, 2 + 2 * ratio
        expected = torch.tensor([length * math.cos(angle), length * math.sin(angle)])
        torch.testing.assert_close(got[:, column], expected, rtol=0, atol=1e-6)


def test_bislerp_mixes_opposite_and_absent_vectors_without_nan() -> None:
    opposite = resize(torch.tensor([[1.0, -1.0], [0.0, 0.0]]).reshape(1, 2, 1, 2), 4, 1, "bislerp")
    torch.testing.assert_close(opposite[0, 0, 0], torch.tensor([1.0, 0.5, -0.5, -1.0]))
    absent = resize(torch.tensor([[0.0, 1.0], [0.0, 0.0]]).reshape(1, 2, 1, 2), 4, 1, "bislerp")
    assert torch.isfinite(absent).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("method", METHODS)
def test_the_type_of_numbers_stays(method: str, dtype: torch.dtype) -> None:
    assert resize(PICTURE.to(dtype), 5, 7, method).dtype == dtype


@pytest.mark.parametrize(("width", "height", "method", "crop"), [(0, 4, "area", "center"), (4, -1, "area", "center")])
def test_impossible_sizes(width: int, height: int, method: str, crop: str) -> None:
    with pytest.raises(ImagingError, match=f"cannot be resized to {width}x{height}"):
        resize(PICTURE, width, height, method, crop)


@pytest.mark.parametrize(("method", "crop"), [("cubic", "center"), ("area", "left")])
def test_unknown_methods_and_crops(method: str, crop: str) -> None:
    with pytest.raises(ImagingError, match=f"got '{method}' and '{crop}'"):
        resize(PICTURE, 4, 4, method, crop)
