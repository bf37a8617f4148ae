"""Guidance by what self-attention sees: predictions without it, or of what it attends to made blurred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ..sampling.guidance_patches import predicted
from .model_options import copied, set_replacement

if TYPE_CHECKING:
    from torch import Tensor

    from ..sampling.guidance_patches import Hook

Told = Mapping[str, Any]

# Attention that a position receives above which self-attention guidance blurs it (arXiv 2210.00939, §4.3).
THRESHOLD = 1.0
KERNEL = 9
SMALLEST = 4  # sides of latents that are too small to blur


def perturbed(scale: float) -> Hook:
    """Return guidance away from what the positive prompt predicts without the middle's self-attention.

    There each position keeps its own value (PAG, arXiv 2403.17377, eq. 12).
    """

    def guide(told: Told) -> Tensor:
        guided: Tensor = told["denoised"]
        if scale == 0:
            return guided
        options = copied(told["model_options"])
        set_replacement(options, lambda q, k, v, told: v, "attn1", "middle", 0)
        model = told["model"].current_patcher
        without = predicted(model, told["cond"], told["input"], told["sigma"], options)
        x0: Tensor = guided + (told["cond_denoised"] - without) * scale
        return x0

    return guide


class SelfAttentionGuidance:
    """Guidance away from a picture that is blurred where the middle's self-attention looks (arXiv 2210.00939).

    `record` takes the place of that attention; `guide` changes the guided prediction.

    Args:
        scale: of the guidance.
        blur_sigma: standard deviation of the blur, in latent cells.
    """

    def __init__(self, scale: float, blur_sigma: float) -> None:
        self.scale, self.blur_sigma = scale, blur_sigma
        self._received: Tensor | None = None
        self._size = (1, 1)

    def record(self, q: Tensor, k: Tensor, v: Tensor, told: Told) -> Tensor:
        """Attend, and note how much attention each position of the negative prompt's chunk receives."""
        q, k, v = (x.unflatten(-1, (told["n_heads"], told["dim_head"])).transpose(1, 2) for x in (q, k, v))  # type: ignore[no-untyped-call]
        weights = (q.float() @ k.float().transpose(-2, -1) * told["dim_head"] ** -0.5).softmax(-1)
        sides = told["cond_or_uncond"]
        if 1 in sides:
            chunk = weights.chunk(len(sides))[sides.index(1)]
            self._received, self._size = chunk.mean(1).sum(1), tuple(told["activations_shape"][2:])
        attended: Tensor = weights.to(v) @ v
        return attended.transpose(1, 2).flatten(2)

    def guide(self, told: Told) -> Tensor:
        """Return the guided prediction, moved away from that of the blurred picture."""
        guided, x = told["denoised"], told["input"]
        if min(guided.shape[2:]) <= SMALLEST or self._received is None:
            return guided  # type: ignore[no-any-return]
        negative = told["uncond_denoised"]
        blurred = self.blurred_where_attended(negative)
        options = {**told["model_options"], "transformer_options": _without_middle(told["model_options"])}
        model = told["model"].current_patcher
        degraded = predicted(model, told["uncond"], blurred + x - negative, told["sigma"], options)
        x0: Tensor = guided + (blurred - degraded) * self.scale
        return x0

    def blurred_where_attended(self, x0: Tensor) -> Tensor:
        """Return a clean latent (B, C, H, W), blurred where more attention than usual goes."""
        assert self._received is not None
        mask = (self._received > THRESHOLD).to(x0).reshape(-1, 1, *self._size)
        mask = F.interpolate(mask, x0.shape[2:])
        return blurred(x0, self.blur_sigma) * mask + x0 * (1 - mask)


def _without_middle(options: Told) -> dict[str, Any]:
    """Return options for the network under which nothing is recorded."""
    inside: dict[str, Any] = copied(options.get("transformer_options", {}))
    inside.get("patches_replace", {}).get("attn1", {}).pop(("middle", 0, 0), None)
    return inside


def blurred(x: Tensor, sigma: float) -> Tensor:
    """Blur maps (B, C, H, W) by a Gaussian of nine cells, mirrored at the borders; with `sigma` 0 not at all."""
    if sigma == 0:
        return x
    half = KERNEL // 2
    line = torch.exp(-0.5 * (torch.linspace(-half, half, KERNEL, device=x.device) / sigma) ** 2).to(x)
    line = line / line.sum()
    kernel = (line[:, None] * line).expand(x.shape[1], 1, KERNEL, KERNEL)
    return F.conv2d(F.pad(x, (half,) * 4, mode="reflect"), kernel, groups=x.shape[1])
