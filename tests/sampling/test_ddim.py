from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest
import torch

from ldm_nodes.sampling.ddim import DDIMPlan, ddim, ddim_encode, ddim_step, stochastic_encode
from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.noise import KeyedNoise, SequentialNoise
from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.steps import KnownRegion, dropout, final, score_corrected
from ldm_nodes.sampling.timesteps import ddim_timesteps
from tests.sampling.fakes import RecordedNoise
from tests.sampling.gaussian import START, Gaussian, order

if TYPE_CHECKING:
    from torch import Tensor

SD = NoiseSchedule.stable_diffusion()
DATA = Gaussian()
PREDICT = DATA.predictor(lambda t: SD.alphas_cumprod[int(t)].item())


def plan(steps: int, eta: float = 0.0) -> DDIMPlan:
    return DDIMPlan.of(SD, ddim_timesteps(steps), eta)


def error(steps: int) -> float:
    levels = plan(steps)
    exact = DATA.flow(START, levels.alphas[-1], levels.alphas_prev[0])
    return (final(ddim(PREDICT, START, levels)) - exact).abs().max().item()


def test_it_follows_the_probability_flow_at_first_order() -> None:
    assert 0.9 < order(error, 50, 200) < 1.1


@pytest.mark.parametrize(
    ("steps", "i", "a", "a_prev", "sigma"),
    [
        (10, 0, 0.99829602, 0.99914998, 0.02064835),
        (10, 9, 0.01400490, 0.03654652, 0.77633216),
        (20, 10, 0.27499905, 0.34555823, 0.42932121),
        (50, 25, 0.27499905, 0.30229566, 0.29478459),
    ],
)
def test_the_levels_of_a_plan(steps: int, i: int, a: float, a_prev: float, sigma: float) -> None:
    levels = plan(steps, eta=1.0)
    assert (levels.alphas[i], levels.alphas_prev[i]) == pytest.approx((a, a_prev), abs=1e-8)
    assert levels.sigmas[i] == pytest.approx(sigma, rel=1e-6)


def test_eta_scales_the_noise_and_keeps_the_variance() -> None:
    x = torch.zeros(10_000, 1, 1, 1)
    source = SequentialNoise.seeded(0)
    a = plan(500).alphas[-1]
    start = DATA.mean * a**0.5 + DATA.variance(a) ** 0.5 * source.draw(x, -1)
    ends = {eta: final(ddim(PREDICT, start, plan(500, eta), noise=source)) for eta in (0.0, 0.5, 1.0)}
    for end in ends.values():
        assert end.mean().item() == pytest.approx(DATA.mean, abs=0.03)
        assert end.std().item() == pytest.approx(DATA.std, abs=0.03)
    assert torch.corrcoef(torch.stack([start.flatten(), ends[0.0].flatten()]))[0, 1] > 0.99
    assert torch.corrcoef(torch.stack([start.flatten(), ends[1.0].flatten()]))[0, 1].abs() < 0.1


def test_a_picture_does_not_depend_on_its_companions_with_keyed_noise() -> None:
    x = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    together = final(ddim(PREDICT, x, plan(5, 1.0), noise=KeyedNoise(9)))
    alone = final(ddim(PREDICT, x[2:], plan(5, 1.0), noise=KeyedNoise(9, [2])))
    torch.testing.assert_close(together[2:], alone, rtol=0, atol=1e-6)


def test_encoding_inverts_sampling() -> None:
    levels = plan(500)
    noise = final(ddim_encode(PREDICT, START, levels))
    assert (noise - DATA.flow(START, levels.alphas_prev[0], levels.alphas[-1])).abs().max() < 0.03
    assert (final(ddim(PREDICT, noise, levels)) - START).abs().max() < 0.03


def test_a_step_there_and_back_is_the_identity() -> None:
    eps = torch.full_like(START, 0.3)
    there, _ = ddim_step(START, eps, 0.4, 0.7)
    torch.testing.assert_close(ddim_step(there, eps, 0.7, 0.4)[0], START)


def test_image_to_image_noises_one_level_above_the_first_call() -> None:
    levels = plan(50)
    asked: list[float] = []

    def predict(x: Tensor, t: Tensor) -> Tensor:
        asked.append(t[0].item())
        return PREDICT(x, t)

    noise = torch.full_like(START, 0.5)
    z = stochastic_encode(START, levels, 37, noise)
    torch.testing.assert_close(z, SD.q_sample(START, torch.tensor([741]), noise))
    final(ddim(predict, z, levels.first(37)))
    assert (asked[0], len(asked)) == (721, 37)


