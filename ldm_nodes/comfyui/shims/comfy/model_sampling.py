"""`comfy.model_sampling`: noise levels, and what a network's output means at them.

A model's levels are a class made of two: how they are spaced (`ModelSamplingDiscrete`) and what is predicted (`EPS`).
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from ....sampling.denoiser import expand
from ....sampling.noise_schedule import FIRST_SIGMA, NoiseSchedule

PREDICTIONS = {"eps": "EPS", "v": "V_PREDICTION", "x0": "X0"}


def reshape_sigma(sigma: Tensor, noise_dim: int) -> Tensor:
    """Return noise levels (B,) so that they scale a tensor of so many dimensions."""
    return sigma if sigma.nelement() == 1 else sigma.reshape(-1, *[1] * (noise_dim - 1))


class EPS:
    """A network that predicts the noise."""

    sigma_data = 1.0

    def calculate_input(self, sigma: Tensor, noise: Tensor) -> Tensor:
        """Scale a latent to unit variance."""
        return noise / (expand(sigma, noise) ** 2 + self.sigma_data**2).sqrt()

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """Return the clean latent that an output means."""
        return model_input - model_output * expand(sigma, model_output)

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        """Return a latent at a noise level; with `max_denoise` the noise alone has the variance of the two."""
        level = reshape_sigma(sigma, noise.ndim)
        return latent_image + noise * ((1.0 + level**2).sqrt() if max_denoise else level)

    def inverse_noise_scaling(self, sigma: Tensor, latent: Tensor) -> Tensor:
        """Undo what `noise_scaling` does to the latent's scale."""
        return latent


class V_PREDICTION(EPS):  # noqa: N801 - ComfyUI's name
    """A network that predicts the velocity (arXiv 2202.00512, appendix D)."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """Return the clean latent that an output means."""
        s, data = expand(sigma, model_output), self.sigma_data
        total = s**2 + data**2
        return model_input * data**2 / total - model_output * s * data / total.sqrt()


class EDM(V_PREDICTION):
    """A network under EDM's preconditioning (arXiv 2206.00364, eq. 7)."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """Return the clean latent that an output means."""
        s, data = expand(sigma, model_output), self.sigma_data
        total = s**2 + data**2
        return model_input * data**2 / total + model_output * s * data / total.sqrt()


class X0(EPS):
    """A network that predicts the clean latent."""

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """Return the clean latent that an output means."""
        return model_output


class CONST:
    """A network of a rectified flow (arXiv 2209.03003): x = (1 - t) x0 + t noise."""

    def calculate_input(self, sigma: Tensor, noise: Tensor) -> Tensor:
        """Return the latent as it is."""
        return noise

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """Return the clean latent that an output means."""
        return model_input - model_output * expand(sigma, model_output)

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        """Return a latent at a noise level."""
        level = reshape_sigma(sigma, noise.ndim)
        return level * noise + (1.0 - level) * latent_image

    def inverse_noise_scaling(self, sigma: Tensor, latent: Tensor) -> Tensor:
        """Undo what `noise_scaling` does to the latent's scale."""
        return latent / (1.0 - reshape_sigma(sigma, latent.ndim))


class _Levels(nn.Module):
    """Noise levels in a table, ascending."""

    sigmas: Tensor

    @property
    def sigma_min(self) -> Tensor:
        """The smallest level."""
        return self.sigmas[0]

    @property
    def sigma_max(self) -> Tensor:
        """The largest level."""
        return self.sigmas[-1]


