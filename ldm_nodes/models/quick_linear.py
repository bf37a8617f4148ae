"""Faster training on processors: linear layers that multiply through oneDNN, forward and backward.

Torch multiplies float32 matrices through Intel's MKL, which on processors of other makers reaches half the speed of
oneDNN (`packing.py` does the same for inference, with frozen weights). A quick layer has the parameters of the plain
one: optimisers, averages and checkpoints do not see a difference.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import PointLinear
from .devices import has_foreign_mkl
from .packing import works


def quicken(module: nn.Module) -> None:
    """Replace the linear layers inside `module` by quick ones, in place, where that is faster; others stay."""
    if not (has_foreign_mkl() and works(torch.float32)):
        return
    for parent in [*module.modules()]:
        for name, child in parent.named_children():
            if type(child) in (nn.Linear, PointLinear):
                setattr(parent, name, QuickLinear(child))


class QuickLinear(nn.Module):
    """An `nn.Linear` or a `PointLinear` in training, with their parameters.

    Attributes:
        weight: (out, in), or (out, in, 1, 1) of a convolution of size one.
        bias: (out,), or None.
    """

    weight: Tensor

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.weight = layer.weight
        self.bias = layer.bias

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., in) to (..., out)."""
        weight = self.weight.flatten(1)
        single = x.dtype == weight.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
        if not (single and x.is_cpu) or torch.compiler.is_compiling():  # compilers take this operation for inference's
            return F.linear(x, weight, self.bias)
        out: Tensor = _Linear.apply(x, weight, self.bias)  # type: ignore[no-untyped-call]
        return out


class _Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _times(x, weight, bias)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        wants_x, wants_weight, wants_bias = ctx.needs_input_grad
        g = gradient.flatten(0, -2)
        return (
            _times(gradient, weight.t()) if wants_x else None,
            _outer(g, x.flatten(0, -2)) if wants_weight else None,
            g.sum(0) if wants_bias else None,
        )


def _outer(g: Tensor, x: Tensor) -> Tensor:
    """Return gᵀ x of (N, out) and (N, in); the kernel is faster with the narrower matrix in front."""
    return _times(g.t(), x.t()) if g.shape[1] <= x.shape[1] else _times(x.t(), g.t()).t()


def _times(a: Tensor, b: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return a bᵀ + bias, by oneDNN."""
    out: Tensor = torch.ops.mkldnn._linear_pointwise(a, b, bias, "none", [], "")
    return out
