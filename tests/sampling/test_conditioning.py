"""Where, when and how strongly entries act."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.conditioning import Conditioning, Entry, entries, resized
from ldm_nodes.sampling.guidance import Prompts
from tests.sampling.toy_model import ToyModel, prompt

SHAPE = torch.Size((2, 4, 12, 16))
SIGMA = torch.tensor([1.0, 1.0])


def _both(positive: Conditioning, negative: Conditioning) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    made = entries(ToyModel(), {"positive": positive, "negative": negative}, SHAPE)
    return made["positive"], made["negative"]


def _positive(conditioning: Conditioning) -> tuple[Entry, ...]:
    return _both(conditioning, prompt(0.0))[0]


def _picture(positive: Conditioning, sigma: Tensor = SIGMA) -> Tensor:
    """Return the x0 (h, w) that a positive conditioning expects."""
    mine, _ = _both(positive, ())
    (x0,) = Prompts(ToyModel(), (mine,))(torch.zeros(SHAPE), sigma, {})
    assert (x0 == x0[:1, :1]).all()
    return x0[0, 0]


def test_a_plain_entry_acts_everywhere_and_always() -> None:
    (entry,) = _positive(prompt(1.0))
    assert entry.area is None
    assert entry.always_acts
    assert entry.weight.eq(1).all()


def test_an_area_in_cells_reaches_no_further_and_the_rest_is_zero() -> None:
    x0 = _picture(prompt(3.0, area=(4, 6, 2, 5)))
    assert x0[2:6, 5:11].eq(3).all()
    assert x0.sum() == 3 * 4 * 6


@pytest.mark.parametrize(
    ("fractions", "area"),
    [
        ((0.5, 0.25, 0.5, 0.75), (6, 4, 6, 12)),
        ((0.0, 1.0, 0.0, 0.0), (1, 16, 0, 0)),
        ((0.29, 0.5, 0.21, 0.0), (3, 8, 3, 0)),
    ],
)
def test_an_area_in_fractions_is_rounded_to_cells_and_at_least_one(fractions: Any, area: Any) -> None:
    (entry,) = _positive(prompt(1.0, area=("percentage", *fractions)))
    assert entry.area == area


def test_an_area_beyond_the_latent_is_cut_and_one_outside_has_no_effect() -> None:
    assert _picture(prompt(1.0, area=(8, 8, 10, 12))).count_nonzero() == 2 * 4
    assert _positive(prompt(1.0, area=(8, 8, 12, 0))) == ()


def test_an_area_is_feathered_on_inner_sides_only() -> None:
    (entry,) = _positive(prompt(1.0, area=(12, 8, 0, 8)))
    assert entry.weight[0, 0, 0].tolist() == [0.5, 1, 1, 1, 1, 1, 1, 1]
    assert entry.weight[0, 0, :, 4].eq(1).all()


def test_overlapping_entries_are_averaged_by_strength() -> None:
    both = [*prompt(1.0, strength=3.0), *prompt(5.0)]
    torch.testing.assert_close(_picture(both), torch.full((12, 16), 2.0))


def test_a_mask_weighs_an_entry_and_scales_to_the_latent() -> None:
    mask = torch.zeros(1, 96, 128)
    mask[:, :, 64:] = 1
    half = [*prompt(1.0), *prompt(4.0, mask=mask, mask_strength=2.0)]
    x0 = _picture(half)
    assert x0[:, :8].eq(1).all()
    torch.testing.assert_close(x0[:, 8:], torch.full((12, 8), 3.0))


def test_mask_bounds_become_the_area_and_are_at_least_eight_cells() -> None:
    mask = torch.zeros(1, 12, 16)
    mask[:, 3:5, 2:13] = 1
    (entry,) = _positive(prompt(1.0, mask=mask, set_area_to_bounds=True))
    assert entry.area == (8, 11, 3, 2)
    (empty,) = _positive(prompt(1.0, mask=torch.zeros(1, 12, 16), set_area_to_bounds=True))
    assert empty.area == (8, 8, 0, 0)


def test_masks_of_any_form_are_resized_bilinearly() -> None:
    mask = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    expected = torch.nn.functional.interpolate(mask[None, None], size=(4, 6), mode="bilinear", align_corners=False)
    for form in (mask, mask[None], mask[None, None]):
        assert torch.equal(resized(form, (4, 6)), expected)


def test_a_timestep_range_ends_where_its_percents_say() -> None:
    ranged = prompt(1.0, start_percent=0.25, end_percent=0.75)
    schedule = ToyModel().noise_schedule
    first, last = schedule.percent_to_sigma(0.25), schedule.percent_to_sigma(0.75)
    for sigma, acts in ((first * 1.01, False), (first, True), (last, True), (last * 0.99, False)):
        assert _picture(ranged, torch.full((2,), sigma)).eq(1 if acts else 0).all()


def test_the_whole_range_always_acts() -> None:
    (entry,) = _positive(prompt(1.0, start_percent=0.0, end_percent=1.0))
    assert entry.always_acts


def test_the_other_prompt_answers_an_area_with_its_smallest_entry_around_it() -> None:
    positive = prompt(1.0, area=(4, 4, 2, 2))
    negative = [*prompt(2.0), *prompt(3.0, area=(8, 8, 0, 0)), *prompt(4.0, area=(2, 2, 3, 3))]
    _, others = _both(positive, negative)
    assert len(others) == 4
    assert others[-1].area == (4, 4, 2, 2)
    assert others[-1].conditions["context"].eq(3).all()


def test_an_area_that_the_other_prompt_has_is_not_copied() -> None:
    positive, negative = prompt(1.0, area=(4, 4, 2, 2)), [*prompt(2.0), *prompt(3.0, area=(4, 4, 2, 2))]
    mine, others = _both(positive, negative)
    assert (len(mine), len(others)) == (1, 2)