def test_full_strength_noises_to_the_last_level_where_the_original_fails() -> None:
    levels, noise = plan(50), torch.full_like(START, 0.5)
    assert torch.equal(stochastic_encode(START, levels, 50, noise), stochastic_encode(START, levels, 49, noise))
    with pytest.raises(SamplingError, match="index: got 51, expected 0 to 50"):
        stochastic_encode(START, levels, 51, noise)


def test_the_mask_keeps_the_known_region_up_to_one_step_of_denoising() -> None:
    x0, mask = torch.full_like(START, 2.0), torch.tensor([1.0, 0.0, 1.0, 0.0]).reshape(1, 1, 2, 2)
    noise = SequentialNoise.seeded(1)
    end = final(ddim(PREDICT, START, plan(20), noise=noise, known=KnownRegion(x0, mask, SD)))
    kept = mask.bool()
    assert (end - x0)[kept].abs().max() < 0.2
    assert (end - x0)[~kept].abs().min() > 0.2


def test_a_step_draws_for_the_mask_first() -> None:
    draws = [torch.full_like(START, float(i)) for i in range(4)]
    known = KnownRegion(torch.zeros_like(START), torch.ones_like(START), SD)
    levels = plan(2, 1.0)
    first, second = ddim(lambda x, t: torch.zeros_like(x), START, levels, noise=RecordedNoise(draws), known=known)
    expected = [
        (levels.alphas_prev[i] / levels.alphas[i]) ** 0.5 * (1 - levels.alphas[i]) ** 0.5 * before
        + levels.sigmas[i] * after
        for i, before, after in ((1, 0.0, 1.0), (0, 2.0, 3.0))
    ]
    torch.testing.assert_close(first.x, torch.full_like(START, expected[0]), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(second.x, torch.full_like(START, expected[1]), rtol=1e-5, atol=1e-6)


def test_noise_dropout_keeps_the_mean_share() -> None:
    draw = torch.randn(100_000, generator=torch.Generator().manual_seed(0))
    dropped = dropout(torch.ones(100_000), draw, 0.3)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.02)


def test_noise_dropout_changes_only_the_added_noise() -> None:
    levels = plan(1, 1.0)
    draws = [torch.ones_like(START), torch.tensor([-9.0, 9.0, 9.0, 9.0]).reshape(1, 1, 2, 2)]
    plain = final(ddim(PREDICT, START, plan(1, 1.0), noise=RecordedNoise([torch.zeros_like(START)])))
    dropped = final(ddim(PREDICT, START, levels, noise=RecordedNoise(draws), noise_dropout=0.5))
    expected = levels.sigmas[0] * torch.tensor([0.0, 2.0, 2.0, 2.0], dtype=torch.float64).reshape(1, 1, 2, 2)
    torch.testing.assert_close(dropped - plain, expected, rtol=1e-5, atol=1e-7)


def test_a_score_corrector_sees_what_the_network_said() -> None:
    corrected = score_corrected(PREDICT, lambda eps, x, t: eps + 0.1 * t.reshape(-1, 1, 1, 1) / 1000)
    t = torch.tensor([500])
    torch.testing.assert_close(corrected(START, t), PREDICT(START, t) + 0.05)


def test_whoever_iterates_may_stop() -> None:
    calls: list[Tensor] = []

    def predict(x: Tensor, t: Tensor) -> Tensor:
        calls.append(t)
        return PREDICT(x, t)

    taken = list(islice(ddim(predict, START, plan(50)), 3))
    assert [step.index for step in taken] == [0, 1, 2]
    assert [step.t for step in taken] == [981, 961, 941]
    assert len(calls) == 3


@pytest.mark.parametrize("eta", [-0.1, 3.0])
def test_impossible_etas_are_refused(eta: float) -> None:
    with pytest.raises(SamplingError, match=f"eta: got {eta:g}, expected 0"):
        plan(20, eta)


def test_noise_is_asked_for_where_it_is_needed() -> None:
    with pytest.raises(SamplingError, match="eta is above 0"):
        final(ddim(PREDICT, START, plan(5, 1.0)))
    with pytest.raises(SamplingError, match="a known region is noised at each step"):
        final(ddim(PREDICT, START, plan(5), known=KnownRegion(START, torch.ones_like(START), SD)))


def test_a_plan_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="give at least one timestep"):
        final(ddim(PREDICT, START, plan(5).first(0)))
