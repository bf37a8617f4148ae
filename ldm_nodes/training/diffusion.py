"""The training loss of a diffusion model: p_losses of the original code (ddpm.py of CompVis and Stability-AI).

One step draws a timestep and noise for every sample, diffuses the sample to that step, asks the network and compares.
`diffusion_loss` is that; `Objective` says what is compared and how it is weighed; `Draws` are the random numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from ..sampling.noise_schedule import at
from .errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..sampling.denoiser import Prediction
    from ..sampling.noise_schedule import NoiseSchedule
    from .shard import Shard

Network = Callable[[Tensor, Tensor], Tensor]
"""From x_t (B, C, H, W) and t (B,) to the prediction (B, C, H, W); conditions are bound already."""


@dataclass(frozen=True)
class Objective:
    """What the network learns to predict, and how errors weigh.

    Attributes:
        prediction: "eps", "x0" or "v" (arXiv 2202.00512).
        distance: "l2" or "l1".
        simple_weight: weight of the plain mean (L_simple of arXiv 2006.11239, eq. 14).
        elbo_weight: weight of the variational bound.
        min_snr_gamma: limits the weight of steps with little noise (arXiv 2303.09556); the authors take 5. None: off.
    """

    prediction: Prediction = "eps"
    distance: Literal["l1", "l2"] = "l2"
    simple_weight: float = 1.0
    elbo_weight: float = 0.0
    min_snr_gamma: float | None = None

    def __post_init__(self) -> None:
        if self.prediction not in ("eps", "x0", "v"):
            raise TrainingError(f"The prediction is {self.prediction!r}; expected 'eps', 'x0' or 'v'.")
        if self.distance not in ("l1", "l2"):
            raise TrainingError(f"The distance is {self.distance!r}; expected 'l1' or 'l2'.")
        if self.min_snr_gamma is not None and self.min_snr_gamma <= 0:
            raise TrainingError(f"min_snr_gamma is {self.min_snr_gamma}; expected a positive number, such as 5.")

    def target(self, schedule: NoiseSchedule, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Return what the network should output for x0 diffused to t with this noise."""
        match self.prediction:
            case "eps":
                return noise
            case "x0":
                return x0
            case "v":
                return schedule.v_target(x0, t, noise)

    def errors(self, predicted: Tensor, target: Tensor) -> Tensor:
        """Return the mean distance of each sample, (B,)."""
        difference = predicted - target
        return (difference.abs() if self.distance == "l1" else difference**2).flatten(1).mean(1)


@dataclass(frozen=True)
class DiffusionLoss:
    """The loss of one batch and its parts, all scalars.

    Attributes:
        total: what is minimised (`loss` in the original's logs).
        simple: mean error, unweighted (`loss_simple`).
        vlb: weighted as in the variational bound (`loss_vlb`).
        gamma: mean error with the log-variances, where there are any (`loss_gamma`).
        errors: (B,) error of each sample, detached.
    """

    total: Tensor
    simple: Tensor
    vlb: Tensor
    gamma: Tensor | None
    errors: Tensor

    def named(self) -> dict[str, Tensor]:
        """Return the parts, detached, under the names of the original's logs."""
        parts = {"loss": self.total, "loss_simple": self.simple, "loss_vlb": self.vlb}
        if self.gamma is not None:
            parts["loss_gamma"] = self.gamma
        return {name: part.detach() for name, part in parts.items()}


