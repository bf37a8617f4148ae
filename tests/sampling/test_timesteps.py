from __future__ import annotations

from itertools import pairwise

import pytest

from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.timesteps import Spacing, ddim_timesteps, leading_timesteps, trailing_timesteps


@pytest.mark.parametrize("method", ["uniform", "quad"])
def test_every_number_of_steps_gives_exactly_that_many_distinct_timesteps(method: Spacing) -> None:
    for steps in range(1, 1001):
        timesteps = ddim_timesteps(steps, 1000, method)
        assert len(timesteps) == steps
        assert timesteps[0] >= 0
        assert timesteps[-1] <= 999
        assert all(later > earlier for earlier, later in pairwise(timesteps))


@pytest.mark.parametrize("method", ["uniform", "quad"])
def test_where_the_original_works_the_timesteps_are_its_own(method: Spacing) -> None:
    equal = 0
    for steps in range(1, 1001):
        try:
            original = ddim_timesteps(steps, 1000, method, "compvis")
        except SamplingError:
            continue
        if len(original) == steps and len(set(original)) == steps:
            assert ddim_timesteps(steps, 1000, method) == original
            equal += 1
    assert equal >= 15


def test_the_original_miscounts_or_fails_where_the_fact_sheet_says_so() -> None:
    assert [len(ddim_timesteps(s, 1000, "uniform", "compvis")) for s in (7, 15, 30, 48, 400)] == [8, 16, 31, 50, 500]
    failing = {3, 9, 27, 36, 37, *range(101, 112), *range(251, 334), *range(501, 1001)}
    refused = set()
    for steps in range(1, 1001):
        try:
            ddim_timesteps(steps, 1000, "uniform", "compvis")
        except SamplingError:
            refused.add(steps)
    assert refused == failing


def test_the_refusal_says_what_to_do() -> None:
    with pytest.raises(SamplingError, match="With 3 steps it asks for timestep 1000, one past the end; choose another"):
        ddim_timesteps(3, compat="compvis")


@pytest.mark.parametrize("steps", [0, -1, 1001])
def test_impossible_numbers_of_steps_are_refused(steps: int) -> None:
    with pytest.raises(SamplingError, match=f"steps: got {steps}, expected 1 to 1000"):
        ddim_timesteps(steps)


def test_short_schedules() -> None:
    assert ddim_timesteps(20, 20) == list(range(20))
    assert ddim_timesteps(4, 20) == [1, 6, 11, 16]
    assert ddim_timesteps(20, 20, "quad") == list(range(20))


def test_quadratic_timesteps_are_pushed_apart_where_the_original_repeats_one() -> None:
    assert ddim_timesteps(50, method="quad", compat="compvis")[:6] == [1, 1, 2, 3, 6, 9]
    assert ddim_timesteps(50, method="quad")[:6] == [1, 2, 3, 4, 6, 9]


def test_leading_and_trailing_spacing() -> None:
    assert leading_timesteps(10) == [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]
    assert leading_timesteps(20, offset=1)[-3:] == [851, 901, 951]
    assert trailing_timesteps(10) == [99, 199, 299, 399, 499, 599, 699, 799, 899, 999]
