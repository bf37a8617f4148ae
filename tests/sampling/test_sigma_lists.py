"""Lists of noise levels: the published formulas, and the rules by which ComfyUI's nodes cut and turn them."""

from __future__ import annotations

import math

import pytest
import torch

from ldm_nodes.sampling import sigma_lists
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.schedules import sampling_sigmas

SD = NoiseSchedule.stable_diffusion()
SIGMAS = torch.tensor([8.0, 4.0, 2.0, 1.0, 0.0])


def test_karras_levels_are_equally_spaced_in_their_root() -> None:
    sigmas = sigma_lists.karras(10, 14.6, 0.03, 7.0)
    gaps = sigmas[:-1].double().pow(1 / 7).diff()
    torch.testing.assert_close(gaps, gaps[:1].expand(9), rtol=1e-4, atol=1e-6)
    assert sigmas[[0, -2, -1]].tolist() == pytest.approx([14.6, 0.03, 0.0], rel=1e-5)


def test_the_karras_node_and_the_scheduler_agree() -> None:
    own = sigma_lists.karras(12, SD.sigma_max, SD.sigma_min, 7.0)
    torch.testing.assert_close(own, sampling_sigmas(SD, "karras", 12))


def test_polyexponential_levels_are_a_power_in_the_logarithm() -> None:
    sigmas = sigma_lists.polyexponential(5, 16.0, 1.0, 2.0)
    expected = [16 ** ((1 - i / 4) ** 2) for i in range(5)]
    assert sigmas.tolist() == pytest.approx([*expected, 0.0], rel=1e-5)


def test_levels_of_the_continuous_process_follow_its_noise() -> None:
    sigmas = sigma_lists.variance_preserving(4, 19.9, 0.1, 0.001)
    times = [1 - i * 0.333 for i in range(4)]
    expected = [math.sqrt(math.exp(19.9 * t * t / 2 + 0.1 * t) - 1) for t in times]
    assert sigmas.tolist() == pytest.approx([*expected, 0.0], rel=1e-4)


def test_laplace_levels_are_symmetric_in_the_logarithm_about_their_middle() -> None:
    logs = sigma_lists.laplace(9, 1e9, 1e-9, 0.5, 0.25).double().log()
    torch.testing.assert_close(logs + logs.flip(0), torch.ones(9).double(), rtol=0, atol=1e-4)
    assert sigma_lists.laplace(5, 3.0, 0.2, 0.0, 0.5)[[0, -1]].tolist() == pytest.approx([3.0, 0.2])


@pytest.mark.parametrize(("steps", "denoise", "timesteps"), [(1, 1.0, [999]), (4, 1.0, [999, 899, 799, 699]),
                                                             (10, 0.3, [299, 199, 99])])  # fmt: skip
def test_turbo_models_are_asked_at_their_ten_timesteps(steps: int, denoise: float, timesteps: list[int]) -> None:
    sigmas = sigma_lists.sd_turbo(SD, steps, denoise)
    torch.testing.assert_close(sigmas[:-1], SD.sigmas[timesteps])
    assert sigmas[-1] == 0


def test_optimised_schedules_are_given_as_published_and_interpolated_for_other_numbers() -> None:
    published = sigma_lists.ALIGN_YOUR_STEPS["SDXL"]
    assert sigma_lists.align_your_steps("SDXL", 10, 1.0).tolist() == pytest.approx([*published[:-1], 0.0])
    doubled = sigma_lists.align_your_steps("SDXL", 20, 1.0)
    assert doubled[::2].tolist() == pytest.approx([*published[:-1], 0.0])
    assert doubled[1].item() == pytest.approx(math.sqrt(published[0] * published[1]))


def test_a_part_of_an_optimised_schedule_is_its_end() -> None:
    part = sigma_lists.align_your_steps("SD1", 10, 0.4)
    assert torch.equal(part, sigma_lists.align_your_steps("SD1", 10, 1.0)[-5:])
    assert sigma_lists.align_your_steps("SD1", 10, 0.0).numel() == 0


def test_both_parts_of_a_cut_share_its_level() -> None:
    high, low = sigma_lists.split(SIGMAS, 2)
    assert (high.tolist(), low.tolist()) == ([8, 4, 2], [2, 1, 0])


@pytest.mark.parametrize(("denoise", "high", "low"), [(1.0, [8], [8, 4, 2, 1, 0]), (0.5, [8, 4, 2], [2, 1, 0]),
                                                      (0.0, [], [0])])  # fmt: skip
def test_a_cut_by_denoise_keeps_that_part_of_the_steps(denoise: float, high: list[int], low: list[int]) -> None:
    first, second = sigma_lists.split_by_denoise(SIGMAS, denoise)
    assert (first.tolist(), second.tolist()) == (high, low)


def test_a_turned_list_does_not_start_at_zero() -> None:
    assert sigma_lists.flipped(SIGMAS).tolist() == pytest.approx([0.0001, 1, 2, 4, 8])
    assert SIGMAS[-1] == 0
    assert sigma_lists.flipped(torch.empty(0)).tolist() == []


def test_the_first_level_is_set_in_a_copy() -> None:
    assert sigma_lists.with_first(SIGMAS, 9.5).tolist() == [9.5, 4, 2, 1, 0]
    assert SIGMAS[0] == 8


def test_steps_between_two_levels_are_divided() -> None:
    assert sigma_lists.extended(SIGMAS, 2, 5.0, 2.0, "linear").tolist() == [8, 4, 3, 2, 1.5, 1, 0]
    assert sigma_lists.extended(SIGMAS, 2, -1.0, 8.0, "linear").tolist() == [8, 6, 4, 2, 1, 0]
    assert sigma_lists.extended(SIGMAS, 1, -1.0, 0.0, "sine").tolist() == SIGMAS.tolist()


@pytest.mark.parametrize(("spacing", "place"), [("cosine", math.sin(math.pi / 4)), ("sine", 1 - math.cos(math.pi / 4))])
def test_new_levels_may_be_eased(spacing: sigma_lists.Spacing, place: float) -> None:
    between = sigma_lists.extended(torch.tensor([2.0, 0.0]), 2, -1.0, 1.0, spacing)[1].item()
    assert between == pytest.approx(2 - 2 * place)
