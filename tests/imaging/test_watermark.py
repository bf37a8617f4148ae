from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ldm_nodes.imaging import watermark
from ldm_nodes.imaging.errors import NotAPictureError

if TYPE_CHECKING:
    from ldm_nodes.imaging.watermark import Levels, Method

TEXT = "StableDiffusionV1"
METHODS = st.sampled_from(["dwtDct", "dwtDctSvd"])


def natural(height: int, width: int, seed: int) -> Levels:
    """Draw a picture with photographs' 1/f spectrum, the same pattern in every colour plus a tint."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    spectrum = np.fft.rfft2(random.normal(size=(height, width))) / np.maximum(frequency, 1 / max(height, width))
    pattern = np.fft.irfft2(spectrum, (height, width))
    tint = random.uniform(0.8, 1.2, 3)
    levels: Levels = (128 + 40 * (pattern / pattern.std())[..., None] * tint).clip(0, 255).astype(np.uint8)
    return levels


@settings(deadline=None, max_examples=25)
@given(st.integers(192, 400), st.integers(192, 400), st.integers(0, 2**32 - 1))
def test_svd_survives_in_natural_pictures(height: int, width: int, seed: int) -> None:
    marked = watermark.encode(natural(height, width, seed), TEXT, "dwtDctSvd")
    assert (marked.survived, marked.decoded, marked.notice) == (True, TEXT, "")
    assert np.array_equal(
        watermark.decode(marked.image, 136, "dwtDctSvd"), np.unpackbits(np.frombuffer(TEXT.encode(), np.uint8))
    )


@settings(deadline=None)
@given(st.integers(0, 90), st.integers(0, 90), METHODS, st.text(max_size=12), st.integers(0, 255))
def test_no_size_and_no_text_raises(height: int, width: int, method: Method, text: str, level: int) -> None:
    image = np.full((height, width, 3), level, np.uint8)
    marked = watermark.encode(image, text, method)
    assert marked.image.shape == image.shape
    assert marked.survived == (not marked.notice)
    if not 0 < 8 * len(text.encode()) <= watermark.capacity(image):
        assert marked.image is image
        assert marked.notice.startswith("No watermark was written")
    assert watermark.decode(image, 64, method).shape == (64,)


def test_the_input_is_left_alone() -> None:
    image = natural(256, 256, 0)
    before = image.copy()
    watermark.encode(image, TEXT)
    np.testing.assert_array_equal(image, before)


def test_pixels_beyond_the_last_block_only_pass_the_colour_round_trip() -> None:
    image = natural(258, 263, 1)
    difference = watermark.encode(image, TEXT).image.astype(int) - image
    assert np.abs(difference[256:]).max() <= 2
    assert np.abs(difference[:, 260:]).max() <= 2


def test_strips_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    image = natural(300, 200, 2)
    in_strips = watermark.encode(image, TEXT, "dwtDctSvd")
    monkeypatch.setattr(watermark, "STRIP", 1 << 20)
    at_once = watermark.encode(image, TEXT, "dwtDctSvd")
    np.testing.assert_array_equal(in_strips.image, at_once.image)


def test_svd_survives_jpeg() -> None:
    marked = watermark.encode(natural(512, 512, 3), TEXT, "dwtDctSvd")
    buffer = io.BytesIO()
    Image.fromarray(marked.image).save(buffer, "JPEG", quality=90)
    with Image.open(buffer) as reopened:
        bits = watermark.decode(np.asarray(reopened), 136, "dwtDctSvd")
    assert watermark.as_text(bits) == TEXT


def test_a_mark_that_does_not_survive_is_reported() -> None:
    noise = np.random.default_rng(4).integers(0, 256, (192, 192, 3), dtype=np.uint8)
    marked = watermark.encode(noise, TEXT, "dwtDct")
    assert not marked.survived
    assert marked.decoded != TEXT
    assert "bits are wrong" in marked.notice


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((8, 8), np.uint8)]
)
def test_other_arrays_are_refused(image: Levels) -> None:
    with pytest.raises(NotAPictureError, match="A watermark needs uint8"):
        watermark.encode(image, TEXT)
    with pytest.raises(NotAPictureError, match="A watermark needs uint8"):
        watermark.decode(image, 8)
