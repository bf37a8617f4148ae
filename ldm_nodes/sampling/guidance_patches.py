"""Other ways of guidance, as the hooks that a model's options hold (`guidance.py`); each says where it was published.

A hook is given ComfyUI's dictionary: `input` x, `sigma` (B,), `cond_scale`, and predictions of x0, (B, C, H, W) each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .conditioning import Conditioning, entries
from .denoiser import expand
from .guidance import Options, Prompts
from .guiders import perp_neg

if TYPE_CHECKING:
    from torch import Tensor

    from .denoiser import DiffusionModel

Told = Mapping[str, Any]
"""What a hook is given."""
Hook = Callable[[Told], "Tensor"]
PreHook = Callable[[Told], "list[Tensor]"]

PICTURE = (-3, -2, -1)


def rescaled(multiplier: float) -> Hook:
    """Return guidance of v whose standard deviation is brought back to that of the positive prompt's.

    `multiplier` mixes it with plain guidance (arXiv 2305.08891, eq. 15 and 16).
    """

    def guide(told: Told) -> Tensor:
        x, s = told["input"], expand(told["sigma"], told["input"])
        root = (s**2 + 1).sqrt()
        positive, negative = ((x / root**2 - told[name]) * root / s for name in ("cond_denoised", "uncond_denoised"))
        v = negative + told["cond_scale"] * (positive - negative)
        matched = v * positive.std(PICTURE, keepdim=True) / v.std(PICTURE, keepdim=True)
        v = multiplier * matched + (1 - multiplier) * v
        noise: Tensor = x - (x / root**2 - v * s / root)
        return noise

    return guide


def zero_star(told: Told) -> Tensor:
    """Return guidance whose negative prediction is scaled to fit the positive one best (arXiv 2503.18886, eq. 9)."""
    x, scale = told["input"], told["cond_scale"]
    negative: Tensor = told["uncond_denoised"]
    fit = _best_scale(x - told["cond_denoised"], x - negative)
    x0: Tensor = told["denoised"] + negative * (fit - 1) + scale * negative * (1 - fit)
    return x0


def _best_scale(positive: Tensor, negative: Tensor) -> Tensor:
    """Return the factor (B, 1, 1, 1) with which `negative` comes nearest to `positive`."""
    inner = (positive * negative).sum(PICTURE, keepdim=True)
    return inner / ((negative**2).sum(PICTURE, keepdim=True) + 1e-8)


def norm_limited(strength: float) -> Hook:
    """Return guidance whose length in each cell is at most that of the positive prediction, times `strength`."""

    def limit(told: Told) -> Tensor:
        x0: Tensor = told["denoised"]
        longest = told["cond_denoised"].norm(dim=1, keepdim=True)
        limited: Tensor = x0 * (longest / (x0.norm(dim=1, keepdim=True) + 1e-8)).clamp(0, 1) * strength
        return limited

    return limit


def tangential(told: Told) -> list[Tensor]:
    """Return predictions whose negative one keeps only what it shares with both (arXiv 2503.18137, algorithm 1)."""
    predictions: list[Tensor] = told["conds_out"]
    if len(predictions) < 2 or told["conds"][1] is None:
        return predictions
    x = told["input"]
    positive, negative = ((x - x0).flatten(1).float() for x0 in predictions[:2])
    _, _, directions = torch.linalg.svd(torch.stack([negative, positive], dim=1), full_matrices=False)
    main = directions[:, 0]
    shared = (negative * main).sum(1, keepdim=True) * main
    return [predictions[0], x - shared.reshape(x.shape).to(x), *predictions[2:]]


def by_similarity(told: Told) -> Tensor:
    """Return a mix of guidance and the scaled positive prediction, by how alike they and the negative one are."""
    scale, guided = told["cond_scale"], told["denoised"]
    leap, away = told["cond_denoised"] * scale, told["uncond_denoised"] * scale
    alike = F.cosine_similarity(_signed_root(away), _signed_root((leap + guided) / 2)).mean()
    weight = 2 * (alike + 1)
    mixed: Tensor = (weight * guided + (4 - weight) * leap) / 4
    return mixed


def _signed_root(x: Tensor) -> Tensor:
    return x.abs().sqrt() * x.sign()


def scaled_noise(factor: float) -> Hook:
    """Return guidance whose noise is divided by a factor, against exposure bias (arXiv 2308.15321, eq. 9)."""

    def scale(told: Told) -> Tensor:
        x: Tensor = told["input"]
        x0: Tensor = x - (x - told["denoised"]) / factor
        return x0

    return scale


def by_frequency(scale_low: float, scale_high: float, cutoff: int) -> PreHook:
    """Return predictions whose difference is scaled apart in low and high frequencies (arXiv 2504.02154)."""

    def filtered(told: Told) -> list[Tensor]:
        predictions: list[Tensor] = told["conds_out"]
        if len(predictions) < 2 or told["conds"][1] is None:
            return predictions
        positive, negative, *others = predictions
        return [negative + band_scaled(positive - negative, scale_low, scale_high, cutoff), negative, *others]

    return filtered


def band_scaled(x: Tensor, low: float, high: float, cutoff: int) -> Tensor:
    """Multiply the frequencies of maps (B, C, H, W): those below `cutoff` on both axes by `low`, others by `high`."""
    spectrum = torch.fft.fftshift(torch.fft.fftn(x.float(), dim=(-2, -1)), dim=(-2, -1))
    middles = [side // 2 for side in x.shape[-2:]]
    rows, columns = (slice(middle - min(cutoff, middle), middle + min(cutoff, middle)) for middle in middles)
    factors = torch.full(spectrum.shape[-2:], high, device=x.device)
    factors[rows, columns] = low
    back = torch.fft.ifftshift(spectrum * factors, dim=(-2, -1))
    filtered: Tensor = torch.fft.ifftn(back, dim=(-2, -1)).real
    return filtered.to(x.dtype)


def operated(operation: Callable[..., Tensor]) -> PreHook:
    """Return predictions whose difference went through a latent operation."""

    def change(told: Told) -> list[Tensor]:
        positive, *others = told["conds_out"]
        if not others or told["conds"][1] is None:
            return [operation(latent=positive), *others]
        return [operation(latent=positive - others[0]) + others[0], *others]

    return change


def perpendicular_to(empty: Conditioning, neg_scale: float) -> Hook:
    """Return guidance by `guiders.perp_neg`; `empty` is an encoded empty text."""

    def guide(told: Told) -> Tensor:
        x, model = told["input"], told["model"].current_patcher
        sides = entries(model, {"negative": empty}, x.shape)["negative"]
        nothing = predicted(model, sides, x, told["sigma"], told["model_options"])
        x0 = perp_neg(told["cond_denoised"], told["uncond_denoised"], nothing, told["cond_scale"], neg_scale)
        noise: Tensor = x - x0
        return noise

    return guide


def predicted(model: DiffusionModel, side: Any, x: Tensor, sigma: Tensor, options: Options) -> Tensor:
    """Return what one prompt's entries predict (B, C, H, W), by a call of its own."""
    return Prompts(model, (side,))(x, sigma, options)[0]


def differential(strength: float) -> Callable[..., Tensor]:
    """Return a mask function that opens cells one after another, by their value in the mask (arXiv 2306.00950).

    A cell is sampled once the part of the run that is left is no more than its value; `strength` mixes that with the
    plain mask.
    """

    def threshold(sigma: Tensor, denoise_mask: Tensor, extra_options: Told) -> Tensor:
        sampling, sigmas = extra_options["model"].model_sampling, extra_options["sigmas"]
        last = max(float(sampling.sigma_min), float(sigmas[-1]))
        levels = torch.stack([sigmas[0].cpu(), torch.tensor(last), sigma[0].float().cpu()])
        first, end, now = sampling.timestep(levels).tolist()
        opened: Tensor = (denoise_mask >= (now - end) / (first - end)).to(denoise_mask)
        return opened.lerp(denoise_mask, 1 - strength) if strength < 1 else opened

    return threshold
