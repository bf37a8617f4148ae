"""Faster inference on processors: weights kept in the layout that the processor multiplies from.

Torch keeps weights row-major. So on a CPU every call of a convolution first copies its weights into oneDNN's blocked
layout (at 8×8 positions and fewer the copy costs several times the multiplication), and a float32 linear layer goes to
MKL, which is slow on processors of other makers. `pack` makes the copy once, after loading, one layer at a time, and
frees the original. Results agree within rounding.

The public ways were weighed. `torch.utils.mkldnn.to_mkldnn` hands opaque tensors from layer to layer, which no norm or
attention takes; `torch.compile` wants a C++ compiler and minutes for every picture size. So this file calls the four
operations with which `torch.compile` itself packs. They are not a public interface: `pack` tries them on a small case
first, and leaves layers as they are where they are missing or wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import PointLinear

USUAL_ROWS = 2048  # how many rows an input will have; the layout hardly depends on it
SMALL = 64
"""Positions of a map up to which a convolution's layout follows its size: at 4×4 another one costs 100 times more."""


def pack(module: nn.Module) -> None:
    """Pack the linear layers and 2-D convolutions inside `module`, in place; leave all other layers as they are.

    Packed layers follow `to(dtype)`, save themselves as plain ones, and pass gradients to their inputs, slowly. Their
    weights cannot be changed: patch and train before `pack`, or after `unpack`. Packing twice does no harm.

    Raises:
        ValueError: a layer is still to be trained.
    """
    for name, child in module.named_children():
        kind = _kind(child)
        if kind is None:
            pack(child)
        elif any(parameter.requires_grad for parameter in child.parameters()):
            raise ValueError(f"The layer {name} can be trained; expected one after requires_grad_(False).")
        else:
            setattr(module, name, kind(child))


def unpack(module: nn.Module) -> None:
    """Put the plain layers back in the places of packed ones; their weights are equal bit for bit."""
    for name, child in module.named_children():
        if isinstance(child, Packed):
            setattr(module, name, child.unpack())
        else:
            unpack(child)


class Packed(nn.Module):
    """A frozen layer whose weight lies in oneDNN's layout, an opaque tensor.

    Attributes:
        weight: the packed weight, under the name of the dense one.
        bias: the bias of the plain layer, or None.
    """

    weight: Tensor

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.plain = (layer,)  # in a tuple, so that it is no part of this module
        self.register_buffer("weight", self._reorder(layer.weight.detach()))
        self.bias = layer.bias
        layer.weight = nn.Parameter(layer.weight.to("meta"), requires_grad=False)  # keeps the shape, frees the memory

    def unpack(self) -> nn.Module:
        """Return the plain layer, filled again."""
        layer: nn.Linear | nn.Conv2d = self.plain[0]
        layer.weight = nn.Parameter(self._unpacked(), requires_grad=False)
        layer.bias = self.bias
        return layer

    def forward(self, x: Tensor) -> Tensor:
        """Compute what the plain layer computes."""
        if x.requires_grad:  # packed operations have no gradient
            return self._dense(x, self.weight.to_dense())
        return self._run(x)

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Save the dense weight under its name: nobody else reads packed ones."""
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[prefix + "weight"] = self._unpacked()

    def _unpacked(self) -> Tensor:
        return self.weight.to_dense().view(self.plain[0].weight.shape)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Move or cast the weight as a dense one; opaque tensors cannot be."""
        self.weight = self.weight.to_dense()
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.weight = self._reorder(self.weight)
        return self

    def _reorder(self, weight: Tensor) -> Tensor:
        """Return the packed form of a dense weight."""
        raise NotImplementedError

    def _run(self, x: Tensor) -> Tensor:
        """Compute with the packed weight."""
        raise NotImplementedError

    def _dense(self, x: Tensor, weight: Tensor) -> Tensor:
        """Compute with a dense weight."""
        raise NotImplementedError


class PackedLinear(Packed):
    """An `nn.Linear` or a `PointLinear`."""

    def _reorder(self, weight: Tensor) -> Tensor:
        packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.flatten(1), USUAL_ROWS)
        return packed

    def _run(self, x: Tensor) -> Tensor:
        out: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
        return out

    def _dense(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.linear(x, weight, self.bias)


class PackedPointwise(PackedLinear):
    """An `nn.Conv2d` of size 1×1, as the linear layer over channels that it is: fast at every picture size."""

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H, W), channels last."""
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class PackedConv2d(Packed):
    """An `nn.Conv2d`; fastest where the channels of its input are last in memory."""

    def __init__(self, layer: nn.Conv2d) -> None:
        self.geometry = (layer.padding, layer.stride, layer.dilation, layer.groups)
        self.map: tuple[int, ...] | None = None  # the small map that the layout is for
        super().__init__(layer)

    def _reorder(self, weight: Tensor) -> Tensor:
        size = None if self.map is None else (1, self.plain[0].in_channels, *self.map)
        packed: Tensor = torch.ops.mkldnn._reorder_convolution_weight(weight, *self.geometry, size)
        return packed

    def _run(self, x: Tensor) -> Tensor:
        small = tuple(x.shape[2:]) if x.shape[2] * x.shape[3] <= SMALL else None
        if small != self.map:
            self.map = small
            self.weight = self._reorder(self.weight.to_dense())
        convolve = torch.ops.mkldnn._convolution_pointwise
        out: Tensor = convolve(x, self.weight, self.bias, *self.geometry, "none", [], "")
        return out

    def _dense(self, x: Tensor, weight: Tensor) -> Tensor:
        padding, stride, dilation, groups = self.geometry
        return F.conv2d(x, weight, self.bias, stride, padding, dilation, groups)


def _kind(layer: nn.Module) -> type[Packed] | None:
    """Return how to pack `layer`, or None where it is of no such kind; subclasses may compute something else."""
    if type(layer) in (nn.Linear, PointLinear):
        kind: type[Packed] = PackedLinear
    elif type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
        pointwise = layer.kernel_size == layer.stride == (1, 1) and layer.padding == (0, 0) and layer.groups == 1
        kind = PackedPointwise if pointwise else PackedConv2d
    else:
        return None
    return kind if layer.weight.is_cpu and works(layer.weight.dtype) else None


@cache
def works(dtype: torch.dtype) -> bool:
    """Tell whether this torch on this processor can compute with packed weights of `dtype`, and rightly."""
    with torch.random.fork_rng(devices=()):  # initial weights must not disturb anyone's seed
        linear, convolution = nn.Linear(16, 16, dtype=dtype), nn.Conv2d(16, 16, 3, padding=1, dtype=dtype)
    x = torch.linspace(-1, 1, 16 * 4 * 16, dtype=dtype).view(1, 16, 4, 16)  # fits both
    try:
        return _agrees(linear, PackedLinear, x) and _agrees(convolution, PackedConv2d, x)
    except (AttributeError, NotImplementedError, RuntimeError):
        return False


@torch.no_grad()
def _agrees(layer: nn.Module, kind: type[Packed], x: Tensor) -> bool:
    expected = layer(x)
    return torch.allclose(kind(layer)(x), expected, rtol=0.03, atol=0.03)
