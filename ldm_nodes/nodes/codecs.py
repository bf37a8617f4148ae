"""Values on wires as bytes that outlive the process: latents, conditioning, pictures. Never weights.

The bytes are a safetensors file. Its tensors are those of the value; the text `value` in its header says how they sit
in lists, tuples, tables and beside plain constants.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

FIELD = "value"
DEEPEST = 16
"""How deep a value may be nested; conditioning is four deep."""
PLAIN = (str, int, float, bool, type(None))


class TensorCodec:
    """Implements `engine.disk_cache.Codec` for values made of CPU tensors, constants and containers."""

    def encode(self, value: Any) -> bytes | None:
        """Return a value as bytes, or None when something in it is of another kind, or nothing in it is a tensor."""
        from safetensors.torch import save

        tensors: dict[int, tuple[str, Tensor]] = {}
        try:
            text = json.dumps(_described(value, tensors, DEEPEST))
        except _Foreign:
            return None
        if not tensors:
            return None
        return save({name: _in_storage_order(tensor) for name, tensor in tensors.values()}, {FIELD: text})

    def decode(self, data: bytes) -> Any:
        """Return the value again; tensors that were one are one.

        Raises:
            ValueError: when these are no bytes of this codec.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load

        try:
            length = int.from_bytes(data[:8], "little")
            text = json.loads(data[8 : 8 + length])["__metadata__"][FIELD]
            return _restored(json.loads(text), load(data))
        except (SafetensorError, KeyError, TypeError, IndexError) as error:
            raise ValueError(f"This is no stored value ({error}).") from error


class _Foreign(Exception):
    """Something that is neither a tensor nor plain."""


def _described(value: Any, tensors: dict[int, tuple[str, Tensor]], depth: int) -> Any:
    """Return a value as JSON in which `["tensor", name, order]` stands for tensors, which are collected."""
    if not depth:
        raise _Foreign
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind in (list, tuple):
        return [kind.__name__, [_described(item, tensors, depth - 1) for item in value]]
    if kind is dict and all(type(name) is str for name in value):
        return ["dict", {name: _described(item, tensors, depth - 1) for name, item in value.items()}]
    if not _is_plain_tensor(value):
        raise _Foreign
    name, _ = tensors.setdefault(id(value), (str(len(tensors)), value))
    return ["tensor", name, _order(value)]


def _restored(described: Any, tensors: Mapping[str, Tensor]) -> Any:
    if not isinstance(described, list):
        return described
    kind, content, *order = described
    if kind == "tensor":
        return _as_before(tensors[content], *order)
    if kind == "dict":
        return {name: _restored(item, tensors) for name, item in content.items()}
    make: Callable[[Any], Any] = {"list": list, "tuple": tuple}[kind]
    return make(_restored(item, tensors) for item in content)


def _is_plain_tensor(value: Any) -> bool:
    import torch

    return type(value) is torch.Tensor and value.device.type == "cpu" and value.layout is torch.strided


def _order(tensor: Tensor) -> list[int]:
    """Return the dimensions in the order in which they lie in memory, outermost first."""
    strides = tensor.stride()
    return sorted(range(tensor.dim()), key=lambda dim: (-strides[dim], dim))


def _in_storage_order(tensor: Tensor) -> Tensor:
    """Return a dense copy whose dimensions are sorted as they lie in memory, for that is what files keep."""
    import torch

    return tensor.detach().permute(_order(tensor)).clone(memory_format=torch.contiguous_format)


def _as_before(tensor: Tensor, order: list[int]) -> Tensor:
    """Undo `_in_storage_order`: kernels may sum in another order where the layout is another."""
    return tensor.permute([order.index(dim) for dim in range(len(order))])
