"""What every schedule promises; their values are in `tests/parity/test_comfyui_sigmas.py`."""

from __future__ import annotations

import pytest
import torch
from scipy.stats import beta as beta_distribution

from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.schedules import sampling_sigmas, window
from ldm_nodes.sampling.tables import SCHEDULERS

SD = NoiseSchedule.stable_diffusion()
EXACT = [name for name in SCHEDULERS if name not in ("ddim_uniform", "beta", "uniform_compvis", "quad")]


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2, 7, 50])
def test_sigmas_descend_from_the_noisy_to_the_clean_end(scheduler: str, steps: int) -> None:
    sigmas = sampling_sigmas(SD, scheduler, steps)
    assert (sigmas.diff() < 0).all()
    assert sigmas[-1] == 0
    assert SD.sigma_min * 0.999 <= sigmas[-2]
    assert sigmas[0] <= SD.sigma_max * 1.001


@pytest.mark.parametrize("scheduler", EXACT)
@pytest.mark.parametrize("steps", [1, 2, 3, 7, 20, 999, 1000])
def test_a_schedule_has_exactly_as_many_steps_as_asked(scheduler: str, steps: int) -> None:
    assert len(sampling_sigmas(SD, scheduler, steps)) == steps + 1


@pytest.mark.parametrize("scheduler", EXACT)
def test_denoise_runs_the_asked_steps_at_the_end_of_a_longer_schedule(scheduler: str) -> None:
    whole, part = sampling_sigmas(SD, scheduler, 40), sampling_sigmas(SD, scheduler, 10, denoise=0.25)
    torch.testing.assert_close(part, whole[-11:])


def test_a_denoise_that_changes_no_count_still_keeps_only_the_asked_steps() -> None:
    assert len(sampling_sigmas(SD, "ddim_uniform", 7)) == 9
    assert len(sampling_sigmas(SD, "ddim_uniform", 7, denoise=0.95)) == 8


def test_more_steps_than_training_sigmas_visit_each_once() -> None:
    assert len(sampling_sigmas(SD, "simple", 1500)) == 1001


def test_beta_takes_the_quantiles_of_the_beta_distribution() -> None:
    sigmas = sampling_sigmas(SD, "beta", 13)
    quantiles = torch.tensor([float(beta_distribution.ppf(1 - i / 13, 0.6, 0.6)) for i in range(13)])
    torch.testing.assert_close(sigmas[:-1], SD.sigmas[(quantiles * 999).round().long()])


def test_the_research_schedule_visits_ddims_timesteps() -> None:
    assert SD.timestep(sampling_sigmas(SD, "uniform", 4)[:-1]).tolist() == [751, 501, 251, 1]


def test_the_original_schedule_takes_more_steps_or_fails_as_the_original_does() -> None:
    assert len(sampling_sigmas(SD, "uniform_compvis", 12)) == 14
    with pytest.raises(SamplingError, match="choose another number of steps"):
        sampling_sigmas(SD, "uniform_compvis", 9)


def test_windows_of_the_steps() -> None:
    sigmas = torch.tensor([4.0, 3.0, 2.0, 1.0, 0.0])
    assert window(sigmas, None, None, False).tolist() == [4, 3, 2, 1, 0]
    assert window(sigmas, 1, 3, False).tolist() == [3, 2, 1]
    assert window(sigmas, 1, 3, True).tolist() == [3, 2, 0]
    assert window(sigmas, 0, 10_000, True).tolist() == [4, 3, 2, 1, 0]
    assert window(sigmas, 4, None, False).tolist() == []
    assert window(sigmas, 3, 2, False).tolist() == []
    assert sigmas.tolist() == [4, 3, 2, 1, 0]
