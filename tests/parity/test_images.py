"""Pictures, latents and masks, read, resized and grown, against what ComfyUI's nodes gave."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.imaging.mask import feathered_border, grow, resize_mask
from ldm_nodes.imaging.reading import read_mask, read_picture
from ldm_nodes.imaging.resize import resize
from tests import golden

CASE = golden.load("13_comfyui", "graphs")
INPUTS = CASE.folder / "inputs"
RUNS = {
    run["prefix"]: {node["class_type"]: node["inputs"] for node in run["prompt"].values()}
    for run in CASE.manifest["runs"]
}
IMAGE_RUNS = [name for name, nodes in RUNS.items() if "ImageScale" in nodes and nodes["ImageScale"]["height"]]
LATENT_RUNS = [name for name in RUNS if name.startswith(("latent_upscale_by", "latent_downscale"))]


def picture(name: str) -> Tensor:
    return torch.from_numpy(read_picture(INPUTS / name).image)


def test_reading_a_picture() -> None:
    CASE.assert_close("image_invert.image", 1 - picture("small.png"))


def test_reading_alpha_as_a_mask() -> None:
    CASE.assert_close("inpaint_noise_mask.mask", torch.from_numpy(read_picture(INPUTS / "holed.png").mask))


def test_reading_a_channel_as_a_mask() -> None:
    CASE.assert_close("inpaint_soft_mask_batch2.mask", torch.from_numpy(read_mask(INPUTS / "redmask.png", "red")))


@pytest.mark.parametrize("name", IMAGE_RUNS)
def test_resizing_pictures(name: str) -> None:
    scale: dict[str, Any] = RUNS[name]["ImageScale"]
    image = picture(RUNS[name]["LoadImage"]["image"]).movedim(-1, 1)
    got = resize(image, scale["width"], scale["height"], scale["upscale_method"], scale["crop"])
    CASE.assert_close(f"{name}.image", got.movedim(1, -1))


@pytest.mark.parametrize("name", LATENT_RUNS)
def test_resizing_latents(name: str) -> None:
    scale = RUNS[name].get("LatentUpscale") or RUNS[name]["LatentUpscaleBy"]
    expected = CASE.tensors[f"{name}.latent"]
    height, width = expected.shape[-2:]
    latent = CASE.tensors["img2img.encoded"]  # the latent of photo.png, which these runs encode too
    CASE.assert_close(
        f"{name}.latent", resize(latent, width, height, scale["upscale_method"], scale.get("crop", "disabled"))
    )


@pytest.mark.parametrize(("name", "size"), [("vae_inpaint_grow6", 6), ("vae_inpaint_grow0", 0)])
def test_growing_masks(name: str, size: int) -> None:
    mask = torch.from_numpy(read_picture(INPUTS / "holed.png").mask)
    CASE.assert_close(f"{name}.noise_mask", grow(resize_mask(mask, 96, 128), size).round())


def test_growing_a_mask_of_another_size() -> None:
    mask = torch.from_numpy(read_mask(INPUTS / "redmask.png", "red"))
    CASE.assert_close("vae_inpaint_mask_other_size.noise_mask", grow(resize_mask(mask, 96, 128), 12).round())


def test_growing_by_an_odd_size_after_a_central_crop() -> None:
    mask = resize_mask(torch.from_numpy(read_mask(INPUTS / "oddmask.png", "green")), 101, 139)
    CASE.assert_close("vae_inpaint_grow5_odd_size.noise_mask", grow(mask[..., 2:98, 1:137], 5).round())


def test_feathered_border() -> None:
    inside = CASE.tensors["outpaint.mask"][0, :96, 16:144]
    torch.testing.assert_close(feathered_border(96, 128, (16, 8, 0, 24), 12), inside, rtol=0, atol=1e-6)