class ModelSamplingDiscrete(_Levels):
    """The noise levels of a thousand training steps."""

    log_sigmas: Tensor

    def __init__(self, model_config: Any = None, zsnr: bool | None = None) -> None:
        super().__init__()
        settings = dict(getattr(model_config, "sampling_settings", None) or {})
        schedule = NoiseSchedule.named(
            "linear" if settings.get("beta_schedule", "linear") == "linear" else settings["beta_schedule"],
            settings.get("timesteps", 1000),
            settings.get("linear_start", 0.00085),
            settings.get("linear_end", 0.012),
        )
        zero = settings.get("zsnr", False) if zsnr is None else zsnr
        self.zsnr = bool(zero)
        self.take(schedule.with_zero_terminal_snr() if zero else schedule)

    def take(self, schedule: NoiseSchedule) -> None:
        """Take the levels of a schedule of ours."""
        self.num_timesteps = len(schedule)
        self.set_sigmas(schedule.sigmas)

    def set_sigmas(self, sigmas: Tensor) -> None:
        """Set the levels: (n,), ascending."""
        self.register_buffer("sigmas", sigmas.float(), persistent=False)
        self.register_buffer("log_sigmas", sigmas.log().float(), persistent=False)

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return the training step whose level is nearest in the logarithm."""
        distance = sigma.log().to(self.log_sigmas.device).reshape(-1, 1) - self.log_sigmas
        return distance.abs().argmin(dim=-1).reshape(sigma.shape).to(sigma.device)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return the level at a step, which may lie between two."""
        t = timestep.float().to(self.log_sigmas.device).clamp(0, len(self.sigmas) - 1)
        low, high, weight = t.floor().long(), t.ceil().long(), t.frac()
        return ((1 - weight) * self.log_sigmas[low] + weight * self.log_sigmas[high]).exp().to(timestep.device)

    def percent_to_sigma(self, percent: float) -> float:
        """Return the level at which a part of sampling, 0 to 1, is done."""
        if percent <= 0:
            return FIRST_SIGMA
        if percent >= 1:
            return 0.0
        return float(self.sigma(torch.tensor((1 - percent) * 999.0)))


class ModelSamplingContinuousEDM(_Levels):
    """EDM's noise levels (arXiv 2206.00364): c_noise = ln(sigma) / 4."""

    def __init__(self, model_config: Any = None) -> None:
        super().__init__()
        settings = dict(getattr(model_config, "sampling_settings", None) or {})
        low, high = settings.get("sigma_min", 0.002), settings.get("sigma_max", 120.0)
        self.set_parameters(low, high, settings.get("sigma_data", 1.0))

    def set_parameters(self, sigma_min: float, sigma_max: float, sigma_data: float) -> None:
        """Set the range of the levels, and the standard deviation of clean latents."""
        self.sigma_data = sigma_data
        levels = torch.linspace(math.log(sigma_min), math.log(sigma_max), 1000).exp()
        self.register_buffer("sigmas", levels, persistent=False)
        self.register_buffer("log_sigmas", levels.log(), persistent=False)

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return what the network is told of a level."""
        return 0.25 * sigma.log()

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return the level that the network knows so."""
        return (timestep / 0.25).exp()

    def percent_to_sigma(self, percent: float) -> float:
        """Return the level at which a part of sampling, 0 to 1, is done."""
        if percent <= 0:
            return FIRST_SIGMA
        if percent >= 1:
            return 0.0
        low, high = math.log(float(self.sigma_min)), math.log(float(self.sigma_max))
        return math.exp((high - low) * (1 - percent) + low)


def time_snr_shift(alpha: float, t: Any) -> Any:
    """Return times of a flow whose signal-to-noise ratio is shifted (arXiv 2403.03206, eq. 23)."""
    return t if alpha == 1.0 else alpha * t / (1 + (alpha - 1) * t)


class ModelSamplingDiscreteFlow(_Levels):
    """The noise levels of a rectified flow in a thousand steps."""

    def __init__(self, model_config: Any = None) -> None:
        super().__init__()
        settings = dict(getattr(model_config, "sampling_settings", None) or {})
        self.set_parameters(settings.get("shift", 1.0), multiplier=settings.get("multiplier", 1000))

    def set_parameters(self, shift: float = 1.0, timesteps: int = 1000, multiplier: float = 1000) -> None:
        """Set the shift, and what times are multiplied with for the network."""
        self.shift, self.multiplier = shift, multiplier
        levels = self.sigma(torch.arange(1, timesteps + 1) / timesteps * multiplier)
        self.register_buffer("sigmas", levels, persistent=False)

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return what the network is told of a level."""
        return sigma * self.multiplier

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return the level at a time."""
        shifted: Tensor = time_snr_shift(self.shift, timestep / self.multiplier)
        return shifted

    def percent_to_sigma(self, percent: float) -> float:
        """Return the level at which a part of sampling, 0 to 1, is done."""
        return 1.0 if percent <= 0 else 0.0 if percent >= 1 else float(time_snr_shift(self.shift, 1.0 - percent))


def model_sampling_of(schedule: NoiseSchedule, prediction: str) -> Any:
    """Return the noise levels of a model of ours."""
    kind = globals()[PREDICTIONS[prediction]]
    made = type("ModelSampling", (ModelSamplingDiscrete, kind), {})()
    made.take(schedule)
    return made
