from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.imaging.mask import feathered_border, grow, resize_mask


@given(st.integers(0, 9), st.integers(0, 2**32 - 1))
def test_growing_equals_a_box_convolution(size: int, seed: int) -> None:
    """The original convolves with a box of ones, padded by ceil((n - 1) / 2), and cuts what an even box adds."""
    mask = (torch.rand(2, 1, 11, 13, generator=torch.Generator().manual_seed(seed)) > 0.9).float()
    box = torch.ones(1, 1, max(size, 1), max(size, 1))
    expected = F.conv2d(mask, box, padding=size // 2)[..., :11, :13].clamp(0, 1)
    assert torch.equal(grow(mask, size), expected)


def test_an_even_square_reaches_further_down_and_right() -> None:
    mask = torch.zeros(1, 1, 9, 9)
    mask[..., 4, 4] = 1
    grown = grow(mask, 4)[0, 0].nonzero()
    assert (grown.min(0).values.tolist(), grown.max(0).values.tolist()) == ([3, 3], [6, 6])


@pytest.mark.parametrize("shape", [(4, 6), (1, 4, 6), (1, 1, 4, 6)])
def test_masks_of_any_rank_are_resized(shape: tuple[int, ...]) -> None:
    got = resize_mask(torch.full(shape, 0.25), 8, 3)
    torch.testing.assert_close(got, torch.full((1, 1, 8, 3), 0.25))


def test_a_batch_of_masks_stays_a_batch() -> None:
    assert resize_mask(torch.rand(3, 4, 6), 8, 8).shape == (3, 1, 8, 8)


def test_borders_too_wide_for_the_picture_are_not_feathered() -> None:
    assert not feathered_border(24, 100, (8, 8, 8, 8), 12).any()
    assert feathered_border(25, 100, (8, 8, 8, 8), 12).any()


def test_only_padded_sides_are_feathered() -> None:
    border = feathered_border(40, 40, (8, 0, 0, 0), 10)
    torch.testing.assert_close(border[0, :11], ((10 - torch.arange(11.0)) / 10) ** 2)
    assert not border[:, 10:].any()
    assert not feathered_border(40, 40, (0, 0, 0, 0), 10).any()
    assert not feathered_border(40, 40, (8, 8, 8, 8), 0).any()
