"""`comfy.k_diffusion.sampling`: our sigma-space samplers as the functions `sample_<name>` that packs call.

They are called `sample_euler(model, x, sigmas, extra_args=None, callback=None, disable=None, **options)`, where
`model(x, sigma, **extra_args)` returns the clean latent; the callback receives a dict with `x`, `i`, `sigma`,
`sigma_hat` and `denoised`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from inspect import signature
from typing import Any

import torch
from torch import Tensor

from .....sampling.brownian import brownian_motion
from .....sampling.noise import MAX_SEED, SequentialNoise
from .....sampling.plan import NOISY_FROM, NOISY_TO
from .....sampling.schedules import karras_levels
from .....sampling.sigma_space import ancestral_step
from .....sampling.tables import PAIR_SAMPLERS, SIGMA_SAMPLERS, sigma_sampler
from ..model_patcher import set_model_options_post_cfg_function
from .utils import append_dims

trange = range
NoiseSampler = Callable[[Any, Any], Tensor]


def append_zero(x: Tensor) -> Tensor:
    """Return levels that end in 0."""
    return torch.cat([x, x.new_zeros(1)])


def to_d(x: Tensor, sigma: Any, denoised: Tensor) -> Tensor:
    """Return the derivative of the probability-flow ODE (arXiv 2206.00364, eq. 1)."""
    level = append_dims(sigma, x.ndim) if isinstance(sigma, Tensor) else sigma
    return (x - denoised) / level


def get_ancestral_step(sigma_from: Any, sigma_to: Any, eta: float = 1.0) -> tuple[Any, Any]:
    """Split a step into a deterministic part and fresh noise."""
    return ancestral_step(sigma_from, sigma_to, eta) if eta else (sigma_to, 0.0)


def get_sigmas_karras(n: int, sigma_min: float, sigma_max: float, rho: float = 7.0, device: Any = "cpu") -> Tensor:
    """Return levels equally spaced in their rho-th root (arXiv 2206.00364, eq. 5), and 0."""
    return append_zero(karras_levels(n, float(sigma_min), float(sigma_max), rho)).to(device)


def get_sigmas_exponential(n: int, sigma_min: float, sigma_max: float, device: Any = "cpu") -> Tensor:
    """Return levels equally spaced in the logarithm, and 0."""
    return append_zero(torch.linspace(math.log(sigma_max), math.log(sigma_min), n).exp()).to(device)


def get_sigmas_polyexponential(
    n: int, sigma_min: float, sigma_max: float, rho: float = 1.0, device: Any = "cpu"
) -> Tensor:
    """Return levels whose logarithm follows a power of time, and 0."""
    ramp = torch.linspace(1, 0, n) ** rho
    low, high = math.log(sigma_min), math.log(sigma_max)
    return append_zero((ramp * (high - low) + low).exp()).to(device)


def get_sigmas_vp(
    n: int, beta_d: float = 19.9, beta_min: float = 0.1, eps_s: float = 1e-3, device: Any = "cpu"
) -> Tensor:
    """Return the levels of a continuous variance-preserving process (arXiv 2011.13456), and 0."""
    t = torch.linspace(1, eps_s, n)
    return append_zero(torch.expm1(beta_d * t**2 / 2 + beta_min * t).sqrt()).to(device)


def default_noise_sampler(x: Tensor, seed: int | None = None) -> NoiseSampler:
    """Return what draws fresh noise of x's shape, in the sequence of a seed."""
    source = SequentialNoise.seeded(seed if seed is not None else torch.seed() & MAX_SEED)
    return lambda sigma, sigma_next: source.draw(x, 0)


class BrownianTreeNoiseSampler:
    """Noise of a Brownian path over sigma: it belongs to an interval, not to a step."""

    def __init__(
        self,
        x: Tensor,
        sigma_min: Any,
        sigma_max: Any,
        seed: Any = None,
        transform: Callable[[Any], Any] = lambda value: value,
        cpu: bool = False,
    ) -> None:
        low, high = (float(transform(torch.as_tensor(level))) for level in (sigma_min, sigma_max))
        first = seed[0] if isinstance(seed, list | tuple) else seed
        entropy = first if first is not None else torch.seed() & MAX_SEED
        self.transform = transform
        self._motion = brownian_motion(x, torch.tensor([high, low]), int(entropy))

    def __call__(self, sigma: Any, sigma_next: Any) -> Tensor:
        """Return the path's increment between two levels, scaled to unit variance."""
        start, end = (float(self.transform(torch.as_tensor(level))) for level in (sigma, sigma_next))
        return self._motion(start, end)


