from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from ldm_nodes.sampling.noise_schedule import NoiseSchedule, make_beta_schedule, zero_terminal_snr

SD = NoiseSchedule.stable_diffusion()


@pytest.mark.parametrize(
    ("t", "alpha_cumprod", "sigma"),
    [
        (0, 0.9991500000, 0.029167),
        (1, 0.9982960278, 0.041314),
        (499, 0.2776696505, 1.612886),
        (999, 0.0046600985, 14.614641),
    ],
)
def test_the_stable_diffusion_schedule(t: int, alpha_cumprod: float, sigma: float) -> None:
    assert SD.alphas_cumprod[t].item() == pytest.approx(alpha_cumprod, rel=1e-7)
    assert SD.sigmas[t].item() == pytest.approx(sigma, rel=5e-5)


@pytest.mark.parametrize(
    ("end", "last"), [(0.0195, 0.00014230), (0.0155, 0.00066867), (0.0205, 0.00009691), (0.015, 0.00081252)]
)
def test_the_schedules_of_the_released_models(end: float, last: float) -> None:
    assert NoiseSchedule.named("linear", 1000, 0.0015, end).alphas_cumprod[-1].item() == pytest.approx(last, abs=5e-9)


def test_the_posterior_starts_without_variance() -> None:
    assert SD.posterior_variance[0] == 0
    assert SD.posterior_log_variance_clipped[0].item() == pytest.approx(-46.0517019)
    assert SD.posterior_mean_coef1[1].item() == pytest.approx(0.5013786907, rel=1e-6)
    assert SD.posterior_mean_coef2[999].item() == pytest.approx(0.9939253680, rel=1e-6)


def test_the_bounds_weights() -> None:
    eps, x0 = SD.lvlb_weights("eps"), SD.lvlb_weights("x0")
    assert eps[[0, 1, 2, 499, 999]].tolist() == pytest.approx(
        [0.50319399, 0.50319399, 0.25239540, 0.00334747, 0.00610165], rel=1e-5
    )
    a = SD.alphas_cumprod[499].item()
    assert x0[499].item() == pytest.approx(0.5 * math.sqrt(a) / (2 - a), rel=1e-6)
    assert torch.equal(SD.lvlb_weights("v"), torch.ones(1000))


def test_squaredcos_cap_v2_is_the_cosine_schedule_of_sd2() -> None:
    ours = make_beta_schedule("squaredcos_cap_v2", 1000)

    def level(u: float) -> float:
        return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2

    expected = [min(1 - level((i + 1) / 1000) / level(i / 1000), 0.999) for i in range(1000)]
    np.testing.assert_allclose(ours, expected, rtol=1e-9)


def test_zero_terminal_snr_keeps_the_first_level_and_empties_the_last() -> None:
    rescaled = SD.with_zero_terminal_snr()
    assert rescaled.alphas_cumprod[0].item() == pytest.approx(SD.alphas_cumprod[0].item(), rel=1e-6)
    assert rescaled.alphas_cumprod[-1].item() == pytest.approx(4.8973451890853435e-08, rel=1e-6)
    assert rescaled.sigma_max == pytest.approx(4518.76, rel=1e-4)
    assert bool((rescaled.sigmas.diff() > 0).all())
    root = np.sqrt(np.cumprod(1 - zero_terminal_snr(make_beta_schedule("linear", 1000, 0.00085, 0.012))))
    original = np.sqrt(np.cumprod(1 - make_beta_schedule("linear", 1000, 0.00085, 0.012)))
    shrink = original[0] / (original[0] - original[-1])
    np.testing.assert_allclose(root[:-1], (original[:-1] - original[-1]) * shrink, rtol=1e-9)


def test_sigma_inverts_timestep() -> None:
    t = torch.arange(1000)
    assert torch.equal(SD.timestep(SD.sigmas), t)
    torch.testing.assert_close(SD.sigma(t), SD.sigmas)
    assert SD.timestep(torch.tensor([[1e-4, 1e4]])).tolist() == [[0, 999]]
    between = SD.sigma(torch.tensor(10.25)).log()
    torch.testing.assert_close(between, 0.75 * SD.log_sigmas[10] + 0.25 * SD.log_sigmas[11])


def test_percents_run_from_everything_to_nothing() -> None:
    assert SD.percent_to_sigma(0) > SD.sigma_max
    assert SD.percent_to_sigma(1) == 0
    assert SD.percent_to_sigma(0.5) == pytest.approx(SD.sigma(torch.tensor(499.5)).item())


def test_noise_start_and_velocity_are_three_views_of_one_point() -> None:
    generator = torch.Generator().manual_seed(0)
    x0, noise = torch.randn(2, 3, 4, 4, 4, generator=generator, dtype=torch.float64)
    t = torch.tensor([3, 700, 999])
    x, v = SD.q_sample(x0, t, noise), SD.v_target(x0, t, noise)
    torch.testing.assert_close(SD.predict_start_from_noise(x, t, noise), x0, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(SD.predict_noise_from_start(x, t, x0), noise, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(SD.predict_start_from_v(x, t, v), x0, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(SD.predict_noise_from_v(x, t, v), noise, rtol=1e-5, atol=1e-5)


def test_the_checkpoint_buffers_are_the_original_twelve() -> None:
    assert list(SD.buffers()) == [
        "betas",
        "alphas_cumprod",
        "alphas_cumprod_prev",
        "sqrt_alphas_cumprod",
        "sqrt_one_minus_alphas_cumprod",
        "log_one_minus_alphas_cumprod",
        "sqrt_recip_alphas_cumprod",
        "sqrt_recipm1_alphas_cumprod",
        "posterior_variance",
        "posterior_log_variance_clipped",
        "posterior_mean_coef1",
        "posterior_mean_coef2",
    ]
    assert all(buffer.dtype == torch.float32 and buffer.shape == (1000,) for buffer in SD.buffers().values())


def test_a_schedule_moves_as_a_whole() -> None:
    moved = SD.to("meta")
    assert all(buffer.device.type == "meta" for buffer in (*moved.buffers().values(), moved.sigmas, moved.log_sigmas))
    assert len(moved) == 1000


@pytest.mark.parametrize("betas", [[], [0.1, 1.5], [-0.1], [float("nan")], [[0.1, 0.2]]])
def test_impossible_betas_are_refused(betas: list[float]) -> None:
    with pytest.raises(ValueError, match="a list of betas between 0 and 1"):
        NoiseSchedule.from_betas(betas)


def test_unknown_names_and_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="Unknown beta schedule 'cubic': expected one of linear, cosine"):
        make_beta_schedule("cubic", 10)
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        make_beta_schedule("linear", 0)
