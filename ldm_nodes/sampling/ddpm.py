"""Ancestral sampling (arXiv 2006.11239, algorithm 2), as CompVis' ddpm.py computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .steps import KnownRegion, Step, batch_of, dropout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from .denoiser import NoisePredictor
    from .noise import NoiseSource
    from .noise_schedule import NoiseSchedule


def ddpm(
    predict: NoisePredictor,
    x: Tensor,
    schedule: NoiseSchedule,
    noise: NoiseSource,
    *,
    start: int | None = None,
    clip: bool = False,
    temperature: float | Sequence[float] = 1.0,
    noise_dropout: float = 0.0,
    quantize: Callable[[Tensor], Tensor] | None = None,
    known: KnownRegion | None = None,
) -> Iterator[Step]:
    """Sample through every training step: one network call each.

    The steps' x0 make up what the original calls progressive denoising.

    Args:
        predict: Predicts the noise; guidance and score correction happen inside.
        x: Start noise or partly noised latent, (B, C, h, w), variance preserving.
        schedule: Noise schedule of the network.
        noise: Source of the draws: first the step's (also at t = 0, where it is not used), then the known region's.
        start: Number of steps to take, counted from the clean end; all when None.
        clip: Clamp the predicted x0 to [-1, 1]. Right for pixels, not for latents.
        temperature: Multiplies the added noise; one number, or one for each timestep of the schedule.
        noise_dropout: Share of the added noise that is dropped, 0 to 1 (exclusive).
        quantize: Replaces the predicted x0, after clipping.
        known: Region to keep: noised to the step's level and mixed in after each step.
    """
    total = len(schedule) if start is None else min(start, len(schedule))
    for index, step in enumerate(reversed(range(total))):
        t = batch_of(step, x)
        x0 = schedule.predict_start_from_noise(x, t, predict(x, t))
        if clip:
            x0 = x0.clamp(-1, 1)
        if quantize is not None:
            x0 = quantize(x0)
        mean, _, log_variance = schedule.q_posterior(x0, x, t)
        draw = noise.draw(x, index) * (temperature if isinstance(temperature, float | int) else temperature[step])
        if noise_dropout > 0:
            draw = dropout(draw, noise.draw(x, index), noise_dropout)
        x = mean + (0.5 * log_variance).exp() * draw if step > 0 else mean
        if known is not None:
            x = known.impose(x, t, noise.draw(x, index))
        yield Step(index, step, x, x0)