@dataclass(frozen=True)
class PacksNoise:
    """Draws of a pack's `noise_sampler(sigma, sigma_next)`, as our samplers ask for them."""

    sampler: NoiseSampler
    sigmas: Tensor

    def draw(self, x: Tensor, step: int) -> Tensor:
        """Return the noise of a step."""
        return self.sampler(self.sigmas[step], self.sigmas[min(step + 1, len(self.sigmas) - 1)])

    def __call__(self, sigma: float, following: float, /) -> Tensor:
        """Return the noise between two levels."""
        return self.sampler(torch.tensor(sigma), torch.tensor(following))


def run_sampler(
    name: str,
    model: Any,
    x: Tensor,
    sigmas: Tensor,
    extra_args: Mapping[str, Any] | None = None,
    callback: Callable[[dict[str, Any]], Any] | None = None,
    disable: bool | None = None,
    noise_sampler: NoiseSampler | None = None,
    **options: Any,
) -> Tensor:
    """Run the sampler of a name; return the latent after its last step."""
    extra = dict(extra_args or {})
    function = sigma_sampler(name)
    keywords = _draws(function, model, x, sigmas, extra.get("seed"), noise_sampler)
    denoise = _pair(model, extra) if name in PAIR_SAMPLERS else _single(model, extra)
    for step in function(denoise, x, sigmas, **keywords, **options):
        if callback is not None:
            callback({"x": x, "i": step.index, "sigma": step.t, "sigma_hat": step.t, "denoised": step.x0})
        x = step.x
    return x


def _draws(
    function: Callable[..., Any], model: Any, x: Tensor, sigmas: Tensor, seed: int | None, given: NoiseSampler | None
) -> dict[str, Any]:
    """Return what a sampler asks for by the names of its parameters."""
    accepted = signature(function).parameters
    found: dict[str, Any] = {}
    own = seed if seed is not None else torch.seed() & MAX_SEED
    if "noise" in accepted:
        found["noise"] = PacksNoise(given, sigmas) if given is not None else SequentialNoise.seeded(own)
    if "motion" in accepted:
        found["motion"] = PacksNoise(given, sigmas) if given is not None else brownian_motion(x, sigmas, own)
    if "noisy_between" in accepted:
        to_sigma = model.inner_model.inner_model.model_sampling.percent_to_sigma
        found["noisy_between"] = (to_sigma(NOISY_FROM), to_sigma(NOISY_TO))
    return found


def _single(model: Any, extra: Mapping[str, Any]) -> Callable[..., Tensor]:
    def denoise(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> Tensor:
        found: Tensor = model(x, sigma, **extra)
        return found

    return denoise


def _pair(model: Any, extra: Mapping[str, Any]) -> Callable[..., tuple[Tensor, Tensor]]:
    """Return what gives the negative prompt's clean latent beside the guided one."""
    negative: list[Tensor] = []

    def note(args: Mapping[str, Any]) -> Any:
        negative[:] = [args["uncond_denoised"]]
        return args["denoised"]

    options = set_model_options_post_cfg_function(dict(extra.get("model_options") or {}), note, True)

    def denoise(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> tuple[Tensor, Tensor]:
        guided: Tensor = model(x, sigma, **{**extra, "model_options": options})
        return negative[0], guided

    return denoise


@cache
def _sampler(name: str) -> Callable[..., Tensor]:
    made = partial(run_sampler, name)
    made.__doc__ = f"Sample by {name}; see the head of this file."
    return made


def __getattr__(name: str) -> Any:
    """Return the sampler `sample_<name>`."""
    plain = name.removeprefix("sample_")
    if name != plain and plain in SIGMA_SAMPLERS:
        return _sampler(plain)
    raise AttributeError(f"module 'comfy.k_diffusion.sampling' has no attribute {name!r}")
