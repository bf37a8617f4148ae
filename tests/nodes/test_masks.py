"""Mask nodes: from pictures and back, cut, laid on each other, grown."""

from __future__ import annotations

import pytest
import torch

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.imaging.errors import ImagingError, NotAPictureError
from ldm_nodes.nodes import masks
from ldm_nodes.nodes.runtime import Runtime

PICTURE = torch.rand(2, 6, 8, 3, generator=torch.Generator().manual_seed(8))


def test_a_channel_goes_there_and_back() -> None:
    mask = masks.image_to_mask(PICTURE, channel="green")
    assert torch.equal(mask, PICTURE[..., 1])
    assert torch.equal(masks.mask_to_image(mask)[..., 2], mask)
    assert masks.mask_to_image(mask[0]).shape == (1, 6, 8, 3)
    with pytest.raises(NotAPictureError, match="has 3 channels and so no alpha"):
        masks.image_to_mask(PICTURE, channel="alpha")


def test_a_colour_is_found_after_rounding() -> None:
    picture = torch.tensor([[[[1.0, 128.4 / 255, 0.0], [1.0, 128.6 / 255, 0.0], [1.5, 128 / 255, -0.2]]]])
    assert masks.image_color_to_mask(picture, color=0xFF8000).flatten().tolist() == [1, 0, 1]


def test_plain_masks() -> None:
    mask = masks.solid_mask(value=0.25, width=3, height=2)
    assert mask.shape == (1, 2, 3)
    assert torch.equal(masks.invert_mask(mask), torch.full((1, 2, 3), 0.75))
    assert masks.threshold_mask(mask, value=0.25).max() == 0
    assert masks.threshold_mask(mask, value=0.24).min() == 1


def test_a_mask_is_cut() -> None:
    mask = PICTURE[..., 0]
    assert torch.equal(masks.crop_mask(mask, x=2, y=1, width=3, height=99), mask[:, 1:, 2:5])
    with pytest.raises(InputError, match="a place on the mask, which has 8x6 pixels") as caught:
        masks.crop_mask(mask, x=1, y=6)
    assert caught.value.input_name == "y"


def test_masks_lie_on_each_other() -> None:
    laid = masks.mask_composite(torch.zeros(2, 6, 8), torch.ones(3, 4), 6, 1, "add")
    assert laid.sum() == 2 * 3 * 2
    assert laid[:, 1:4, 6:].min() == 1
    with pytest.raises(ImagingError, match="3 masks do not pair with 2"):
        masks.mask_composite(torch.zeros(2, 6, 8), torch.ones(3, 6, 8))


def test_one_pixel_grows_to_a_diamond_or_a_square() -> None:
    point = torch.zeros(7, 7)
    point[3, 3] = 1
    diamond, square = (masks.grow_mask(point, expand=2, tapered_corners=tapered) for tapered in (True, False))
    assert diamond.shape == (1, 7, 7)
    assert [diamond.sum().item(), square.sum().item()] == [13, 25]
    assert not masks.grow_mask(square, expand=-3).any()


def test_edges_are_softened() -> None:
    assert masks.feather_mask(torch.ones(4, 4), left=2)[0, 0].tolist() == [0.5, 1, 1, 1]


def test_masks_are_shown_in_the_temporary_folder(context: Context[Runtime]) -> None:
    told = masks.mask_preview(PICTURE[..., 0], context=context)
    assert [file["type"] for file in told.ui["images"]] == ["temp", "temp"]
    assert len(list(context.runtime.folders.temp.glob("*.png"))) == 2
