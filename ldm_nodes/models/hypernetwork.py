"""Hypernetworks: small networks that change what attention makes keys and values of.

Files are those of AUTOMATIC1111's web UI: under each width two state dicts, for keys and for values, and beside them
how the layers are put together.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F
from torch import Tensor

from .checkpoint import open_checkpoint
from .errors import UnknownFamily

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .checkpoint import Checkpoint

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x, "relu": F.relu, "leakyrelu": F.leaky_relu, "elu": F.elu, "swish": F.hardswish,
    "tanh": F.tanh, "sigmoid": F.sigmoid, "softsign": F.softsign, "mish": F.mish,
}  # fmt: skip
"""By the names in the files; what they call swish is its piecewise form, as in the trainer."""
SIDES = ("0", "1")
"""Keys and values."""


@dataclass(frozen=True, eq=False)
class Layers:
    """A few layers in a row, on the last axis.

    Attributes:
        layers: weight and bias of each: a matrix is a linear layer, a vector a layer norm.
        activation: after each linear layer but the last.
        activates_output: after the last one as well.
    """

    layers: tuple[tuple[Tensor, Tensor], ...]
    activation: Callable[[Tensor], Tensor]
    activates_output: bool = False

    def __call__(self, x: Tensor) -> Tensor:
        """Map (..., D) to (..., D)."""
        linears = sum(weight.ndim == 2 for weight, _ in self.layers)
        out, met = x, 0
        for stored in self.layers:
            weight, bias = (part.to(x) for part in stored)
            if weight.ndim == 1:
                out = F.layer_norm(out, weight.shape, weight, bias)
                continue
            met += 1
            out = F.linear(out, weight, bias)
            out = self.activation(out) if met < linears or self.activates_output else out
        return out


@dataclass(frozen=True, eq=False)
class Hypernetwork:
    """The networks for keys and values, by the width of the context that they read."""

    pairs: Mapping[int, tuple[Layers, Layers]]

    def patch(self, strength: float) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
        """Return a patch of attentions (`attn1_patch`, `attn2_patch`) that adds it with this strength."""

        def changed(n: Tensor, context: Tensor, value: Tensor, told: Any) -> tuple[Tensor, Tensor, Tensor]:
            pair = self.pairs.get(context.shape[-1])
            if pair is None:
                return n, context, value
            for_keys, for_values = pair
            return n, context + for_keys(context) * strength, value + for_values(value) * strength

        return changed


def read_hypernetwork(path: Path) -> Hypernetwork:
    """Read a hypernetwork.

    Raises:
        ModelError: when the file is unreadable, unsafe, or none; or its activation is not known.
    """
    checkpoint = open_checkpoint(path)
    name = str(checkpoint.scalars.get("activation_func", "linear")).lower()
    if name not in ACTIVATIONS:
        raise UnknownFamily(f"{path.name} wants the activation {name!r}; known are {', '.join(ACTIVATIONS)}.")
    activates = bool(checkpoint.scalars.get("activate_output", False))
    pairs = {
        width: tuple(Layers(_layers(checkpoint, width, side), ACTIVATIONS[name], activates) for side in SIDES)
        for width in _widths(checkpoint)
    }
    if not pairs or not all(layers.layers for pair in pairs.values() for layers in pair):
        raise UnknownFamily(f"{path.name} holds no hypernetwork; expected layers for keys and values of some widths.")
    return Hypernetwork({width: (pair[0], pair[1]) for width, pair in pairs.items()})


def _widths(checkpoint: Checkpoint) -> list[int]:
    return sorted({int(first) for first in (name.partition(".")[0] for name in checkpoint.tensors) if first.isdigit()})


def _layers(checkpoint: Checkpoint, width: int, side: str) -> tuple[tuple[Tensor, Tensor], ...]:
    """Return weight and bias of each layer in order; the oldest files call them linear1 and linear2."""
    part = checkpoint.under(f"{width}.{side}.")
    found: dict[int, dict[str, Tensor]] = defaultdict(dict)
    for name in part.tensors:
        layer, _, kind = name.rpartition(".")
        found[int(layer.removeprefix("linear").removeprefix(".") or 0)][kind] = part.tensor(name)
    return tuple((found[index]["weight"], found[index]["bias"]) for index in sorted(found))
