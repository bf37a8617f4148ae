"""What samplers ask of a network, and the adapters between the two coordinate systems they think in.

Sigma space (k-diffusion, ComfyUI): `x = x0 + sigma * noise`, noise level `sigma` from about 14.6 down to 0.
Variance preserving (DDPM, DDIM, PNDM): `x = sqrt(abar) * x0 + sqrt(1 - abar) * noise`, timestep `t` from 999 down to 0.
They are the same thing in two scales: `x_sigma = x_vp * sqrt(1 + sigma^2)` with `sigma = sqrt((1 - abar) / abar)`.

The network's table of timesteps ends here: nothing above this file needs to know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

import torch
from torch import Tensor

if TYPE_CHECKING:
    from .model_sampling import ModelSampling
    from .noise_schedule import NoiseSchedule

Prediction = Literal["eps", "v", "x0"]
"""What a network was trained to output: the noise, the velocity (arXiv:2202.00512 §D) or the clean latent."""

Conditions = Mapping[str, Tensor]
"""Network inputs beside `x` and `t`: `context` (B, T, D), `y` (B, P), `concat` (B, C', H, W); all optional."""


class Network(Protocol):
    """A raw network on variance-preserving latents."""

    def __call__(self, x: Tensor, t: Tensor, conditions: Conditions, /) -> Tensor:
        """Return the prediction (B, C, H, W) for `x` (B, C, H, W) at the timesteps `t` (B,)."""
        ...


class Denoiser(Protocol):
    """The clean latent expected behind a noisy one: all that a sigma-space sampler asks."""

    def __call__(self, x: Tensor, sigma: Tensor, /) -> Tensor:
        """Return x0 (B, C, H, W) for `x = x0 + sigma * noise` (B, C, H, W) and `sigma` (B,)."""
        ...


class TimedDenoiser(Protocol):
    """A denoiser that can be told the timestep, for samplers that think in timesteps rather than noise levels."""

    def __call__(self, x: Tensor, sigma: Tensor, t: Tensor | None = None, /) -> Tensor:
        """Return x0; the network is given `t` (B,) where it is stated, else the integer timestep nearest to `sigma`."""
        ...


class NoisePredictor(Protocol):
    """The noise expected in a variance-preserving latent: what DDIM, PLMS, PNDM and DPM-Solver ask."""

    def __call__(self, x: Tensor, t: Tensor, /) -> Tensor:
        """Return eps (B, C, H, W) for `x = sqrt(abar) * x0 + sqrt(1 - abar) * eps` and timesteps `t` (B,)."""
        ...


class DiffusionModel(Protocol):
    """What sampling needs of a loaded model; `models/diffusion_model.py` implements it."""

    @property
    def model_sampling(self) -> ModelSampling:
        """How the network's input and output relate to sigma space; nodes may replace that of its training."""
        ...

    @property
    def model_options(self) -> Mapping[str, Any]:
        """What patches do in guidance, in the denoiser and in the network (ComfyUI's `model_options`)."""
        ...

    @property
    def model(self) -> Any:
        """What patches are given as the model."""
        ...

    @property
    def scale_factor(self) -> float:
        """Multiplier from the autoencoder's latents to the network's (0.18215 for Stable Diffusion v1)."""
        ...

    @property
    def latent_channels(self) -> int:
        """Channels of the latents that are sampled."""
        ...

    @property
    def context_dim(self) -> int | None:
        """Width D of the context (B, T, D), or None if the network takes none."""
        ...

    @property
    def device(self) -> torch.device:
        """Where the network is, and where sampling happens."""
        ...

    def predict(
        self, x: Tensor, t: Tensor, conditions: Conditions, options: Mapping[str, Any] | None = None, /
    ) -> Tensor:
        """Run the network: float32 in and out, its own dtype inside; `x` as a `Network` takes it.

        `options` are what patches do inside the network and are told there (ComfyUI's `transformer_options`), with the
        tensors of control networks as `control`.
        """
        ...

    def conditions(
        self, context: Tensor, options: Mapping[str, Any], latent_shape: torch.Size, negative: bool
    ) -> dict[str, Tensor]:
        """Return the network inputs of one conditioning entry, each with a batch of 1 or that of `latent_shape`.

        Args:
            context: (B, T, D) text or class embedding.
            options: the entry's dictionary (pooled output, size conditioning, inpainting inputs ...).
            latent_shape: (B, C, H, W) of the latents that are sampled.
            negative: whether the entry belongs to the negative prompt; families may treat it differently.
        """
        ...


def expand(values: Tensor, x: Tensor) -> Tensor:
    """Return the per-sample `values` (B,) shaped for arithmetic with `x` (B, ...)."""
    return values.reshape(-1, *[1] * (x.ndim - 1))


def network_input(x: Tensor, sigma: Tensor) -> Tensor:
    """Scale a sigma-space latent to unit variance, as the network takes it."""
    return x / (expand(sigma, x) ** 2 + 1).sqrt()


def clean_latent(prediction: Prediction, out: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """Return x0 from the network's output `out` for the sigma-space latent `x` (B, C, H, W), `sigma` (B,)."""
    s = expand(sigma, x)
    match prediction:
        case "eps":
            return x - out * s
        case "v":
            return x / (s**2 + 1) - out * s / (s**2 + 1).sqrt()
        case "x0":
            return out


def denoiser(
    network: Network, schedule: NoiseSchedule, prediction: Prediction, conditions: Conditions
) -> TimedDenoiser:
    """Turn a network into a denoiser under fixed conditions (no guidance; see `guidance.py` for that)."""

    def denoise(x: Tensor, sigma: Tensor, t: Tensor | None = None) -> Tensor:
        timestep = schedule.timestep(sigma) if t is None else t
        return clean_latent(prediction, network(network_input(x, sigma), timestep, conditions), x, sigma)

    return denoise


def noise_predictor(denoise: TimedDenoiser, schedule: NoiseSchedule) -> NoisePredictor:
    """Turn a denoiser into a noise predictor on variance-preserving latents; `t` may lie between training steps."""

    def predict(x: Tensor, t: Tensor) -> Tensor:
        sigma = schedule.sigma(t).to(x.dtype)
        s = expand(sigma, x)
        scaled = x * (s**2 + 1).sqrt()
        return (scaled - denoise(scaled, sigma, t)) / s

    return predict
