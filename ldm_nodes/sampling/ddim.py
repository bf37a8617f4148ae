"""DDIM (arXiv 2010.02502), as CompVis' ddim.py computes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from .errors import SamplingError
from .steps import KnownRegion, Step, batch_of, dropout, required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from .denoiser import NoisePredictor
    from .noise import NoiseSource
    from .noise_schedule import NoiseSchedule


@dataclass(frozen=True)
class DDIMPlan:
    """The levels that DDIM and PLMS visit, ascending; each list has S entries.

    Attributes:
        timesteps: Training steps that the network is asked about.
        alphas: alphas_cumprod at those steps.
        alphas_prev: alphas_cumprod where each step leads. The last step leads to alphas_cumprod[0], not to 1: the
            original never returns a picture without any noise.
        sigmas: Standard deviation of the noise that each step adds.
    """

    timesteps: tuple[int, ...]
    alphas: tuple[float, ...]
    alphas_prev: tuple[float, ...]
    sigmas: tuple[float, ...]

    @classmethod
    def of(cls, schedule: NoiseSchedule, timesteps: Sequence[int], eta: float = 0.0) -> DDIMPlan:
        """Plan the steps of a noise schedule (arXiv 2010.02502, eq. 16).

        Args:
            schedule: Noise schedule of the network.
            timesteps: Ascending training steps.
            eta: Share of the noise of the ancestral sampler: 0 is deterministic, 1 is DDPM's variance.
        """
        alphas_cumprod = schedule.alphas_cumprod.cpu().numpy()
        a = alphas_cumprod[list(timesteps)]
        # The original's types, float32 and (beyond one step) float64: sigma shows the difference.
        prev = np.asarray([alphas_cumprod[0], *a[:-1].tolist()])
        sigmas = eta * np.sqrt((1 - prev) / (1 - a) * (1 - a / prev))
        if eta < 0 or (1 - prev - sigmas**2 < 0).any():
            raise SamplingError(
                "eta", f"{eta:g}", "0 (no noise) to 1", "More noise than a level holds cannot be added; lower eta."
            )
        return cls(tuple(timesteps), tuple(a.tolist()), tuple(prev.tolist()), tuple(sigmas.tolist()))

    def __len__(self) -> int:
        return len(self.timesteps)

    def first(self, n: int) -> DDIMPlan:
        """Return the n steps nearest to the clean picture: what img2img runs through."""
        return DDIMPlan(self.timesteps[:n], self.alphas[:n], self.alphas_prev[:n], self.sigmas[:n])


def ddim(
    predict: NoisePredictor,
    x: Tensor,
    plan: DDIMPlan,
    *,
    noise: NoiseSource | None = None,
    temperature: float = 1.0,
    noise_dropout: float = 0.0,
    quantize: Callable[[Tensor], Tensor] | None = None,
    known: KnownRegion | None = None,
) -> Iterator[Step]:
    """Sample by DDIM: one network call a step.

    Args:
        predict: Predicts the noise; guidance and score correction happen inside.
        x: Start noise or partly noised latent, (B, C, h, w), variance preserving.
        plan: The levels, walked from the last to the first.
        noise: Source of the draws, needed for eta > 0 and for a known region. As in the original, each step draws for
            the known region first, then for the step itself, also where its sigma is 0.
        temperature: Multiplies the added noise.
        noise_dropout: Share of the added noise that is dropped, 0 to 1 (exclusive).
        quantize: Replaces the predicted clean latent, as "quantize_denoised" does by the nearest codebook entries.
        known: Region to keep: noised to the step's level and mixed in before each network call, never after the last.
    """
    for index, i in enumerate(reversed(range(len(plan)))):
        t = batch_of(plan.timesteps[i], x)
        if known is not None:
            x = known.impose(x, t, required(noise, "a known region is noised at each step").draw(x, index))
        eps = predict(x, t)
        added = _added_noise(x, index, plan.sigmas[i] * temperature, noise, noise_dropout)
        x, x0 = ddim_step(x, eps, plan.alphas[i], plan.alphas_prev[i], plan.sigmas[i], quantize)
        if added is not None:
            x = x + added
        yield Step(index, plan.timesteps[i], x, x0)


def ddim_step(
    x: Tensor,
    eps: Tensor,
    a: float,
    a_prev: float,
    sigma: float = 0.0,
    quantize: Callable[[Tensor], Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Return the latent at level a_prev but for its noise sigma · n, and the predicted x0 (arXiv 2010.02502, eq. 12).

    Args:
        x: Latent at level a, (B, C, h, w).
        eps: Its predicted noise.
        a: alphas_cumprod of x.
        a_prev: alphas_cumprod of the result.
        sigma: Standard deviation of the noise that will be added to the result.
        quantize: Replaces the predicted x0.
    """
    x0 = (x - sqrt(1 - a) * eps) / sqrt(a)
    if quantize is not None:
        x0 = quantize(x0)
    return sqrt(a_prev) * x0 + sqrt(1 - a_prev - sigma**2) * eps, x0


def _added_noise(x: Tensor, index: int, sigma: float, source: NoiseSource | None, dropped: float) -> Tensor | None:
    if source is None and sigma == 0:
        return None
    source = required(source, "eta is above 0")
    added = sigma * source.draw(x, index)
    return added if dropped == 0 else dropout(added, source.draw(x, index), dropped)


def stochastic_encode(x0: Tensor, plan: DDIMPlan, index: int, noise: Tensor) -> Tensor:
    """Noise a clean latent to the level of plan step `index` (from 0): the start of img2img.

    The original then decodes with `plan.first(index)`, that is from one level lower than it noised to. `index` equal to
    the number of steps, where the original fails, noises to the last level.
    """
    if not 0 <= index <= len(plan):
        raise SamplingError("index", str(index), f"0 to {len(plan)}", "It counts the steps of the plan.")
    a = plan.alphas[min(index, len(plan) - 1)]
    return sqrt(a) * x0 + sqrt(1 - a) * noise


def ddim_encode(predict: NoisePredictor, x0: Tensor, plan: DDIMPlan) -> Iterator[Step]:
    """Run DDIM backwards, from a clean latent to the noise that leads to it (arXiv 2010.02502, section 4.3).

    Each step asks the network at the level where x is. Meant for a plan with eta 0.
    """
    x = x0
    for i, t in enumerate((0, *plan.timesteps[:-1])):
        x, predicted = ddim_step(x, predict(x, batch_of(t, x)), plan.alphas_prev[i], plan.alphas[i])
        yield Step(i, t, x, predicted)
