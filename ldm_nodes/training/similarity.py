"""How alike two pictures are: PSNR and SSIM of (B, C, H, W) in [0, 1]."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import TrainingError

WINDOW, SIGMA = 11, 1.5
K1, K2 = 0.01, 0.03
LEAST_ERROR = 1e-10
"""The mean squared error below which pictures count as equal: PSNR ends at 100 dB, so that means stay finite."""


def psnr(x: Tensor, y: Tensor) -> Tensor:
    """Return the peak signal-to-noise ratio of each pair in dB, (B,): -10 log10 of the mean squared error."""
    _check(x, y)
    error = (x.double() - y.double()).square().mean(dim=(1, 2, 3))
    return -10 * torch.log10(error.clamp(min=LEAST_ERROR))


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Return the structural similarity of each pair, (B,), 1 for equal pictures.

    Wang et al. 2004 (IEEE TIP 13(4), eq. 13): a Gaussian window of 11×11 with σ = 1.5, K1 = 0.01, K2 = 0.03, at all
    places where it fits; here a mean over the channels instead of grey levels.

    Raises:
        TrainingError: if the shapes differ, or a side is shorter than the window.
    """
    _check(x, y)
    if min(x.shape[2:]) < WINDOW:
        raise TrainingError(f"SSIM looks through a window of {WINDOW} pixels; got pictures of {tuple(x.shape[2:])}.")
    x, y = x.double(), y.double()
    mean_x, mean_y = _blurred(x), _blurred(y)
    variances = _blurred(x * x) + _blurred(y * y) - mean_x**2 - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = K1**2, K2**2
    similarity = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    similarity /= (mean_x**2 + mean_y**2 + c1) * (variances + c2)
    return similarity.mean(dim=(1, 2, 3))


def _blurred(x: Tensor) -> Tensor:
    """Return the means of x under the window, (B, C, H - 10, W - 10)."""
    places = torch.arange(WINDOW, dtype=x.dtype, device=x.device) - WINDOW // 2
    kernel = torch.exp(-(places**2) / (2 * SIGMA**2))
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, 1, WINDOW)
    across = F.conv2d(x, kernel, groups=x.shape[1])
    return F.conv2d(across, kernel.transpose(2, 3), groups=x.shape[1])


def _check(x: Tensor, y: Tensor) -> None:
    if x.shape != y.shape or x.dim() != 4:
        raise TrainingError(f"Pictures are compared as (B, C, H, W) alike; got {tuple(x.shape)} and {tuple(y.shape)}.")
