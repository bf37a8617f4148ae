from __future__ import annotations

import pytest
import torch

from ldm_nodes.sampling.ddpm import ddpm
from ldm_nodes.sampling.noise import SequentialNoise
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.steps import KnownRegion, final
from tests.sampling.fakes import RecordedNoise
from tests.sampling.gaussian import START, Gaussian

SCHEDULE = NoiseSchedule.named("cosine", 200)
DATA = Gaussian()
PREDICT = DATA.predictor(lambda t: SCHEDULE.alphas_cumprod[int(t)].item())


def test_it_draws_from_the_data_distribution() -> None:
    source = SequentialNoise.seeded(0)
    x = source.draw(torch.zeros(20_000, 1, 1, 1), -1)
    end = final(ddpm(PREDICT, x, SCHEDULE, source))
    assert end.mean().item() == pytest.approx(DATA.mean, abs=0.02)
    assert end.std().item() == pytest.approx(DATA.std, abs=0.02)


def test_without_temperature_no_noise_is_added() -> None:
    runs = [final(ddpm(PREDICT, START, SCHEDULE, SequentialNoise.seeded(s), temperature=0.0)) for s in (1, 2)]
    assert torch.equal(*runs)


def test_a_list_of_temperatures_is_read_by_timestep() -> None:
    schedule = NoiseSchedule.named("linear", 3)
    draws = [torch.ones_like(START)] * 3
    ends = {
        hot: final(
            ddpm(PREDICT, START, schedule, RecordedNoise(draws), temperature=[float(t == hot) for t in range(3)])
        )
        for hot in (0, 1, 2)
    }
    cold = final(ddpm(PREDICT, START, schedule, RecordedNoise(draws), temperature=0.0))
    assert torch.equal(ends[0], cold)
    assert not torch.equal(ends[1], cold)
    assert not torch.equal(ends[2], cold)


def test_all_noise_may_be_dropped_but_for_a_few() -> None:
    low, high = torch.full_like(START, -9.0), torch.full_like(START, 9.0)
    schedule = NoiseSchedule.named("linear", 2)
    dropped = final(ddpm(PREDICT, START, schedule, RecordedNoise([high, low] * 2), noise_dropout=0.5))
    cold = final(ddpm(PREDICT, START, schedule, RecordedNoise([high] * 2), temperature=0.0))
    assert torch.equal(dropped, cold)


def test_clipping_comes_before_quantising() -> None:
    seen: list[float] = []

    def quantize(x0: torch.Tensor) -> torch.Tensor:
        seen.append(x0.abs().max().item())
        return x0.round()

    steps = list(ddpm(PREDICT, START * 9, SCHEDULE, SequentialNoise.seeded(0), start=3, clip=True, quantize=quantize))
    assert max(seen) <= 1
    assert all(torch.equal(step.x0, step.x0.round()) for step in steps)
    assert [step.t for step in steps] == [2, 1, 0]


def test_the_known_region_is_imposed_after_the_step() -> None:
    x0 = torch.full_like(START, 2.0)
    known = KnownRegion(x0, torch.ones_like(START), SCHEDULE)
    draws = [torch.zeros_like(START)] * 400
    end = final(ddpm(PREDICT, START, SCHEDULE, RecordedNoise(draws), known=known))
    torch.testing.assert_close(end, x0 * SCHEDULE.sqrt_alphas_cumprod[0].item())
