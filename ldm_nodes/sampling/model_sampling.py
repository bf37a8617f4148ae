"""How a network's input and output relate to sigma space: what `model_sampling` of a model on the wire does.

Two choices make it: the noise levels that the network knows (`levels`), and what it predicts. Method names are those of
ComfyUI, because community packs call them and bring objects of their own with the same methods.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import torch

from .denoiser import expand
from .errors import SamplingError
from .noise_schedule import FIRST_SIGMA, NoiseSchedule

if TYPE_CHECKING:
    from torch import Tensor

Kind = Literal["eps", "v", "x0", "edm", "lcm"]
"""What the network outputs. `edm` is the preconditioned clean latent of arXiv 2206.00364, `lcm` the noise, to be mixed
with the input by the boundary condition of consistency models (arXiv 2310.04378)."""

# The consistency model's boundary condition: sigma_data and the factor of timesteps (arXiv 2310.04378, appendix).
LCM_SIGMA_DATA = 0.5
LCM_TIMESTEP_SCALING = 10.0
# The number of timesteps that a distilled model was trained on.
DISTILLED_TIMESTEPS = 50


class Levels(Protocol):
    """The noise levels that a network knows."""

    @property
    def sigmas(self) -> Tensor:
        """(n,) ascending."""
        ...

    @property
    def sigma_min(self) -> float:
        """The smallest."""
        ...

    @property
    def sigma_max(self) -> float:
        """The largest."""
        ...

    def timestep(self, sigma: Tensor, /) -> Tensor:
        """Return what the network is told of a noise level; the shape is that of `sigma`."""
        ...

    def sigma(self, timestep: Tensor, /) -> Tensor:
        """Return the noise level of a timestep."""
        ...

    def percent_to_sigma(self, percent: float, /) -> float:
        """Return the sigma at which `percent` (0 to 1) of sampling is done."""
        ...


@dataclass(frozen=True)
class ContinuousLevels:
    """Every level between two; the network is told a function of its logarithm.

    Attributes:
        low: the smallest sigma, above 0.
        high: the largest.
        arctangent: tell the network atan(sigma) · 2 / π, as continuous v-prediction does (k-diffusion); otherwise
            log(sigma) / 4 (arXiv 2206.00364, table 1).
    """

    low: float
    high: float
    arctangent: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high < math.inf:
            remedy = "0.002 to 120 are usual."
            raise SamplingError("sigma_min", f"{self.low} to {self.high}", "0 < sigma_min < sigma_max", remedy)

    @cached_property
    def sigmas(self) -> Tensor:
        """(1000,) levels, equally spaced in the logarithm."""
        return torch.linspace(math.log(self.low), math.log(self.high), 1000).exp()

    @property
    def sigma_min(self) -> float:
        """The smallest."""
        return self.sigmas[0].item()

    @property
    def sigma_max(self) -> float:
        """The largest."""
        return self.sigmas[-1].item()

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return what the network is told of a noise level."""
        return sigma.atan() / math.pi * 2 if self.arctangent else sigma.log() / 4

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return the noise level of which the network is told `timestep`."""
        return (timestep * math.pi / 2).tan() if self.arctangent else (timestep * 4).exp()

    def percent_to_sigma(self, percent: float) -> float:
        """Return the sigma at which `percent` of sampling is done, linear in the logarithm."""
        if percent <= 0:
            return FIRST_SIGMA
        if percent >= 1:
            return 0.0
        low, high = math.log(self.sigma_min), math.log(self.sigma_max)
        return math.exp(low + (high - low) * (1 - percent))


@dataclass(frozen=True)
class DistilledLevels:
    """Every k-th level of a schedule: those on which a model was distilled, such as LCM.

    Attributes:
        schedule: the schedule of the teacher.
        count: the number of levels.
    """

    schedule: NoiseSchedule
    count: int = DISTILLED_TIMESTEPS

    @property
    def stride(self) -> int:
        """Training steps from one level to the next."""
        return len(self.schedule) // self.count

    @cached_property
    def sigmas(self) -> Tensor:
        """(count,) ascending; the last is the schedule's last."""
        return self.schedule.sigmas[self.stride - 1 :: self.stride][-self.count :]

    @property
    def sigma_min(self) -> float:
        """The smallest."""
        return self.sigmas[0].item()

    @property
    def sigma_max(self) -> float:
        """The largest."""
        return self.sigmas[-1].item()

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return the timestep of the nearest level."""
        distance = sigma.log().unsqueeze(-1) - self.sigmas.to(sigma.device).log()
        return distance.abs().argmin(dim=-1) * self.stride + (self.stride - 1)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return the noise level at a timestep, linear in log sigma between the levels."""
        place = ((timestep.float() - (self.stride - 1)) / self.stride).clamp(0, self.count - 1)
        logs = self.sigmas.to(place.device).log()
        low, high, weight = place.floor().long(), place.ceil().long(), place.frac()
        return ((1 - weight) * logs[low] + weight * logs[high]).exp()

    def percent_to_sigma(self, percent: float) -> float:
        """Return the sigma at which `percent` of sampling is done."""
        if percent <= 0:
            return FIRST_SIGMA
        if percent >= 1:
            return 0.0
        return self.sigma(torch.tensor((1 - percent) * (len(self.schedule) - 1))).item()


