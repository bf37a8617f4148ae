"""The watermark against the package invisible-watermark: recorded pictures, and the package itself, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from imwatermark import WatermarkDecoder, WatermarkEncoder
from PIL import Image

from ldm_nodes.imaging import watermark
from tests import golden

if TYPE_CHECKING:
    from ldm_nodes.imaging.watermark import Bits, Levels, Method

CASE = golden.load("09_watermark", "invisible_watermark")
RUNS: list[dict[str, Any]] = CASE.manifest["runs"]
TEXT = "StableDiffusionV1"


def run_name(run: dict[str, Any]) -> str:
    return str(run["watermarked"]).removeprefix("img_").removesuffix(".png")


def picture(name: str) -> Levels:
    with Image.open(CASE.folder / name) as file:
        return np.asarray(file.convert("RGB"))


@pytest.mark.parametrize("run", RUNS, ids=run_name)
def test_recorded_pictures(run: dict[str, Any]) -> None:
    marked = watermark.encode(picture(run["image"]), run["payload"], run["method"])
    np.testing.assert_array_equal(marked.image, picture(run["watermarked"]))
    assert marked.survived == (run["bit_errors"] == 0)


@pytest.mark.parametrize("run", RUNS, ids=run_name)
@pytest.mark.parametrize(("kind", "column"), [("bits", "watermarked"), ("bits_clean", "image")])
def test_recorded_bits(run: dict[str, Any], kind: str, column: str) -> None:
    name = f"{run_name(run)}.{kind}"
    bits = watermark.decode(picture(run[column]), len(CASE.tensors[name]), run["method"])
    assert torch.equal(torch.from_numpy(bits), CASE.tensors[name])


@pytest.mark.parametrize("method", ["dwtDct", "dwtDctSvd"])
@pytest.mark.parametrize("size", [(256, 256), (259, 301), (513, 515), (300, 420)])
@pytest.mark.parametrize("contrast", [0.3, 2.0, 8.0])
def test_the_package_writes_and_reads_the_same(method: Method, size: tuple[int, int], contrast: float) -> None:
    image = random_picture(size, contrast)
    ours = watermark.encode(image, TEXT, method).image
    theirs = package_encode(image, TEXT, method)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(watermark.decode(theirs, 136, method), package_decode(ours, 136, method))


@pytest.mark.parametrize("method", ["dwtDct", "dwtDctSvd"])
@pytest.mark.parametrize(
    "colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (255, 255, 0), (0, 0, 255)]
)
def test_flat_pictures_are_marked_alike(method: Method, colour: tuple[int, int, int]) -> None:
    image = np.full((256, 256, 3), colour, np.uint8)
    np.testing.assert_array_equal(watermark.encode(image, TEXT, method).image, package_encode(image, TEXT, method))


def random_picture(size: tuple[int, int], contrast: float) -> Levels:
    """Draw smooth colour patches with grain, as photographs have."""
    random = np.random.default_rng(size[0])
    coarse = random.normal(128, 25 * contrast, (size[0] // 16 + 1, size[1] // 16 + 1, 3))
    grain = random.normal(0, 4, (*size, 3))
    return (np.kron(coarse, np.ones((16, 16, 1)))[: size[0], : size[1]] + grain).clip(0, 255).astype(np.uint8)


def package_encode(image: Levels, text: str, method: Method) -> Levels:
    encoder = WatermarkEncoder()
    encoder.set_watermark("bytes", text.encode())
    marked: Levels = encoder.encode(np.ascontiguousarray(image[..., ::-1]), method)[..., ::-1]
    return marked


def package_decode(image: Levels, n_bits: int, method: Method) -> Bits:
    bits = WatermarkDecoder("bits", n_bits).decode(np.ascontiguousarray(image[..., ::-1]), method)
    return np.array(bits, np.uint8)