def diffusion_loss(
    network: Network,
    schedule: NoiseSchedule,
    objective: Objective,
    x0: Tensor,
    t: Tensor,
    noise: Tensor,
    logvar: Tensor | None = None,
) -> DiffusionLoss:
    """Return the loss of a network on x0 (B, C, H, W) at the timesteps t (B,) with the given noise.

    Args:
        network: takes x_t and t.
        schedule: the noise schedule.
        objective: what is predicted and how errors weigh.
        x0: clean latents, or pictures.
        t: (B,) int64, 0 to n - 1.
        noise: standard normal, like x0.
        logvar: (n,) log-variance of the error at each step, fixed or learned: latent diffusion divides every sample's
            error by its variance and adds the logarithm. None, as for diffusion of pixels, leaves that out.
    """
    predicted = network(schedule.q_sample(x0, t, noise), t).to(x0.dtype)
    errors = objective.errors(predicted, objective.target(schedule, x0, t, noise))
    weighed = errors
    if objective.min_snr_gamma is not None:
        weighed = errors * min_snr_weights(schedule, objective.prediction, objective.min_snr_gamma).to(t.device)[t]
    gamma = None
    if logvar is not None:
        logvar_t = logvar.to(t.device)[t]
        gamma = (weighed / logvar_t.exp() + logvar_t).mean()
    vlb = (at(schedule.lvlb_weights(objective.prediction), t, errors) * errors).mean()
    simple = objective.simple_weight * (weighed.mean() if gamma is None else gamma)
    return DiffusionLoss(simple + objective.elbo_weight * vlb, errors.mean(), vlb, gamma, errors.detach())


def min_snr_weights(schedule: NoiseSchedule, prediction: Prediction, gamma: float) -> Tensor:
    """Return the (n,) weights of arXiv 2303.09556: min(SNR, gamma) on the error of x0, carried over to the prediction.

    SNR is alphas_cumprod / (1 - alphas_cumprod); an error of eps is one of x0 times SNR, of v times SNR + 1.
    """
    a = schedule.alphas_cumprod.double()
    snr = a / (1 - a)
    limited = snr.clamp(max=gamma)
    match prediction:
        case "x0":
            weights = limited
        case "eps":
            weights = limited / snr
        case "v":
            weights = limited / (snr + 1)
    return weights.float()


@dataclass(frozen=True)
class Draws:
    """The random numbers of one step.

    Attributes:
        posterior: noise for sampling the autoencoder's distribution, like the latents; None where it has none.
        t: (B,) timesteps.
        noise: like the latents.
        dropped: (B,) which samples lose their condition.
    """

    posterior: Tensor | None
    t: Tensor
    noise: Tensor
    dropped: Tensor

    def to(self, device: torch.device | str) -> Draws:
        """Return the draws on `device`."""
        return self._each(lambda value: value.to(device))

    def part(self, shard: Shard) -> Draws:
        """Return the rows of one process."""
        rows = shard.rows(len(self.t))
        return self._each(lambda value: value[rows])

    def _each(self, change: Callable[[Tensor], Tensor]) -> Draws:
        return replace(self, **{name: change(value) for name, value in vars(self).items() if value is not None})


def draw(
    generator: torch.Generator, shape: Sequence[int], steps: int, *, posterior: bool, dropout: float = 0.0
) -> Draws:
    """Draw the random numbers of one step, on the generator's device.

    The order is the original's: the autoencoder's sample, timesteps, noise. What decides about conditions comes last,
    so that it changes none of them. Every process draws for the whole batch and keeps its own rows (`Draws.part`), so
    that the number of processes changes nothing.

    Args:
        generator: the source.
        shape: (B, C, h, w) of the latents, B that of the whole batch.
        steps: length of the noise schedule.
        posterior: whether the autoencoder's latents are sampled: a Gaussian's are, those with a codebook are not.
        dropout: probability that a sample loses its condition.
    """
    device = generator.device
    sample = torch.randn(tuple(shape), generator=generator, device=device) if posterior else None
    t = torch.randint(0, steps, (shape[0],), generator=generator, device=device)
    noise = torch.randn(tuple(shape), generator=generator, device=device)
    dropped = torch.rand(shape[0], generator=generator, device=device) < dropout
    return Draws(sample, t, noise, dropped)


def scale_of(latents: Tensor) -> float:
    """Return the factor that gives latents unit standard deviation: scale_by_std of the original.

    Args:
        latents: (B, C, h, w) of the first batch, of all processes, as the autoencoder gave them.

    Raises:
        TrainingError: if the latents are all equal, or not finite.
    """
    deviation = latents.detach().float().flatten().std()
    if not torch.isfinite(deviation) or deviation <= 0:
        raise TrainingError(
            f"The latents of the first batch have the standard deviation {deviation.item()}, so no scale can be "
            "measured; check the autoencoder, or set scale_factor."
        )
    return (1.0 / deviation).item()
