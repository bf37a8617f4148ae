"""Other ways of guidance, against their published formulas."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling import guidance_patches as patches
from ldm_nodes.sampling.model_sampling import ModelSampling
from ldm_nodes.sampling.noise_schedule import NoiseSchedule

X, POSITIVE, NEGATIVE = torch.randn(3, 2, 4, 8, 8, generator=torch.Generator().manual_seed(3)).unbind(0)
SIGMA, SCALE = torch.tensor([2.0, 0.5]), 5.0
GUIDED = NEGATIVE + SCALE * (POSITIVE - NEGATIVE)


def _told(**more: Any) -> dict[str, Any]:
    told = {"input": X, "sigma": SIGMA, "cond_scale": SCALE, "cond_denoised": POSITIVE, "uncond_denoised": NEGATIVE}
    return {**told, "denoised": GUIDED, "conds_out": [POSITIVE, NEGATIVE], "conds": [(), ()]} | more


def _v(x0: Tensor) -> Tensor:
    """Return v of a variance-preserving latent (arXiv 2202.00512): alpha eps - sigma x0."""
    s = SIGMA.reshape(-1, 1, 1, 1)
    alpha, noise = 1 / (1 + s**2).sqrt(), (X - x0) / s
    return alpha * noise - s * alpha * x0


def test_rescaled_guidance_has_the_spread_of_the_positive_prediction_in_v() -> None:
    x0 = X - patches.rescaled(1.0)(_told())
    torch.testing.assert_close(_v(x0).std((1, 2, 3)), _v(POSITIVE).std((1, 2, 3)), rtol=1e-4, atol=1e-4)
    ratio = _v(x0) / _v(GUIDED)
    torch.testing.assert_close(ratio, ratio[:, :1, :1, :1].expand_as(ratio), rtol=1e-2, atol=1e-3)


def test_a_mix_of_rescaled_and_plain_guidance_lies_between_them() -> None:
    whole, half, none = (X - patches.rescaled(m)(_told()) for m in (1.0, 0.5, 0.0))
    torch.testing.assert_close(none, GUIDED, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(half, (whole + none) / 2, rtol=1e-4, atol=1e-4)


def test_the_fitted_negative_prediction_leaves_an_error_perpendicular_to_it() -> None:
    x0 = patches.zero_star(_told())
    positive, negative = X - POSITIVE, X - NEGATIVE
    fit = (positive * negative).sum((1, 2, 3)) / (negative**2).sum((1, 2, 3))
    fit = fit.reshape(-1, 1, 1, 1)
    torch.testing.assert_close(x0, fit * NEGATIVE + SCALE * (POSITIVE - fit * NEGATIVE), rtol=1e-4, atol=1e-4)


def test_a_limited_prediction_is_nowhere_longer_than_the_positive_one() -> None:
    x0 = patches.norm_limited(1.0)(_told())
    assert (x0.norm(dim=1) <= POSITIVE.norm(dim=1) + 1e-5).all()
    short = _told(denoised=POSITIVE / 2)
    torch.testing.assert_close(patches.norm_limited(1.0)(short), POSITIVE / 2)


def test_the_damped_negative_prediction_lies_on_the_main_direction() -> None:
    positive, negative = patches.tangential(_told())
    assert positive is POSITIVE
    noises = torch.stack([X - NEGATIVE, X - POSITIVE], 1).flatten(2)
    kept = (X - negative).flatten(1)
    for pair, vector in zip(noises, kept, strict=True):
        main = torch.linalg.eigh(pair @ pair.T)[1][:, -1] @ pair
        assert torch.cosine_similarity(main, vector, dim=0).abs() > 0.999
    alone = _told(conds=[(), None])
    assert patches.tangential(alone)[1] is NEGATIVE


def test_prompts_that_are_alike_are_guided_as_usual_and_opposite_ones_by_the_leap() -> None:
    same = _told(uncond_denoised=POSITIVE, denoised=POSITIVE * SCALE, cond_denoised=POSITIVE)
    torch.testing.assert_close(patches.by_similarity(same), POSITIVE * SCALE)
    guided = -POSITIVE + SCALE * 2 * POSITIVE
    opposite = _told(uncond_denoised=-POSITIVE, denoised=guided)
    torch.testing.assert_close(patches.by_similarity(opposite), POSITIVE * SCALE)


def test_bands_of_frequencies_are_scaled_apart() -> None:
    rows = torch.arange(16.0).reshape(16, 1).expand(16, 16)
    low, high = torch.cos(2 * torch.pi * rows / 16), torch.cos(2 * torch.pi * 6 * rows / 16)
    made = patches.band_scaled((low + high)[None, None], 2.0, 3.0, 4)[0, 0]
    torch.testing.assert_close(made, 2 * low + 3 * high, rtol=1e-4, atol=1e-4)


def test_an_operation_sees_what_guidance_adds() -> None:
    positive, negative = patches.operated(lambda latent: 2 * latent)(_told())
    torch.testing.assert_close(positive, NEGATIVE + 2 * (POSITIVE - NEGATIVE))
    assert negative is NEGATIVE


@pytest.mark.parametrize(("timestep", "opened"), [(999, [0, 0, 1]), (500, [0, 1, 1]), (0, [1, 1, 1])])
def test_cells_open_by_their_value(timestep: int, opened: list[int]) -> None:
    schedule = NoiseSchedule.stable_diffusion()

    class Model:
        model_sampling = ModelSampling(schedule, "eps")

    sigmas = torch.cat([schedule.sigmas.flip(0), torch.zeros(1)])
    mask = torch.tensor([0.0, 0.6, 1.0]).reshape(1, 1, 1, 3)
    told = {"model": Model(), "sigmas": sigmas}
    made = patches.differential(1.0)(schedule.sigmas[timestep : timestep + 1], mask, told)
    assert made.flatten().tolist() == opened
    mixed = patches.differential(0.25)(schedule.sigmas[timestep : timestep + 1], mask, told)
    torch.testing.assert_close(mixed, 0.25 * made + 0.75 * mask)
