"""The noise schedule of a discrete diffusion process, and its mapping to sigma space.

A schedule of n steps is given by its betas; everything else follows. Each buffer is computed in float64 and cast to
float32 once, as in the original research code, so that buffers stored in checkpoints and ours agree to the last bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from .denoiser import Prediction

    Float64 = NDArray[np.float64]

BETA_SCHEDULES = ("linear", "cosine", "sqrt_linear", "sqrt", "squaredcos_cap_v2")

# What stands for infinity where a range of percents starts before the first step.
FIRST_SIGMA = 999999999.9

# The last cumulative alpha of a zero-terminal-SNR schedule: exactly 0 would make sigma infinite.
LAST_ALPHA_CUMPROD = 4.8973451890853435e-08


def make_beta_schedule(name: str, n: int, start: float = 1e-4, end: float = 2e-2, cosine_s: float = 8e-3) -> Float64:
    """Return the n betas of a named schedule, computed in float64.

    Args:
        name: `linear` (linear in the square root: "scaled linear" elsewhere), `sqrt_linear` (linear), `sqrt`, `cosine`
            (arXiv 2102.09672, eq. 17) or `squaredcos_cap_v2` (the same curve as SD 2 evaluates it).
        n: Number of training steps, at least 1.
        start: First beta; not used by the cosine schedules.
        end: Last beta; not used by the cosine schedules.
        cosine_s: Offset of the `cosine` schedule.

    Raises:
        ValueError: If the name is unknown or n is not positive.
    """
    if n < 1:
        raise ValueError(f"A noise schedule has at least 1 step, got {n}.")
    if name == "linear":
        return np.asarray(np.linspace(start**0.5, end**0.5, n, dtype=np.float64) ** 2)
    if name == "sqrt_linear":
        return np.linspace(start, end, n, dtype=np.float64)
    if name == "sqrt":
        return np.sqrt(np.linspace(start, end, n, dtype=np.float64))
    if name == "cosine":
        return _cosine_betas(n, cosine_s)
    if name == "squaredcos_cap_v2":
        return _cosine_betas(n, 8e-3)
    raise ValueError(f"Unknown beta schedule {name!r}: expected one of {', '.join(BETA_SCHEDULES)}.")


def _cosine_betas(n: int, s: float) -> Float64:
    u = np.arange(n + 1, dtype=np.float64) / n + s
    alphas_cumprod = np.cos(u / (1 + s) * np.pi / 2) ** 2
    return np.asarray(np.clip(1 - alphas_cumprod[1:] / alphas_cumprod[:-1], 0, 0.999))


def zero_terminal_snr(betas: Float64) -> Float64:
    """Return betas rescaled so that the last step carries (almost) no signal (arXiv 2305.08891, algorithm 1)."""
    root = np.sqrt(np.cumprod(1 - betas))
    root = (root - root[-1]) * root[0] / (root[0] - root[-1])
    alphas_cumprod = root**2
    alphas_cumprod[-1] = LAST_ALPHA_CUMPROD
    return np.asarray(1 - alphas_cumprod / np.append(1.0, alphas_cumprod[:-1]))


@dataclass(frozen=True)
class NoiseSchedule:
    """The buffers of a diffusion process with n steps; every tensor is (n,) float32.

    The first twelve carry the names under which checkpoints store them. `alphas` is 1 - betas, which float32 betas near
    1 would give with few digits. `sigmas` and `log_sigmas` ascend and belong to
    sigma space, where x = x0 + sigma · noise.
    """

    betas: Tensor
    alphas_cumprod: Tensor
    alphas_cumprod_prev: Tensor
    sqrt_alphas_cumprod: Tensor
    sqrt_one_minus_alphas_cumprod: Tensor
    log_one_minus_alphas_cumprod: Tensor
    sqrt_recip_alphas_cumprod: Tensor
    sqrt_recipm1_alphas_cumprod: Tensor
    posterior_variance: Tensor
    posterior_log_variance_clipped: Tensor
    posterior_mean_coef1: Tensor
    posterior_mean_coef2: Tensor
    alphas: Tensor
    sigmas: Tensor
    log_sigmas: Tensor

    @classmethod
    def from_betas(cls, betas: Float64 | Sequence[float], v_posterior: float = 0.0) -> NoiseSchedule:
        """Build the schedule of the given betas (arXiv 2006.11239, eq. 4 to 7).

        Args:
            betas: Variances of the forward steps, each in [0, 1].
            v_posterior: Weight of beta against the true posterior variance, 0 to 1.
        """
        b = np.asarray(betas, dtype=np.float64)
        if b.ndim != 1 or b.size == 0 or not ((b >= 0) & (b <= 1)).all():
            raise ValueError("A noise schedule needs a list of betas between 0 and 1.")
        a = np.cumprod(1 - b)
        prev = np.append(1.0, a[:-1])
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = (1 - v_posterior) * b * (1 - prev) / (1 - a) + v_posterior * b
            sigmas = np.sqrt((1 - a) / a)
            buffers = {
                "betas": b,
                "alphas_cumprod": a,
                "alphas_cumprod_prev": prev,
                "sqrt_alphas_cumprod": np.sqrt(a),
                "sqrt_one_minus_alphas_cumprod": np.sqrt(1 - a),
                "log_one_minus_alphas_cumprod": np.log(1 - a),
                "sqrt_recip_alphas_cumprod": np.sqrt(1 / a),
                "sqrt_recipm1_alphas_cumprod": np.sqrt(1 / a - 1),
                "posterior_variance": variance,
                "posterior_log_variance_clipped": np.log(np.maximum(variance, 1e-20)),
                "posterior_mean_coef1": b * np.sqrt(prev) / (1 - a),
                "posterior_mean_coef2": (1 - prev) * np.sqrt(1 - b) / (1 - a),
                "alphas": 1 - b,
                "sigmas": sigmas,
                "log_sigmas": np.log(sigmas),
            }
        return cls(**{name: torch.tensor(values, dtype=torch.float32) for name, values in buffers.items()})

    @classmethod
    def named(
        cls,
        name: str = "linear",
        n: int = 1000,
        start: float = 1e-4,
        end: float = 2e-2,
        cosine_s: float = 8e-3,
        v_posterior: float = 0.0,
    ) -> NoiseSchedule:
        """Build a schedule by the name of its betas; see `make_beta_schedule`."""
        return cls.from_betas(make_beta_schedule(name, n, start, end, cosine_s), v_posterior)

    @classmethod
    def stable_diffusion(cls) -> NoiseSchedule:
        """Build the schedule of Stable Diffusion 1, 2 and XL: linear, 1000 steps, 0.00085 to 0.012."""
        return cls.named("linear", 1000, 0.00085, 0.012)

    def with_zero_terminal_snr(self) -> NoiseSchedule:
        """Return this schedule rescaled to zero terminal SNR (arXiv 2305.08891)."""
        return NoiseSchedule.from_betas(zero_terminal_snr(self.betas.double().cpu().numpy())).to(self.betas.device)

    def __len__(self) -> int:
        return len(self.betas)

    def to(self, device: torch.device | str) -> NoiseSchedule:
        """Return the schedule with every buffer on `device`."""
        return replace(self, **{field.name: getattr(self, field.name).to(device) for field in fields(self)})

    def buffers(self) -> dict[str, Tensor]:
        """Return the twelve buffers that checkpoints store, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("alphas", "sigmas", "log_sigmas")}

    # Variance-preserving space: x_t = sqrt(alphas_cumprod) x0 + sqrt(1 - alphas_cumprod) noise. `t` is (B,) int64.

    def q_sample(self, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Return x_t: x0 diffused to step t with the given noise (arXiv 2006.11239, eq. 4)."""
        return at(self.sqrt_alphas_cumprod, t, x0) * x0 + at(self.sqrt_one_minus_alphas_cumprod, t, x0) * noise

    def predict_start_from_noise(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Return the x0 that gives x at step t with this noise (arXiv 2006.11239, eq. 15)."""
        return at(self.sqrt_recip_alphas_cumprod, t, x) * x - at(self.sqrt_recipm1_alphas_cumprod, t, x) * noise

    def predict_noise_from_start(self, x: Tensor, t: Tensor, x0: Tensor) -> Tensor:
        """Return the noise that leads from x0 to x at step t: the inverse of `predict_start_from_noise`."""
        return (at(self.sqrt_recip_alphas_cumprod, t, x) * x - x0) / at(self.sqrt_recipm1_alphas_cumprod, t, x)

    def v_target(self, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Return v = sqrt(alphas_cumprod) noise - sqrt(1 - alphas_cumprod) x0 (arXiv 2202.00512, appendix D)."""
        return at(self.sqrt_alphas_cumprod, t, x0) * noise - at(self.sqrt_one_minus_alphas_cumprod, t, x0) * x0

    def predict_start_from_v(self, x: Tensor, t: Tensor, v: Tensor) -> Tensor:
        """Return the x0 that x and v at step t imply (arXiv 2202.00512, appendix D)."""
        return at(self.sqrt_alphas_cumprod, t, x) * x - at(self.sqrt_one_minus_alphas_cumprod, t, x) * v

    def predict_noise_from_v(self, x: Tensor, t: Tensor, v: Tensor) -> Tensor:
        """Return the noise that x and v at step t imply (arXiv 2202.00512, appendix D)."""
        return at(self.sqrt_alphas_cumprod, t, x) * v + at(self.sqrt_one_minus_alphas_cumprod, t, x) * x

    def q_posterior(self, x0: Tensor, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mean, variance and clipped log variance of q(x_{t-1} | x_t, x0) (arXiv 2006.11239, eq. 6 and 7)."""
        mean = at(self.posterior_mean_coef1, t, x) * x0 + at(self.posterior_mean_coef2, t, x) * x
        return mean, at(self.posterior_variance, t, x), at(self.posterior_log_variance_clipped, t, x)

    def q_mean_variance(self, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mean, variance and log variance of q(x_t | x0)."""
        mean = at(self.sqrt_alphas_cumprod, t, x0) * x0
        return mean, at(1.0 - self.alphas_cumprod, t, x0), at(self.log_one_minus_alphas_cumprod, t, x0)

    def prior_bits(self, x0: Tensor) -> Tensor:
        """Return the (B,) KL divergence of q(x_T | x0) from N(0, I) in bits per dimension (arXiv 2006.11239, L_T)."""
        t = torch.full((x0.shape[0],), len(self) - 1, device=x0.device)
        mean, variance, log_variance = self.q_mean_variance(x0, t)
        return (0.5 / math.log(2)) * (mean**2 + variance - 1 - log_variance).flatten(1).mean(1)

    def lvlb_weights(self, prediction: Prediction) -> Tensor:
        """Return the (n,) weights of the variational bound for a loss on `prediction`.

        The weight for x0 keeps the precedence that the original wrote, 0.5 · sqrt(a) / (2 · 1 - a), and element 0
        (infinite for eps) is a copy of element 1, because released models were trained with both.
        """
        if prediction == "eps":
            weights = self.betas**2 / (2 * self.posterior_variance * self.alphas * (1 - self.alphas_cumprod))
        elif prediction == "x0":
            weights = 0.5 * self.alphas_cumprod.sqrt() / (2.0 * 1 - self.alphas_cumprod)
        else:
            weights = torch.ones_like(self.betas)
        return torch.cat([weights[1:2], weights[1:]])

    # Sigma space: x = x0 + sigma · noise, sigma = sqrt((1 - alphas_cumprod) / alphas_cumprod).

    @property
    def sigma_min(self) -> float:
        """The smallest sigma, that of step 0."""
        return self.sigmas[0].item()

    @property
    def sigma_max(self) -> float:
        """The largest sigma, that of the last step."""
        return self.sigmas[-1].item()

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return the int64 timestep whose sigma is nearest in the logarithm; the shape is that of `sigma`."""
        distance = sigma.log().unsqueeze(-1) - self.log_sigmas.to(sigma.device)
        return distance.abs().argmin(dim=-1)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return sigma at a fractional timestep, linear in log sigma; timesteps outside the schedule are clamped."""
        t = timestep.float().clamp(0, len(self) - 1)
        log_sigmas = self.log_sigmas.to(t.device)
        low, high, weight = t.floor().long(), t.ceil().long(), t.frac()
        return ((1 - weight) * log_sigmas[low] + weight * log_sigmas[high]).exp()

    def percent_to_sigma(self, percent: float) -> float:
        """Return the sigma at which `percent` (0 to 1) of sampling is done; "everything" at 0 and 0 at 1."""
        if percent <= 0:
            return FIRST_SIGMA
        if percent >= 1:
            return 0.0
        return self.sigma(torch.tensor((1 - percent) * (len(self) - 1))).item()


def at(values: Tensor, t: Tensor, x: Tensor) -> Tensor:
    """Return values[t] as (B, 1, ..., 1), ready to scale x (B, ...)."""
    return values.to(t.device)[t].reshape(-1, *[1] * (x.ndim - 1))
