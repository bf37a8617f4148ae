"""Cutting out, framing and joining pictures."""

from __future__ import annotations

import pytest
import torch

from ldm_nodes.imaging.errors import NotAPictureError
from ldm_nodes.imaging.frame import crop, letterbox, stitch

PICTURE = torch.rand(1, 6, 9, 3, generator=torch.Generator().manual_seed(4))


def test_cutting_out() -> None:
    assert torch.equal(crop(PICTURE, 2, 1, 3, 4), PICTURE[:, 1:5, 2:5])
    assert torch.equal(crop(PICTURE, 99, 0, 5, 1), PICTURE[:, :1, 8:])


def test_what_fits_is_centred_between_bars() -> None:
    framed = letterbox(PICTURE, 9, 12, "white", "nearest-exact")
    assert torch.equal(framed[:, 3:9], PICTURE)
    assert framed[:, :3].min() == framed[:, 9:].min() == 1
    assert letterbox(PICTURE, 20, 6, "black", "area")[:, :, :5].max() == 0


def test_a_thin_line_keeps_a_pixel() -> None:
    assert letterbox(torch.ones(1, 1, 100, 3), 10, 10, "black", "nearest-exact").sum() == 30


@pytest.mark.parametrize(
    ("direction", "axis", "first"), [("right", 2, True), ("left", 2, False), ("down", 1, True), ("up", 1, False)]
)
def test_the_second_goes_to_its_side(direction: str, axis: int, first: bool) -> None:
    other = torch.full((1, 6, 9, 3), 0.25)
    joined = stitch(PICTURE, other, direction, match=False, spacing=3, colour="red")
    assert joined.shape[axis] == 2 * PICTURE.shape[axis] + 4
    before, gap, after = torch.split(joined, [PICTURE.shape[axis], 4, PICTURE.shape[axis]], dim=axis)
    assert torch.equal(before if first else after, PICTURE)
    assert torch.equal(after if first else before, other)
    assert torch.equal(gap, torch.tensor([1.0, 0, 0]).expand_as(gap))


def test_touching_sides_are_made_equal() -> None:
    joined = stitch(PICTURE, torch.ones(1, 12, 4, 3), "right", match=True, spacing=0, colour="white")
    assert joined.shape == (1, 6, 9 + 2, 3)
    assert joined[:, :, 9:].min() == 1


def test_or_the_smaller_is_framed_in_black() -> None:
    joined = stitch(PICTURE, torch.ones(1, 10, 4, 3), "right", match=False, spacing=0, colour="white")
    assert joined.shape == (1, 10, 13, 3)
    assert torch.equal(joined[:, 2:8, :9], PICTURE)
    assert joined[:, :2, :9].max() == joined[:, 8:, :9].max() == 0


def test_batches_and_transparency_are_filled_up() -> None:
    two = torch.stack([torch.zeros(6, 9, 4), torch.full((6, 9, 4), 0.5)])
    joined = stitch(PICTURE, two, "down", match=True, spacing=2, colour="blue")
    assert joined.shape == (2, 14, 9, 4)
    assert torch.equal(joined[1, :6, :, :3], PICTURE[0])
    assert joined[:, :6, :, 3].min() == 1
    assert joined[0, 6, 0].tolist() == [0, 0, 1, 1]
    with pytest.raises(NotAPictureError, match="do not go together"):
        stitch(PICTURE, PICTURE[..., :2], "down", match=False, spacing=0, colour="blue")
