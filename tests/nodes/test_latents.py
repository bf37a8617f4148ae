"""Latent nodes: sizes, batches, masks."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.nodes import latent_batches, latent_mixing, latent_operations
from ldm_nodes.nodes import latents as nodes
from ldm_nodes.nodes.runtime import Runtime


def test_an_empty_latent_has_an_eighth_of_the_size() -> None:
    assert nodes.empty_latent_image(width=512, height=256, batch_size=3)["samples"].shape == (3, 4, 32, 64)


def test_taking_from_a_batch_remembers_the_noise() -> None:
    batch = {"samples": torch.arange(5.0).reshape(5, 1, 1, 1), "noise_mask": torch.arange(2.0).reshape(2, 1, 1, 1)}
    taken = latent_batches.latent_from_batch(batch, batch_index=3, length=9)
    assert taken["samples"].flatten().tolist() == [3, 4]
    assert taken["noise_mask"].flatten().tolist() == [1, 0]
    assert taken["batch_index"] == [3, 4]
    assert latent_batches.latent_from_batch(taken, batch_index=1)["batch_index"] == [4]


def test_repeating_gives_each_copy_its_own_noise() -> None:
    batch = {"samples": torch.zeros(2, 1, 1, 1), "batch_index": [3, 5]}
    assert latent_batches.repeat_latent_batch(batch, amount=3)["batch_index"] == [3, 5, 6, 8, 9, 11]


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


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


FIRST: dict[str, Any] = {"samples": random(2, 4, 8, 6)}
SECOND: dict[str, Any] = {"samples": random(1, 4, 8, 6, seed=1), "extra": "kept"}


def test_arithmetic_is_of_cells(context: Context[Runtime]) -> None:
    a, b = FIRST["samples"], SECOND["samples"]
    assert torch.equal(latent_mixing.latent_add(FIRST, SECOND, context=context)["samples"], a + b)
    assert torch.equal(latent_mixing.latent_subtract(FIRST, SECOND, context=context)["samples"], a - b)
    assert torch.equal(latent_mixing.latent_multiply(FIRST, -2.5)["samples"], a * -2.5)
    assert latent_mixing.latent_add(SECOND, FIRST, context=context)["extra"] == "kept"
    assert latent_mixing.latent_add(SECOND, FIRST, context=context)["samples"].shape == b.shape


def test_another_size_is_fitted(context: Context[Runtime]) -> None:
    wide = {"samples": torch.full((3, 4, 4, 12), 0.5)}
    added = latent_mixing.latent_add(FIRST, wide, context=context)["samples"]
    torch.testing.assert_close(added, FIRST["samples"] + 0.5)


def test_other_channels_are_told(context: Context[Runtime]) -> None:
    for mix in (latent_mixing.latent_add, latent_mixing.latent_interpolate, latent_batches.latent_batch,
                latent_mixing.latent_concat):  # fmt: skip
        with pytest.raises(InputError, match="16 channels") as caught:
            mix(FIRST, {"samples": random(1, 16, 8, 6)}, context=context)
        assert caught.value.input_name == "samples2"
    with pytest.raises(InputError, match="16 channels"):
        latent_mixing.latent_composite_masked(FIRST, {"samples": random(1, 16, 8, 6)}, context=context)


@pytest.mark.parametrize("ratio", [0.0, 0.3, 1.0])
def test_directions_and_lengths_mix_apart(context: Context[Runtime], ratio: float) -> None:
    a, b = torch.tensor([3.0, 4, 0, 0]), torch.tensor([0.0, 0, 0, 2])
    latents = [{"samples": vector.view(1, 4, 1, 1)} for vector in (a, b)]
    mixed = latent_mixing.latent_interpolate(latents[0], latents[1], ratio, context=context)["samples"].flatten()
    direction = ratio * a / 5 + (1 - ratio) * b / 2
    torch.testing.assert_close(mixed, direction / direction.norm() * (5 * ratio + 2 * (1 - ratio)))


def test_nothing_has_no_direction(context: Context[Runtime]) -> None:
    nothing = {"samples": torch.zeros(2, 4, 8, 6)}
    half = latent_mixing.latent_interpolate(FIRST, nothing, 0.5, context=context)["samples"]
    torch.testing.assert_close(half, FIRST["samples"] / 2)


def test_joining_and_cutting_are_inverse(context: Context[Runtime]) -> None:
    for dim in ("x", "y"):
        joined = latent_mixing.latent_concat(FIRST, SECOND, dim, context=context)
        size = joined["samples"].shape[-1 if dim == "x" else -2] // 2
        assert torch.equal(latent_mixing.latent_cut(joined, dim, 0, size)["samples"], FIRST["samples"])
        before = latent_mixing.latent_concat(FIRST, SECOND, f"-{dim}", context=context)
        assert torch.equal(latent_mixing.latent_cut(before, dim, -size, 99)["samples"], FIRST["samples"])
        assert torch.equal(
            latent_mixing.latent_cut(before, dim, 0, size)["samples"], SECOND["samples"].repeat(2, 1, 1, 1)
        )
    assert latent_mixing.latent_cut(FIRST, "x", 99, 5)["samples"].shape[-1] == 1
    assert latent_mixing.latent_cut(FIRST, "x", -99, 2)["samples"].shape[-1] == 2


def test_joining_says_what_does_not_fit(context: Context[Runtime]) -> None:
    with pytest.raises(InputError, match=r"5x8 cells. Expected 6 cells on the side"):
        latent_mixing.latent_concat(FIRST, {"samples": random(1, 4, 8, 5)}, "y", context=context)
    with pytest.raises(InputError, match="no axis of time"):
        latent_mixing.latent_concat(FIRST, SECOND, "t", context=context)
    with pytest.raises(InputError, match="no axis of time"):
        latent_mixing.latent_cut(FIRST, "t")


def test_pasting_counts_in_pixels_and_masks_in_any_size(context: Context[Runtime]) -> None:
    mask = torch.zeros(32, 32)
    mask[:, 16:] = 1
    source = {"samples": torch.full((1, 4, 4, 4), 9.0)}
    pasted = latent_mixing.latent_composite_masked(FIRST, source, 16, 8, mask=mask, context=context)["samples"]
    assert torch.equal(pasted[..., 1:5, 2:4], FIRST["samples"][..., 1:5, 2:4])
    assert torch.equal(pasted[..., 1:5, 4:6], torch.full((2, 4, 4, 2), 9.0))
    assert torch.equal(pasted[..., 5:, :], FIRST["samples"][..., 5:, :])


def test_batches_join_with_their_noise(context: Context[Runtime]) -> None:
    joined = latent_batches.latent_batch({**FIRST, "batch_index": [4, 7]}, SECOND, context=context)
    assert joined["samples"].shape[0] == 3
    assert joined["batch_index"] == [4, 7, 0]


def test_noise_may_be_the_same_for_all() -> None:
    fixed = latent_batches.latent_batch_seed_behavior({**FIRST, "batch_index": [4, 7]})
    assert fixed["batch_index"] == [4, 4]
    assert latent_batches.latent_batch_seed_behavior(FIRST)["batch_index"] == [0, 0]
    assert "batch_index" not in latent_batches.latent_batch_seed_behavior(fixed, "random")


def test_batches_are_dealt_anew() -> None:
    other = {"samples": random(1, 4, 2, 2)}
    dealt = latent_batches.rebatch_latents([FIRST, {**SECOND, "batch_index": [9]}, other, FIRST], [2])
    assert [len(latent["samples"]) for latent in dealt] == [2, 1, 1, 2]
    assert [latent["batch_index"] for latent in dealt] == [[0, 1], [9], [3], [4, 5]]
    assert not any("noise_mask" in latent for latent in dealt)
    assert dealt[1]["extra"] == "kept"
    assert torch.equal(dealt[3]["samples"], FIRST["samples"])


def test_dealing_keeps_masks_of_some() -> None:
    mask = torch.zeros(1, 1, 16, 12)
    dealt = latent_batches.rebatch_latents([SECOND, {**FIRST, "noise_mask": mask}], [3])
    assert dealt[0]["noise_mask"].shape == (3, 1, 64, 48)
    assert dealt[0]["noise_mask"].mean(dim=(1, 2, 3)).tolist() == [1, 0, 0]


def test_reinhards_curve_keeps_directions_and_bounds_lengths() -> None:
    samples = random(2, 4, 8, 6) * torch.tensor([1.0, 100.0]).view(2, 1, 1, 1)
    operation = latent_operations.latent_operation_tonemap_reinhard(2.0)
    mapped = latent_operations.latent_apply_operation({"samples": samples}, operation)["samples"]
    length, new = samples.norm(dim=1), mapped.norm(dim=1)
    top = 2 * (5 * length.std(dim=(1, 2), keepdim=True) + length.mean(dim=(1, 2), keepdim=True))
    torch.testing.assert_close(new, length * top / (length + top))
    torch.testing.assert_close(mapped / new.unsqueeze(1), samples / length.unsqueeze(1))


def test_sharpening_a_latent_needs_something_uneven() -> None:
    even = {"samples": torch.tensor([1.0, 2, 3, 4]).view(1, 4, 1, 1).expand(1, 4, 8, 8)}
    operation = latent_operations.latent_operation_sharpen(sharpen_radius=3, alpha=0.5)
    sharp = latent_operations.latent_apply_operation(even, operation)["samples"]
    torch.testing.assert_close(sharp, even["samples"])
    uneven = even["samples"].clone()
    uneven[0, 0, 4, 4] = 2
    changed = operation(latent=uneven)
    assert changed[0, 0, 4, 4] > uneven[0, 0, 4, 4]
    assert changed[0, 0, 4, 5] < uneven[0, 0, 4, 5]
