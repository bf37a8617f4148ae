"""Conditioning nodes leave their inputs as they were and set what ComfyUI's contract names."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.engine.errors import InputError
from ldm_nodes.nodes import conditioning as nodes
from ldm_nodes.nodes import conditioning_properties as properties


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


def test_properties_are_set_together() -> None:
    mask = torch.ones(8, 8)
    during, before, after = properties.conditioning_timesteps_range(0.25, 0.75)
    assert (before, after) == ((0.0, 0.25), (0.75, 1.0))
    changed = properties.conditioning_set_properties(_cond(), 0.5, "mask bounds", mask, timesteps=during)
    options = changed[0][1]
    assert options["mask"].shape == (1, 8, 8)
    assert (options["mask_strength"], options["set_area_to_bounds"]) == (0.5, True)
    assert (options["start_percent"], options["end_percent"]) == (0.25, 0.75)
    assert properties.conditioning_set_properties(_cond(), 0.5)[0][1].keys() == _cond()[0][1].keys()


def test_pairs_are_changed_and_combined() -> None:
    mask = torch.ones(1, 8, 8)
    joined = properties.conditioning_set_properties_and_combine(_cond(value=1.0), _cond(value=2.0), mask=mask)
    assert [entry[0].mean().item() for entry in joined] == [1, 2]
    assert ["mask" in entry[1] for entry in joined] == [False, True]
    pair = properties.pair_conditioning_set_properties_and_combine(
        _cond(value=1.0), _cond(value=2.0), _cond(value=3.0), _cond(value=4.0), mask=mask
    )
    assert [[entry[0].mean().item() for entry in side] for side in pair] == [[1, 3], [2, 4]]
    assert all("mask" in side[1][1] and "mask" not in side[0][1] for side in pair)
    both = properties.pair_conditioning_combine(*(_cond(value=float(value)) for value in range(4)))
    assert [[entry[0].mean().item() for entry in side] for side in both] == [[0, 2], [1, 3]]


def test_changes_of_weights_for_a_prompt_are_refused() -> None:
    with pytest.raises(InputError, match="changes of weights for one prompt are not made here"):
        properties.pair_conditioning_set_properties(_cond(), _cond(), hooks=object())


def test_prompts_of_different_widths_do_not_join() -> None:
    wide = [[torch.zeros(1, 77, 5), {}]]
    with pytest.raises(InputError) as caught:
        properties.pair_conditioning_combine(_cond(), _cond(), _cond(), wide)
    assert caught.value.input_name == "negative_B"
