"""Small sets of tensors that stand for a change of one layer, in the forms that LoRA trainers save.

LoRA (arXiv 2106.09685), LoHa and LoKr (arXiv 2108.06098; LyCORIS, arXiv 2309.14859), GLoRA (arXiv 2306.07967), full
differences, and DoRA on top of any of them (arXiv 2402.09353). Each gives the difference that strength 1 adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from .patching import Change

Parts = Mapping[str, Tensor]
"""The tensors of one layer under the names in this file: "down", "up", "hada_w1_a", "alpha" …"""


@dataclass(frozen=True, eq=False)
class Lora:
    """`up @ down`, through `mid` (r, r, k, k) for the convolutions that have one.

    Attributes:
        down: (r, in) or (r, in, k, k).
        up: (out, r) or (out, r, 1, 1).
        mid: (r, r, k, k), or None.
        scale: alpha / r.
    """

    down: Tensor
    up: Tensor
    mid: Tensor | None
    scale: float

    def difference(self, weight: Tensor) -> Tensor:
        """Return the change of a float32 weight."""
        down, up = _like(weight, self.down), _like(weight, self.up)
        if self.mid is not None:
            mid = _like(weight, self.mid)
            return torch.einsum("or,rshw,si->oihw", up.flatten(1), mid, down.flatten(1)) * self.scale
        return up.flatten(1) @ down.flatten(1) * self.scale


@dataclass(frozen=True, eq=False)
class Hadamard:
    """LoHa: the product, element by element, of two low-rank matrices.

    Attributes:
        first: a factor pair (out, r), (r, in) and, for convolutions in Tucker form, its core (r, r, k, k).
        second: the other.
        scale: alpha / r.
    """

    first: tuple[Tensor, Tensor, Tensor | None]
    second: tuple[Tensor, Tensor, Tensor | None]
    scale: float

    def difference(self, weight: Tensor) -> Tensor:
        """Return the change of a float32 weight."""
        return _product(weight, *self.first) * _product(weight, *self.second) * self.scale


@dataclass(frozen=True, eq=False)
class Kronecker:
    """LoKr: the Kronecker product of two matrices, each whole or a product itself.

    Attributes:
        first: whole (a, b), or a factor pair.
        second: whole (c, d) or (c, d, k, k), or factors as of `Hadamard`.
        scale: alpha / r; 1 where both are whole.
    """

    first: tuple[Tensor, ...]
    second: tuple[Tensor, ...]
    scale: float

    def difference(self, weight: Tensor) -> Tensor:
        """Return the change of a float32 weight."""
        first, second = _whole(weight, self.first), _whole(weight, self.second)
        first = first.reshape(*first.shape, *[1] * (second.ndim - first.ndim))
        difference: Tensor = torch.kron(first, second) * self.scale
        return difference


@dataclass(frozen=True, eq=False)
class Glora:
    """GLoRA: `W a1 a2 + b1 b2`, as LyCORIS names its factors.

    Attributes:
        a1: (in, r).
        a2: (r, in).
        b1: (out, r).
        b2: (r, in).
        scale: alpha / r.
    """

    a1: Tensor
    a2: Tensor
    b1: Tensor
    b2: Tensor
    scale: float

    def difference(self, weight: Tensor) -> Tensor:
        """Return the change of a float32 weight."""
        a1, a2, b1, b2 = (_like(weight, part).flatten(1) for part in (self.a1, self.a2, self.b1, self.b2))
        return (weight.flatten(1) @ a1 @ a2 + b1 @ b2) * self.scale


@dataclass(frozen=True, eq=False)
class Difference:
    """The whole difference, (out, in) or in the weight's own shape."""

    values: Tensor

    def difference(self, weight: Tensor) -> Tensor:
        """Return the change of a float32 weight."""
        return _like(weight, self.values)


