"""PSNR and SSIM against their definitions, written out place by place."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from ldm_nodes.training.errors import TrainingError
from ldm_nodes.training.similarity import psnr, ssim


def pictures(seed: int = 0, shape: tuple[int, ...] = (2, 3, 14, 17)) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def ssim_of_channel(x: Tensor, y: Tensor) -> float:
    """Equation 13 of Wang et al. 2004 with weighted means, a window at a time."""
    at = np.arange(11) - 5
    window = np.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for top in range(x.shape[0] - 10):
        for left in range(x.shape[1] - 10):
            a, b = (z[top : top + 11, left : left + 11].double().numpy() for z in (x, y))
            mean_a, mean_b = (window * a).sum(), (window * b).sum()
            var_a, var_b = (window * (a - mean_a) ** 2).sum(), (window * (b - mean_b) ** 2).sum()
            both = (window * (a - mean_a) * (b - mean_b)).sum()
            numerator = (2 * mean_a * mean_b + 0.01**2) * (2 * both + 0.03**2)
            values.append(numerator / ((mean_a**2 + mean_b**2 + 0.01**2) * (var_a + var_b + 0.03**2)))
    return float(np.mean(values))


def test_psnr_of_a_known_error() -> None:
    x = torch.zeros(2, 3, 4, 4)
    y = torch.stack([torch.full((3, 4, 4), 0.1), torch.full((3, 4, 4), 0.5)])
    torch.testing.assert_close(psnr(x, y), torch.tensor([20.0, 10 * math.log10(4)]).double(), rtol=1e-6, atol=0)


def test_equal_pictures_end_the_scales() -> None:
    x = pictures()
    assert psnr(x, x).tolist() == [100.0, 100.0]
    torch.testing.assert_close(ssim(x, x), torch.ones(2).double())


def test_ssim_is_the_definition() -> None:
    x = pictures(1)
    y = (x + 0.3 * pictures(2)).clamp(0, 1)
    expected = [np.mean([ssim_of_channel(a, b) for a, b in zip(p, q, strict=True)]) for p, q in zip(x, y, strict=True)]
    torch.testing.assert_close(ssim(x, y), torch.tensor(expected).double(), rtol=1e-9, atol=0)


def test_unlike_and_small_pictures_are_refused() -> None:
    with pytest.raises(TrainingError, match="alike"):
        psnr(pictures(), pictures()[:1])
    with pytest.raises(TrainingError, match="window of 11 pixels"):
        ssim(pictures(shape=(1, 3, 10, 20)), pictures(shape=(1, 3, 10, 20)))
