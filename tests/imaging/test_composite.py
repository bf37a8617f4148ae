"""Pasting: where it falls, what shows, and how batches pair."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from ldm_nodes.imaging.composite import paste
from ldm_nodes.imaging.errors import NotAPictureError
from ldm_nodes.imaging.mask import combine, feather
from tests.golden import as_numpy

BELOW = torch.rand(2, 3, 8, 10, generator=torch.Generator().manual_seed(2))
ABOVE = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (6, 8), (8, 0), (99, 99)])
def test_pasting_is_pillows(place: tuple[int, int]) -> None:
    row, column = place
    for below, pasted in zip(BELOW, paste(BELOW, ABOVE, place), strict=True):
        for plane, above, got in zip(below, ABOVE[0], pasted, strict=True):
            image = Image.fromarray(as_numpy(plane).copy())
            image.paste(Image.fromarray(as_numpy(above)), (column, row))
            np.testing.assert_array_equal(as_numpy(got), np.asarray(image))


def test_a_mask_is_stretched_over_what_is_pasted() -> None:
    mask = torch.tensor([[1.0, 0.25]])
    pasted = paste(BELOW[:1], torch.ones(1, 3, 4, 8), (1, 2), mask)
    weight = torch.nn.functional.interpolate(mask[None, None], (4, 8), mode="bilinear")
    expected = BELOW[:1, :, 1:5, 2:10] * (1 - weight) + weight
    torch.testing.assert_close(pasted[..., 1:5, 2:10], expected)
    assert torch.equal(pasted[..., 5:, :], BELOW[:1, :, 5:, :])


def test_stretching_covers_everything() -> None:
    pasted = paste(BELOW, torch.full((1, 3, 2, 2), 0.5), (0, 0), fit=True)
    torch.testing.assert_close(pasted, torch.full_like(BELOW, 0.5))


def test_batches_are_repeated_or_cut_to_the_first() -> None:
    three = torch.stack([torch.full((3, 4, 5), value) for value in (0.1, 0.2, 0.3)])
    assert paste(BELOW, three, (0, 0))[:, 0, 0, 0].tolist() == pytest.approx([0.1, 0.2])
    five = paste(torch.zeros(5, 3, 4, 5), three, (0, 0))[:, 0, 0, 0]
    assert five.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.1, 0.2])


def test_other_channels_do_not_go_in() -> None:
    with pytest.raises(NotAPictureError, match="has 4 channels and the destination has 3"):
        paste(BELOW, torch.zeros(1, 4, 2, 2), (0, 0))


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ("multiply", [0.0, 0.42, 0.8]),
        ("add", [0.3, 1.0, 1.0]),
        ("subtract", [0.0, 0.1, 0.0]),
        ("and", [0.0, 1.0, 1.0]),
        ("or", [0.0, 1.0, 1.0]),
        ("xor", [0.0, 0.0, 0.0]),
    ],
)
def test_masks_combine_where_they_meet(operation: str, expected: list[float]) -> None:
    below, above = torch.tensor([[[0.0, 0.7, 0.8, 0.5]]]), torch.tensor([[[0.3, 0.6, 1.0]]])
    combined = combine(below, above, (0, 0), operation)
    assert combined.flatten().tolist() == pytest.approx([*expected, 0.5])
    assert torch.equal(combine(below, above, (0, 4), operation), below)


def test_xor_needs_exactly_one() -> None:
    a, b = torch.tensor([[[0.0, 0.0, 1.0, 1.0]]]), torch.tensor([[[0.0, 1.0, 0.0, 1.0]]])
    assert combine(a, b, (0, 0), "xor").flatten().tolist() == [0, 1, 1, 0]


def test_edges_rise_linearly() -> None:
    faded = feather(torch.ones(1, 4, 8), left=4, top=0, right=0, bottom=0)
    assert faded[0, 0].tolist() == [0.25, 0.5, 0.75, 1, 1, 1, 1, 1]
    assert feather(torch.ones(1, 4, 8), 0, 2, 0, 0)[0, :, 0].tolist() == [0.5, 1, 1, 1]


def test_the_far_edge_has_comfyuis_shift() -> None:
    faded = feather(torch.ones(1, 1, 5), left=0, top=0, right=4, bottom=0)
    assert faded[0, 0].tolist() == [0.25, 1, 1, 0.75, 0.5]
