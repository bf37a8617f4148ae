"""Latent nodes: sizes, batches, masks."""

from __future__ import annotations

import pytest
import torch

from ldm_nodes.nodes import latents as nodes


def test_an_empty_latent_has_an_eighth_of_the_size() -> None:
    assert nodes.empty_latent_image(width=512, height=256, batch_size=3)["samples"].shape == (3, 4, 32, 64)


def test_taking_from_a_batch_remembers_the_noise() -> None:
    batch = {"samples": torch.arange(5.0).reshape(5, 1, 1, 1), "noise_mask": torch.arange(2.0).reshape(2, 1, 1, 1)}
    taken = nodes.latent_from_batch(batch, batch_index=3, length=9)
    assert taken["samples"].flatten().tolist() == [3, 4]
    assert taken["noise_mask"].flatten().tolist() == [1, 0]
    assert taken["batch_index"] == [3, 4]
    assert nodes.latent_from_batch(taken, batch_index=1)["batch_index"] == [4]


def test_repeating_gives_each_copy_its_own_noise() -> None:
    batch = {"samples": torch.zeros(2, 1, 1, 1), "batch_index": [3, 5]}
    assert nodes.repeat_latent_batch(batch, amount=3)["batch_index"] == [3, 5, 6, 8, 9, 11]


@pytest.mark.parametrize(
    ("size", "shape"), [((0, 0), (4, 6)), ((128, 0), (10, 16)), ((0, 128), (16, 24)), ((96, 64), (8, 12))]
)
def test_an_absent_side_follows_the_other(size: tuple[int, int], shape: tuple[int, int]) -> None:
    samples = {"samples": torch.zeros(1, 4, 4, 6)}
    resized = nodes.latent_upscale(samples, width=size[0], height=size[1])
    assert resized["samples"].shape[-2:] == shape


def test_a_mask_gains_channel_and_batch() -> None:
    marked = nodes.set_latent_noise_mask({"samples": torch.zeros(1, 4, 8, 8)}, torch.ones(64, 64))
    assert marked["noise_mask"].shape == (1, 1, 64, 64)


def test_quarter_turns_go_clockwise() -> None:
    samples = {"samples": torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])}
    turned = nodes.latent_rotate(samples, rotation="90 degrees")["samples"]
    assert turned.flatten().tolist() == [3, 1, 4, 2]


def test_a_crop_keeps_eight_cells() -> None:
    cut = nodes.latent_crop({"samples": torch.zeros(1, 4, 16, 16)}, width=512, height=64, x=4096, y=4096)
    assert cut["samples"].shape[-2:] == (8, 8)
