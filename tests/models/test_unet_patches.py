"""Patches inside the UNet, each on maps of which the result is known."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ldm_nodes.models.attention_guidance import SelfAttentionGuidance, blurred
from ldm_nodes.models.unet_patches import Downscale, FreeU, HyperTile, fitted_to_skip

H, SKIP = torch.randn(2, 2, 8, 16, 16, generator=torch.Generator().manual_seed(5)).unbind(0)


def _told(**more: Any) -> dict[str, Any]:
    told = {"original_shape": [1, 4, 16, 24], "activations_shape": [1, 8, 16, 24], "transformer_index": 3}
    return {**told, "sigmas": torch.tensor([2.0, 2.0]), "block": ("input", 3)} | more


def test_features_are_strengthened_and_the_coarse_part_of_skips_weakened() -> None:
    h, skip = FreeU({8: (1.5, 0.25)})(H, SKIP, _told())
    torch.testing.assert_close(h, torch.cat([H[:, :4] * 1.5, H[:, 4:]], 1))
    torch.testing.assert_close(skip.mean((2, 3)), SKIP.mean((2, 3)) * 0.25)
    kept = torch.fft.fft2(skip)[..., 4:12, 4:12]
    torch.testing.assert_close(kept, torch.fft.fft2(SKIP)[..., 4:12, 4:12], rtol=1e-3, atol=1e-3)


def test_the_second_version_follows_the_structure() -> None:
    h, _ = FreeU({8: (1.5, 1.0)}, by_structure=True)(H, SKIP, _told())
    factor = (h[:, :4] / H[:, :4]).mean(1)
    means = H.mean(1)
    for picture, mean in zip(factor, means, strict=True):
        assert abs(picture.flatten()[mean.argmax()] - 1.5) < 1e-3
        assert abs(picture.flatten()[mean.argmin()] - 1.0) < 1e-3


def test_blocks_of_other_widths_are_left() -> None:
    assert FreeU({16: (1.5, 0.25)})(H, SKIP, _told()) == (H, SKIP)


def test_a_map_shrinks_at_its_block_in_its_range_and_grows_again() -> None:
    shrink = Downscale(3, 2.0, 5.0, 1.0, "bilinear")
    assert shrink(H, _told()).shape == (2, 8, 8, 8)
    assert shrink(H, _told(block=("input", 4))) is H
    assert shrink(H, _told(sigmas=torch.tensor([0.5]))) is H
    h, skip = fitted_to_skip("bilinear")(shrink(H, _told()), SKIP, _told())
    assert h.shape == skip.shape == H.shape


def test_tiles_are_parts_of_the_map_and_joined_as_they_were() -> None:
    tiles = HyperTile(8, 1, 0, scale_depth=False)
    tokens = torch.arange(16 * 24.0).reshape(1, -1, 1)
    divided, context, value = tiles.divide(tokens, tokens, tokens, _told())
    assert divided.shape == (6, 64, 1)
    assert context is divided
    assert value is divided
    grid = tokens.reshape(16, 24)
    assert torch.equal(divided[1].reshape(8, 8), grid[:8, 8:16])
    assert torch.equal(tiles.join(divided, _told()), tokens)


def test_deeper_maps_are_not_divided() -> None:
    tokens = torch.zeros(1, 8 * 12, 1)
    deep = _told(activations_shape=[1, 8, 8, 12])
    assert HyperTile(4, 1, 0, scale_depth=False).divide(tokens, tokens, tokens, deep)[0] is tokens
    assert len(HyperTile(4, 1, 1, scale_depth=False).divide(tokens, tokens, tokens, deep)[0]) == 6
    assert len(HyperTile(4, 1, 1, scale_depth=True).divide(tokens, tokens, tokens, deep)[0]) == 1


def test_a_blur_keeps_what_is_constant_and_the_sum_of_a_point() -> None:
    flat = torch.full((1, 2, 12, 12), 3.0)
    torch.testing.assert_close(blurred(flat, 2.0), flat)
    point = torch.zeros(1, 1, 21, 21)
    point[..., 10, 10] = 1.0
    made = blurred(point, 1.0)
    assert abs(made.sum() - 1) < 1e-5
    assert made[0, 0, 10, 10] == made.max()


def test_only_what_much_attention_goes_to_is_blurred() -> None:
    guidance = SelfAttentionGuidance(0.5, 2.0)
    q = torch.zeros(2, 64, 2)
    k = torch.zeros(2, 64, 2)
    q[..., 0], k[1, :8, 0] = 10.0, 10.0  # the second chunk looks at its first row
    told = {"n_heads": 1, "dim_head": 2, "cond_or_uncond": [0, 1], "activations_shape": [2, 8, 8, 8]}
    attended: Tensor = guidance.record(q, k, torch.ones(2, 64, 2), told)
    torch.testing.assert_close(attended, torch.ones(2, 64, 2))
    x0 = H[:1]
    made = guidance.blurred_where_attended(x0)
    assert torch.equal(made[..., 2:, :], x0[..., 2:, :])
    torch.testing.assert_close(made[..., :2, :], blurred(x0, 2.0)[..., :2, :])
