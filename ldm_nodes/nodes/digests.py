"""Hashes of tensors, by which the engine recognises that a value did not change."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def tensor_digest(value: Any) -> bytes | None:
    """Return a hash of a tensor on the CPU: type, shape, layout and every bit; None for anything else.

    The layout counts, for kernels may sum in another order where it is another.
    """
    torch = sys.modules.get("torch")
    if torch is None or type(value) is not torch.Tensor:
        return None
    tensor: Tensor = value
    if tensor.device.type != "cpu" or tensor.layout is not torch.strided or tensor.is_conj() or tensor.is_neg():
        return None
    text = hashlib.blake2b(repr((tensor.dtype, tuple(tensor.shape), tensor.stride())).encode(), digest_size=16)
    if tensor.numel():
        text.update(_dense(tensor).view(torch.uint8).numpy().data)
    return text.digest()


def _dense(tensor: Tensor) -> Tensor:
    """Return the elements of a tensor in a row; a copy where they do not lie so."""
    return tensor.detach().reshape(-1).contiguous()
