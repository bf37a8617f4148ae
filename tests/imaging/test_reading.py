from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from ldm_nodes.imaging.errors import UnreadablePictureError
from ldm_nodes.imaging.reading import Limits, read_mask, read_picture

if TYPE_CHECKING:
    from pathlib import Path

RGBA = np.random.default_rng(0).integers(0, 256, (20, 30, 4), dtype=np.uint8)
ORIENTATION = 0x0112
ORIENTATIONS = [
    (1, False, 0),
    (2, True, 0),
    (3, False, 2),
    (4, True, 2),
    (5, True, 1),
    (6, False, 3),
    (7, True, 3),
    (8, False, 1),
]


def test_levels_are_divided_by_255_and_mask_is_one_minus_alpha(tmp_path: Path) -> None:
    Image.fromarray(RGBA).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    expected = RGBA.astype(np.float32) / 255
    np.testing.assert_array_equal(picture.image, expected[None, ..., :3])
    np.testing.assert_array_equal(picture.mask, 1 - expected[None, ..., 3])
    assert picture.image.dtype == picture.mask.dtype == np.float32


@pytest.mark.parametrize("suffix", ["bmp", "gif", "jpg", "png", "tif", "webp"])
def test_every_format_without_alpha_has_a_small_empty_mask(suffix: str, tmp_path: Path) -> None:
    Image.fromarray(np.full((20, 30, 3), 100, np.uint8)).save(tmp_path / f"a.{suffix}")
    picture = read_picture(tmp_path / f"a.{suffix}")
    np.testing.assert_allclose(picture.image, np.full((1, 20, 30, 3), 100 / 255), atol=2 / 255)
    np.testing.assert_array_equal(picture.mask, np.zeros((1, 64, 64)))


@pytest.mark.parametrize(("orientation", "mirrored", "turns"), ORIENTATIONS)
def test_exif_orientation(orientation: int, mirrored: bool, turns: int, tmp_path: Path) -> None:
    """Mirroring left to right comes first, then quarter turns anticlockwise (Exif 2.3, tag Orientation)."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(RGBA).save(tmp_path / "a.png", exif=exif)
    expected = np.rot90(RGBA[:, ::-1] if mirrored else RGBA, turns)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").image[0] * 255, expected[..., :3].astype(np.float32))
    np.testing.assert_allclose(read_mask(tmp_path / "a.png", "alpha")[0], 1 - expected[..., 3] / 255, atol=1e-6)


def test_transparent_palette_entries_are_holes(tmp_path: Path) -> None:
    indexed = Image.fromarray(np.array([[0, 1], [1, 0]], np.uint8)).convert("P")
    indexed.putpalette([255, 0, 0, 0, 255, 0])
    indexed.save(tmp_path / "a.png", transparency=1)
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.mask, [[[0, 1], [1, 0]]])
    np.testing.assert_array_equal(picture.image[0, 0], [[1, 0, 0], [0, 1, 0]])


def test_32_bit_integers_are_divided_by_255_and_clipped(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 255, 255 * 100, 255 * 999]], np.int32)).save(tmp_path / "a.tif")
    expected = np.array([0, 1, 100, 255], np.float32) / np.float32(255)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.tif").image[0, 0, :, 0], expected)


def test_16_bit_grey_keeps_its_upper_byte(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 257 * 77, 65535]], np.uint16)).save(tmp_path / "a.png")
    expected = np.array([0, 77, 255], np.float32) / np.float32(255)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").image[0, 0, :, 2], expected)
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", "red")[0, 0], expected)


def test_frames_become_a_batch(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((8, 6, 4), level, np.uint8)) for level in (10, 20, 255)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal((picture.image[:, 0, 0, 0] * 255).round(), [10, 20, 255])
    assert picture.mask.shape == (3, 8, 6)


def test_pages_of_another_size_are_skipped(tmp_path: Path) -> None:
    sizes = [(8, 6), (9, 6), (8, 6)]
    pages = [
        Image.fromarray(np.full((*size, 3), level, np.uint8)) for size, level in zip(sizes, (1, 2, 3), strict=True)
    ]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    np.testing.assert_array_equal((read_picture(tmp_path / "a.tif").image[:, 0, 0, 0] * 255).round(), [1, 3])


def test_a_page_with_alpha_among_others_gives_masks_of_one_size(tmp_path: Path) -> None:
    pages = [Image.fromarray(RGBA[..., :3]), Image.fromarray(RGBA)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    mask = read_picture(tmp_path / "a.tif").mask
    np.testing.assert_array_equal(mask, np.stack([np.zeros((20, 30)), 1 - RGBA[..., 3].astype(np.float32) / 255]))


def test_of_multi_picture_jpegs_only_the_first_counts(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.full((8, 6, 3), level, np.uint8)) for level in (50, 200)]
    pages[0].save(tmp_path / "a.mpo", save_all=True, append_images=pages[1:])
    image = read_picture(tmp_path / "a.mpo").image
    assert image.shape == (1, 8, 6, 3)
    np.testing.assert_allclose(image, 50 / 255, atol=0.02)


@pytest.mark.parametrize(("channel", "index"), [("red", 0), ("green", 1), ("blue", 2)])
def test_mask_from_a_colour(channel: str, index: int, tmp_path: Path) -> None:
    Image.fromarray(RGBA).save(tmp_path / "a.png")
    mask = read_mask(tmp_path / "a.png", channel)  # type: ignore[arg-type]  # a parametrised str
    np.testing.assert_array_equal(mask, RGBA[None, ..., index].astype(np.float32) / 255)


def test_mask_from_an_absent_alpha_is_empty(tmp_path: Path) -> None:
    Image.fromarray(RGBA[..., :3]).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "a.png", "alpha"), np.zeros((1, 20, 30)))


def test_missing_foreign_and_cut_off_files_are_one_sentence_each(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePictureError, match=r"'none\.png' does not exist"):
        read_picture(tmp_path / "none.png")
    (tmp_path / "text.png").write_text("<svg onload=alert(1)>")
    with pytest.raises(UnreadablePictureError, match=r"'text\.png' is not a picture, or none of PNG, JPEG"):
        read_picture(tmp_path / "text.png")
    Image.fromarray(RGBA).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:600])
    for read in (read_picture, lambda path: read_mask(path, "red")):
        with pytest.raises(UnreadablePictureError, match=r"'cut\.png' is damaged or cut off"):
            read(tmp_path / "cut.png")


def test_limits(tmp_path: Path) -> None:
    frames = [Image.fromarray(np.full((8, 6, 3), level, np.uint8)) for level in range(3)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    assert len(read_picture(tmp_path / "a.png", Limits(48, 3, 144)).image) == 3
    with pytest.raises(UnreadablePictureError, match="larger than the 47 pixels"):
        read_picture(tmp_path / "a.png", Limits(47, 3, 144))
    for limits in (Limits(48, 2, 144), Limits(48, 3, 143)):
        with pytest.raises(UnreadablePictureError, match="unfolds to more than"):
            read_picture(tmp_path / "a.png", limits)