@dataclass(frozen=True)
class ModelSampling:
    """The noise levels of a network and what it predicts.

    Attributes:
        levels: the noise levels.
        kind: what the network outputs.
        sigma_data: standard deviation of clean latents, as the network was trained; 1 for variance-preserving ones.
    """

    levels: Levels
    kind: Kind
    sigma_data: float = 1.0

    @property
    def sigmas(self) -> Tensor:
        """(n,) ascending."""
        return self.levels.sigmas

    @property
    def log_sigmas(self) -> Tensor:
        """Their logarithms."""
        return self.levels.sigmas.log()

    @property
    def sigma_min(self) -> float:
        """The smallest."""
        return self.levels.sigma_min

    @property
    def sigma_max(self) -> float:
        """The largest."""
        return self.levels.sigma_max

    def timestep(self, sigma: Tensor) -> Tensor:
        """Return what the network is told of a noise level."""
        return self.levels.timestep(sigma)

    def sigma(self, timestep: Tensor) -> Tensor:
        """Return the noise level of a timestep."""
        return self.levels.sigma(timestep)

    def percent_to_sigma(self, percent: float) -> float:
        """Return the sigma at which `percent` (0 to 1) of sampling is done."""
        return self.levels.percent_to_sigma(percent)

    def calculate_input(self, sigma: Tensor, noise: Tensor) -> Tensor:
        """Scale a sigma-space latent (B, C, H, W) to unit variance, as the network takes it."""
        return noise / (expand(sigma, noise) ** 2 + self.sigma_data**2).sqrt()

    def calculate_denoised(self, sigma: Tensor, model_output: Tensor, model_input: Tensor) -> Tensor:
        """Return x0 from the network's output for the sigma-space latent `model_input` (B, C, H, W)."""
        s, d, x, out = expand(sigma, model_input), self.sigma_data, model_input, model_output
        match self.kind:
            case "eps":
                return x - out * s
            case "v":
                return x * d**2 / (s**2 + d**2) - out * s * d / (s**2 + d**2).sqrt()
            case "edm":
                return x * d**2 / (s**2 + d**2) + out * s * d / (s**2 + d**2).sqrt()
            case "x0":
                return out
            case "lcm":
                return self._on_the_boundary(sigma, x, x - out * s)

    def _on_the_boundary(self, sigma: Tensor, x: Tensor, x0: Tensor) -> Tensor:
        t = expand(self.timestep(sigma), x) * LCM_TIMESTEP_SCALING
        skip = LCM_SIGMA_DATA**2 / (t**2 + LCM_SIGMA_DATA**2)
        return x0 * t / (t**2 + LCM_SIGMA_DATA**2).sqrt() + x * skip

    def noise_scaling(self, sigma: Tensor, noise: Tensor, latent_image: Tensor, max_denoise: bool = False) -> Tensor:
        """Return a latent at a noise level.

        With `max_denoise`, at the top of the schedule, the noise alone has the variance that the network knows.
        """
        s = expand(sigma, noise) if sigma.ndim else sigma
        return latent_image + noise * ((1 + s**2).sqrt() if max_denoise else s)

    def inverse_noise_scaling(self, sigma: Tensor, latent: Tensor) -> Tensor:
        """Undo what `noise_scaling` did beside adding noise: nothing, in these families."""
        return latent


def at_the_top(levels: Levels, sigma: float) -> bool:
    """Say whether a noise level is the largest that the network knows, or above it."""
    largest = float(levels.sigma_max)
    return sigma > largest or math.isclose(sigma, largest, rel_tol=1e-5)


def trained_schedule(sampling: Any, sampler_name: str) -> NoiseSchedule:
    """Return the noise schedule of training, for samplers that think in its timesteps.

    Raises:
        SamplingError: the model has none: it knows every noise level, or those of a distillation.
    """
    levels = getattr(sampling, "levels", sampling)
    if not isinstance(levels, NoiseSchedule):
        remedy = "Choose another sampler, or leave the ModelSampling node out."
        raise SamplingError("sampler_name", repr(sampler_name), "one that can do without training timesteps", remedy)
    return levels


KINDS: dict[str, Kind] = {"eps": "eps", "v_prediction": "v", "lcm": "lcm", "x0": "x0", "img_to_img": "x0", "edm": "edm"}
"""What a network outputs, by ComfyUI's names."""

# Standard deviation of the latents on which networks with EDM's preconditioning were trained (arXiv 2206.00364).
EDM_SIGMA_DATA = 0.5


def discrete(schedule: NoiseSchedule, sampling: str, zero_terminal_snr: bool = False) -> ModelSampling:
    """Return what a network of training timesteps does, by ComfyUI's name of what it predicts."""
    if zero_terminal_snr:
        schedule = schedule.with_zero_terminal_snr()
    return ModelSampling(DistilledLevels(schedule) if sampling == "lcm" else schedule, KINDS[sampling])


def continuous_edm(sampling: str, sigma_max: float, sigma_min: float) -> ModelSampling:
    """Return what a network does that is told log(sigma) / 4, by ComfyUI's name of what it predicts.

    Raises:
        SamplingError: If the levels are no range, or the name belongs to models with other latents.
    """
    if sampling not in KINDS:
        received, expected = repr(sampling), "v_prediction, edm or eps"
        raise SamplingError("sampling", received, expected, "Models of that family are not known here.")
    sigma_data = EDM_SIGMA_DATA if sampling == "edm" else 1.0
    return ModelSampling(ContinuousLevels(sigma_min, sigma_max), KINDS[sampling], sigma_data)


def continuous_v(sigma_max: float, sigma_min: float) -> ModelSampling:
    """Return what a network does that predicts v and is told atan(sigma) · 2 / π."""
    return ModelSampling(ContinuousLevels(sigma_min, sigma_max, arctangent=True), "v")
