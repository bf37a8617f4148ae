"""Guidance, and how entries share network calls."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ldm_nodes.sampling.conditioning import Conditioning, entries
from ldm_nodes.sampling.guidance import Prompts, guide
from tests.sampling.toy_model import ToyModel, prompt

SHAPE = torch.Size((2, 4, 12, 16))
X, SIGMA = torch.zeros(SHAPE), torch.tensor([1.0, 1.0])


def _prompts(model: ToyModel, positive: Conditioning, negative: Conditioning) -> Prompts:
    made = entries(model, {"positive": positive, "negative": negative}, SHAPE)
    return Prompts(model, (made["positive"], made["negative"]))


def _guided(prompts: Prompts, scale: float, **options: Any) -> Tensor:
    return guide(prompts, X, SIGMA, scale, options)


def test_guidance_goes_from_the_negative_prediction_past_the_positive_one() -> None:
    x0 = _guided(_prompts(ToyModel(), prompt(3.0), prompt(1.0)), 2.5)
    torch.testing.assert_close(x0, torch.full(SHAPE, 1 + 2.5 * 2))


def test_both_prompts_share_one_call_with_the_negative_first() -> None:
    model = ToyModel()
    _prompts(model, prompt(3.0), prompt(1.0))(X, SIGMA, {})
    assert model.shapes == [(4, 4, 12, 16)]
    assert model.contexts[0][:, 0, 0].tolist() == [1, 1, 3, 3]


def test_at_a_scale_of_one_the_positive_prediction_is_returned_unchanged_and_alone() -> None:
    model = ToyModel()
    assert torch.equal(_guided(_prompts(model, prompt(0.5), prompt(9.0)), 1.0), torch.full(SHAPE, 0.5))
    assert model.shapes == [(2, 4, 12, 16)]


def test_the_batched_context_is_the_same_object_in_every_step() -> None:
    model = ToyModel()
    prompts = _prompts(model, [*prompt(3.0), *prompt(2.0, start_percent=0.5)], prompt(1.0))
    for sigma in (10.0, 10.0, 0.2, 0.1, 10.0):
        prompts(X, torch.full((2,), sigma), {})
    a, b, c, d, e = model.contexts
    assert a is b is e
    assert c is d
    assert len(a) == 4
    assert len(c) == 6


def test_contexts_of_unequal_length_are_repeated_to_a_common_one() -> None:
    model = ToyModel()
    _prompts(model, prompt(3.0, tokens=6), prompt(1.0, tokens=4))(X, SIGMA, {})
    assert [tuple(context.shape) for context in model.contexts] == [(4, 12, 3)]


def test_contexts_that_would_grow_too_long_are_run_apart() -> None:
    model = ToyModel()
    positive, negative = _prompts(model, prompt(3.0, tokens=7), prompt(1.0, tokens=5))(X, SIGMA, {})
    assert [tuple(context.shape) for context in model.contexts] == [(2, 5, 3), (2, 7, 3)]
    assert negative.eq(1).all()
    assert positive.eq(3).all()


def test_areas_of_one_size_share_a_call_and_others_do_not() -> None:
    model = ToyModel()
    positive = [*prompt(1.0), *prompt(2.0, area=(4, 4, 0, 0)), *prompt(3.0, area=(4, 4, 8, 8))]
    _prompts(model, positive, prompt(0.0))(X, SIGMA, {})
    assert sorted(model.shapes) == [(4, 4, 12, 16), (8, 4, 4, 4)]


def test_each_picture_may_have_its_own_context() -> None:
    own = [[torch.tensor([1.0, 2.0]).reshape(2, 1, 1).expand(2, 7, 3), {}]]
    x0, _ = _prompts(ToyModel(), own, ())(X, SIGMA, {})
    assert x0[0].eq(1).all()
    assert x0[1].eq(2).all()


def test_the_timestep_is_the_nearest_integer_unless_it_is_stated() -> None:
    model = ToyModel()
    prompts = _prompts(model, prompt(1.0), ())
    prompts(X, model.noise_schedule.sigma(torch.tensor([300.4, 300.4])), {})
    prompts(X, SIGMA, {"timestep": torch.tensor([300.4, 300.4])})
    assert model.timesteps[0] == 300
    assert abs(model.timesteps[1] - 300.4) < 1e-4
