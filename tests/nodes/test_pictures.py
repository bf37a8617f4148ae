"""Picture nodes: sizes, batches, colours, transparency."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image as Pillow

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.imaging.errors import ImagingError, NotAPictureError
from ldm_nodes.nodes import animations, compositing, effects, framing, image_batches, images, resizing, saving
from ldm_nodes.nodes.runtime import Runtime

PICTURE = torch.rand(2, 30, 40, 3, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize(
    ("megapixels", "size"), [(1.0, (887, 1182)), (0.01, (89, 118))]
)  # sqrt(megapixels * 2**20 / 1200) times 30 and 40
def test_scaling_to_a_number_of_pixels(megapixels: float, size: tuple[int, int]) -> None:
    scaled = resizing.image_scale_to_total_pixels(PICTURE[:1], megapixels=megapixels)
    assert scaled.shape == (1, *size, 3)


@pytest.mark.parametrize(("shape", "size"), [((30, 40), (15, 20)), ((40, 30), (20, 15)), ((8, 8), (20, 20))])
def test_scaling_the_longer_side(shape: tuple[int, int], size: tuple[int, int]) -> None:
    assert resizing.image_scale_to_max_dimension(torch.zeros(1, *shape, 3), largest_size=20).shape[1:3] == size


def test_fitting_and_padding() -> None:
    fitted = resizing.resize_and_pad_image(PICTURE, target_width=40, target_height=50)
    assert fitted.shape == (2, 50, 40, 3)
    assert torch.equal(fitted[:, 10:40], PICTURE)


def test_turning_and_mirroring() -> None:
    numbers = torch.tensor([[1.0, 2.0], [3.0, 4.0]])[None, ..., None]
    turned = [framing.image_rotate(numbers, rotation=name).flatten().tolist() for name in framing.TURNS]
    assert turned == [[1, 2, 3, 4], [3, 1, 4, 2], [4, 3, 2, 1], [2, 4, 1, 3]]
    flipped = [framing.image_flip(numbers, flip_method=name).flatten().tolist() for name in framing.FLIPS]
    assert flipped == [[3, 4, 1, 2], [2, 1, 4, 3]]


def test_one_picture_alone_is_not_stitched() -> None:
    assert framing.image_stitch(PICTURE) is PICTURE
    assert framing.image_stitch(PICTURE, image2=PICTURE[:1], spacing_width=2).shape == (2, 30, 82, 3)


def test_colours_are_codes() -> None:
    image = image_batches.empty_image(width=2, height=3, batch_size=2, color=0xFF8000)
    assert image.shape == (2, 3, 2, 3)
    assert (image[0, 0, 0] * 255).round().tolist() == [255, 128, 0]


def test_batches_join_at_the_size_of_the_first() -> None:
    joined = image_batches.image_batch(PICTURE, torch.ones(1, 9, 9, 4))
    assert joined.shape == (3, 30, 40, 4)
    assert torch.equal(joined[:2, ..., :3], PICTURE)
    assert joined[:2, ..., 3].min() == 1


def test_batches_come_apart() -> None:
    five = image_batches.repeat_image_batch(PICTURE[:1], amount=5)
    assert len(five) == 5
    assert len(image_batches.image_from_batch(five, batch_index=3, length=9)) == 2
    assert torch.equal(image_batches.image_from_batch(PICTURE, batch_index=9), PICTURE[1:])


def test_batches_are_dealt_anew_by_size() -> None:
    small = torch.zeros(1, 4, 4, 3)
    dealt = image_batches.rebatch_images([PICTURE, PICTURE, small, PICTURE], [3])
    assert [tuple(batch.shape[:2]) for batch in dealt] == [(3, 30), (1, 30), (1, 4), (2, 30)]
    assert torch.equal(dealt[0][2], PICTURE[0])
    with pytest.raises(InputError, match="no pictures"):
        image_batches.rebatch_images([], [3])


def test_sizes_are_told() -> None:
    assert image_batches.get_image_size(PICTURE) == (40, 30, 2)


def test_noise_is_that_of_the_seed() -> None:
    noise = torch.randn(PICTURE.shape, generator=torch.Generator().manual_seed(7))
    noisy = effects.image_add_noise(PICTURE, seed=7, strength=0.1)
    torch.testing.assert_close(noisy, (PICTURE + 0.1 * noise).clamp(0, 1))
    assert torch.equal(effects.image_add_noise(PICTURE, seed=7, strength=0.0), PICTURE)


def test_blended_pictures_need_not_be_of_one_size_but_pair() -> None:
    blended = effects.image_blend(PICTURE, torch.ones(1, 8, 8, 4), 1.0, "normal")
    assert blended.shape == PICTURE.shape
    assert blended.min() == 1
    with pytest.raises(NotAPictureError, match=r"do not pair: 2 of 40x30, 3 of 40x30"):
        effects.image_blend(PICTURE, torch.ones(3, 8, 8, 3))


def test_colour_planes_must_be_of_one_size() -> None:
    planes = effects.image_rgb_to_yuv(PICTURE)
    torch.testing.assert_close(effects.image_yuv_to_rgb(*planes), PICTURE, atol=2e-3, rtol=0)
    with pytest.raises(NotAPictureError, match="do not pair"):
        effects.image_yuv_to_rgb(planes[0], planes[1], planes[2][:, 1:])


def test_filters_keep_shape_and_range() -> None:
    for changed in (
        effects.image_blur(PICTURE, blur_radius=31, sigma=10.0),
        effects.image_sharpen(PICTURE, sharpen_radius=31, alpha=5.0),
        effects.image_quantize(PICTURE, colors=7, dither="bayer-16"),
        effects.canny(PICTURE),
    ):
        assert changed.shape == PICTURE.shape
        assert changed.min() >= 0
        assert changed.max() <= 1
    assert torch.equal(effects.image_sharpen(PICTURE, alpha=0.0), PICTURE)


def test_edges_need_thresholds_in_their_order() -> None:
    with pytest.raises(ImagingError, match=r"0.9, is above the upper one, 0.8"):
        effects.canny(PICTURE, low_threshold=0.9)


def test_grey_pictures_are_pictures() -> None:
    grey = PICTURE[..., :1]
    for changed in (effects.canny(grey), effects.image_quantize(grey), *effects.image_rgb_to_yuv(grey)):
        assert changed.shape == PICTURE.shape
    assert compositing.split_image_with_alpha(grey)[0].shape == PICTURE.shape
    assert image_batches.image_batch(grey, PICTURE).shape == (4, 30, 40, 3)


def test_pasting_under_a_mask() -> None:
    mask = torch.zeros(5, 5)
    mask[:, 2:] = 1
    pasted = compositing.image_composite_masked(PICTURE, torch.ones(1, 5, 5, 4), 3, 1, mask=mask)
    assert torch.equal(pasted[:, 1:6, 3:5], PICTURE[:, 1:6, 3:5])
    assert pasted[:, 1:6, 5:8].min() == 1


def test_transparency_goes_off_and_on() -> None:
    mask = torch.rand(2, 30, 40, generator=torch.Generator().manual_seed(6))
    joined = compositing.join_image_with_alpha(PICTURE, mask)
    image, again = compositing.split_image_with_alpha(joined)
    assert torch.equal(image, PICTURE)
    torch.testing.assert_close(again, mask)
    assert not compositing.split_image_with_alpha(PICTURE)[1].any()
    assert compositing.join_image_with_alpha(PICTURE[:1], torch.zeros(3, 8, 8)).shape == (3, 30, 40, 4)


def test_compositing_takes_masks_that_are_1_where_nothing_is() -> None:
    left, right = torch.zeros(1, 30, 40), torch.ones(1, 30, 40)
    left[..., 20:], right[..., 20:] = 1, 0
    colour, mask = compositing.porter_duff_image_composite(PICTURE[:1], left, PICTURE[1:], right, "SRC_OVER")
    assert torch.equal(colour, torch.cat((PICTURE[:1, :, :20], PICTURE[1:, :, 20:]), dim=2))
    assert not mask.any()


def test_a_saved_picture_is_read_again(context: Context[Runtime]) -> None:
    saving.save_image(PICTURE[:1], filename_prefix="sub/fox", context=context)
    for name in ("sub/fox_00001_.png", "sub/fox_00001_.png [output]"):
        image, mask = images.load_image_output(name, context=context)
        assert torch.equal(image, (PICTURE[:1] * 255).to(torch.uint8) / 255)
        assert mask.shape == (1, 64, 64)
        assert images.load_image_output.spec.check is not None
        assert images.load_image_output.spec.check(name, context.runtime.folders) is True
    option = images.load_image_output.spec.inputs["image"].field.options()
    assert option == {"image_upload": True, "image_folder": "output"}


def test_the_webcam_uploads_a_picture(context: Context[Runtime]) -> None:
    folder = context.runtime.folders.input
    folder.mkdir()
    Pillow.new("RGB", (3, 2), (255, 0, 0)).save(folder / "webcam.png")
    assert images.webcam_capture("webcam.png", context=context)[0, 0, 0].tolist() == [1, 0, 0]


def test_a_batch_becomes_one_moving_picture(context: Context[Runtime], tmp_path: Path) -> None:
    for save, suffix in ((animations.save_animated_png, "png"), (animations.save_animated_webp, "webp")):
        told = save(PICTURE, context=context)
        (file,) = told.ui["images"]
        assert told.ui["animated"] == [True]
        assert file == {"filename": f"ComfyUI_00001_.{suffix}", "subfolder": "", "type": "output"}
        with Pillow.open(tmp_path / "output" / file["filename"]) as picture:
            assert (picture.n_frames, picture.size) == (2, (40, 30))  # type: ignore[attr-defined]
        (tmp_path / "output" / file["filename"]).unlink()