@dataclass(frozen=True, eq=False)
class Decomposed:
    """DoRA: the changed weight gets a learned length along one axis (arXiv 2402.09353, eq. 5).

    Attributes:
        change: what changes its direction.
        magnitude: the lengths: (out, 1, …) of rows, or (1, in, …) of columns.
    """

    change: Change
    magnitude: Tensor

    def difference(self, weight: Tensor) -> Tensor:
        """Return the change of a float32 weight."""
        changed = weight + self.change.difference(weight).reshape(weight.shape)
        magnitude = _like(weight, self.magnitude)
        by_rows = magnitude.shape[0] == weight.shape[0] and magnitude.numel() == weight.shape[0]
        axis = 0 if by_rows else 1
        others = [d for d in range(weight.ndim) if d != axis]
        length = torch.linalg.vector_norm(changed, dim=others, keepdim=True)
        scale = magnitude.reshape(length.shape) / length.clamp_min(torch.finfo(length.dtype).tiny)
        difference: Tensor = changed * scale - weight
        return difference


def read_change(parts: Parts) -> Change | None:
    """Return what the tensors of one layer mean, or None for a set that is of no known kind or incomplete."""
    change = next((made for made in (make(parts) for make in _KINDS) if made is not None), None)
    if change is not None and "dora_scale" in parts:
        return Decomposed(change, parts["dora_scale"])
    return change


def _lora(parts: Parts) -> Change | None:
    if not {"down", "up"} <= parts.keys():
        return None
    return Lora(parts["down"], parts["up"], parts.get("mid"), _scale(parts, parts["down"].shape[0]))


def _hadamard(parts: Parts) -> Change | None:
    if not {"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"} <= parts.keys():
        return None
    first = (parts["hada_w1_a"], parts["hada_w1_b"], parts.get("hada_t1"))
    second = (parts["hada_w2_a"], parts["hada_w2_b"], parts.get("hada_t2"))
    return Hadamard(first, second, _scale(parts, parts["hada_w1_b"].shape[0]))


def _kronecker(parts: Parts) -> Change | None:
    first, second = (_factors(parts, f"lokr_w{number}", "lokr_t2") for number in (1, 2))
    if first is None or second is None:
        return None
    ranks = [factors[1].shape[0] for factors in (second, first) if len(factors) > 1]
    return Kronecker(first, second, _scale(parts, ranks[0]) if ranks else 1.0)


def _factors(parts: Parts, name: str, core: str) -> tuple[Tensor, ...] | None:
    """Return the whole matrix `name`, or its two factors and, of the second matrix, the core if there is one."""
    if name in parts:
        return (parts[name],)
    pair = [parts[f"{name}_{end}"] for end in "ab" if f"{name}_{end}" in parts]
    if len(pair) != 2:
        return None
    return (*pair, parts[core]) if core in parts and name.endswith("2") else tuple(pair)


def _glora(parts: Parts) -> Change | None:
    names = ("a1", "a2", "b1", "b2")
    if not parts.keys() >= {*names}:
        return None
    a1, a2, b1, b2 = (parts[name] for name in names)
    return Glora(a1, a2, b1, b2, _scale(parts, a2.shape[0]))


def _difference(parts: Parts) -> Change | None:
    return Difference(parts["diff"]) if "diff" in parts else None


_KINDS = (_lora, _hadamard, _kronecker, _glora, _difference)


def _scale(parts: Parts, rank: int) -> float:
    alpha = parts.get("alpha")
    return 1.0 if alpha is None else float(alpha) / rank


def _like(weight: Tensor, part: Tensor) -> Tensor:
    return part.to(device=weight.device, dtype=weight.dtype)


def _product(weight: Tensor, a: Tensor, b: Tensor, core: Tensor | None = None) -> Tensor:
    """Return `a @ b`, or with a core (r, r, k, k) the convolution of it with (r, out) and (r, in)."""
    a, b = _like(weight, a), _like(weight, b)
    if core is None:
        return a @ b
    return torch.einsum("rshw,ro,si->oihw", _like(weight, core), a, b)


def _whole(weight: Tensor, factors: tuple[Tensor, ...]) -> Tensor:
    if len(factors) == 1:
        return _like(weight, factors[0])
    return _product(weight, *factors) if len(factors) == 3 else _pair(weight, *factors)


def _pair(weight: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Return `a @ b`; a convolution's second factor (r, in, k, k) gives its own kernel to the product."""
    a, b = _like(weight, a), _like(weight, b)
    return (a.flatten(1) @ b.flatten(1)).reshape(a.shape[0], *b.shape[1:])
