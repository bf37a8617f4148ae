"""Conditioning nodes leave their inputs as they were and set what ComfyUI's contract names."""

from __future__ import annotations

from typing import Any

import torch

from ldm_nodes.nodes import conditioning as nodes


def _cond(tokens: int = 77, value: float = 1.0, **options: Any) -> list[list[Any]]:
    return [[torch.full((1, tokens, 4), value), {"pooled_output": torch.full((1, 4), value), **options}]]


def test_area_is_in_latent_cells_and_inputs_stay_as_they_were() -> None:
    before = _cond()
    after = nodes.conditioning_set_area(before, width=128, height=64, x=16, y=8, strength=0.5)
    assert after[0][1]["area"] == (8, 16, 1, 2)
    assert after[0][1]["strength"] == 0.5
    assert "area" not in before[0][1]


def test_percentage_area_says_so() -> None:
    after = nodes.conditioning_set_area_percentage(_cond(), width=0.5, height=1.0, x=0.5, y=0.0)
    assert after[0][1]["area"] == ("percentage", 1.0, 0.5, 0.0, 0.5)


def test_average_mixes_tokens_and_pads_with_zeros() -> None:
    mixed = nodes.conditioning_average(_cond(154, 1.0), _cond(77, 3.0), conditioning_to_strength=0.25)
    torch.testing.assert_close(mixed[0][0][:, :77], torch.full((1, 77, 4), 0.25 * 1 + 0.75 * 3))
    torch.testing.assert_close(mixed[0][0][:, 77:], torch.full((1, 77, 4), 0.25))
    torch.testing.assert_close(mixed[0][1]["pooled_output"], torch.full((1, 4), 2.5))


def test_average_cuts_a_longer_source_to_the_target() -> None:
    assert nodes.conditioning_average(_cond(77), _cond(231))[0][0].shape == (1, 77, 4)


def test_concat_appends_tokens() -> None:
    assert nodes.conditioning_concat(_cond(77), _cond(154))[0][0].shape == (1, 231, 4)


def test_zero_out_keeps_the_shapes() -> None:
    zeroed = nodes.conditioning_zero_out(_cond())
    assert not zeroed[0][0].any()
    assert not zeroed[0][1]["pooled_output"].any()
    assert nodes.conditioning_zero_out([[torch.ones(1, 1, 4), {"pooled_output": None}]])[0][1]["pooled_output"] is None


def test_a_flat_mask_gains_a_batch() -> None:
    after = nodes.conditioning_set_mask(_cond(), torch.ones(8, 8), strength=0.5, set_cond_area="mask bounds")
    options = after[0][1]
    assert options["mask"].shape == (1, 8, 8)
    assert options["mask_strength"] == 0.5
    assert options["set_area_to_bounds"] is True


def test_timestep_range() -> None:
    options = nodes.conditioning_set_timestep_range(_cond(), start=0.2, end=0.7)[0][1]
    assert (options["start_percent"], options["end_percent"]) == (0.2, 0.7)
