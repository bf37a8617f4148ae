"""PLMS: pseudo linear multistep sampling (arXiv 2202.09778), as CompVis' plms.py computes it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .ddim import DDIMPlan, ddim_step
from .errors import SamplingError
from .steps import KnownRegion, Step, batch_of, required

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from .denoiser import NoisePredictor
    from .noise import NoiseSource

# Adams-Bashforth weights by order, latest estimate first (arXiv 2202.09778, eq. 9 and appendix A).
ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)


def adams_bashforth(estimates: Sequence[Tensor]) -> Tensor:
    """Combine one to four estimates, latest first, at the order that they allow."""
    weights = ADAMS_BASHFORTH[len(estimates) - 1]
    combined = weights[0] * estimates[0]
    for weight, estimate in zip(weights[1:], estimates[1:], strict=True):
        combined = combined + weight * estimate
    return combined


def plms(
    predict: NoisePredictor,
    x: Tensor,
    plan: DDIMPlan,
    *,
    noise: NoiseSource | None = None,
    quantize: Callable[[Tensor], Tensor] | None = None,
    known: KnownRegion | None = None,
) -> Iterator[Step]:
    """Sample by PLMS: S + 1 network calls, the extra one in the first step.

    Args:
        predict: Predicts the noise; its raw (guided) estimates form the history.
        x: Start noise or partly noised latent, (B, C, h, w), variance preserving.
        plan: The levels, walked from the last to the first; eta must be 0.
        noise: Source of the draws for the known region.
        quantize: Replaces the predicted clean latent.
        known: Region to keep: noised to the step's level and mixed in before each step.
    """
    if any(plan.sigmas):
        raise SamplingError("eta", "a plan with eta above 0", "eta 0", "PLMS is deterministic; use DDIM to add noise.")
    history: deque[Tensor] = deque(maxlen=3)
    for index, i in enumerate(reversed(range(len(plan)))):
        a, a_prev = plan.alphas[i], plan.alphas_prev[i]
        t = batch_of(plan.timesteps[i], x)
        if known is not None:
            x = known.impose(x, t, required(noise, "a known region is noised at each step").draw(x, index))
        eps = predict(x, t)
        if history:
            combined = adams_bashforth([eps, *history])
        else:
            tentative, _ = ddim_step(x, eps, a, a_prev, quantize=quantize)
            combined = (eps + predict(tentative, batch_of(plan.timesteps[max(i - 1, 0)], x))) / 2
        x, x0 = ddim_step(x, combined, a, a_prev, quantize=quantize)
        history.appendleft(eps)
        yield Step(index, plan.timesteps[i], x, x0)
