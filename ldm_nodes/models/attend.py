"""Scaled dot-product attention, also where torch's own kernel is slow.

On a CPU that kernel multiplies through MKL, which on processors of another maker reaches a third of their speed. There
attention over many positions goes head by head through oneDNN, as `packing.py` does for layers: about half the time at
1024 positions and more. Scores and softmax are float32 for every number type, as in torch's kernel.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import torch
import torch.nn.functional as F
from torch import Tensor

from .devices import has_foreign_mkl
from .packing import works

MANY = 1 << 18  # scores of a head from which on single heads are worth a call each
BLOCK = 1 << 20  # scores that are held at a time: they and their softmax stay in the processor's cache


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Return softmax(q kᵀ / √d) v (arXiv 1706.03762, eq. 1), without a mask.

    Args:
        q: queries (B, heads, T, d).
        k: keys (B, heads, S, d).
        v: values (B, heads, S, d).

    Returns:
        (B, heads, T, d).
    """
    many = q.shape[-2] * k.shape[-2] >= MANY
    constant = not (q.requires_grad or k.requires_grad or v.requires_grad)
    if many and constant and q.is_cpu and _is_slow_in_torch(q.dtype):
        return _attend_by_heads(q, k, v)
    if not constant and q.is_cpu and q.dtype == torch.bfloat16:  # the gradient in bfloat16 takes three times as long
        with torch.autocast("cpu", enabled=False):
            return F.scaled_dot_product_attention(q.float(), k.float(), v.float()).to(q.dtype)
    return F.scaled_dot_product_attention(q, k, v)


def _attend_by_heads(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    batch, heads, positions, width = q.shape
    out = q.new_empty(batch, positions, heads, width)
    rows = max(1, BLOCK // k.shape[-2])
    for b, h in product(range(batch), range(heads)):
        keys = k[b, h].float() * width**-0.5
        values = v[b, h].t().contiguous()
        for start in range(0, positions, rows):
            block = slice(start, start + rows)
            scores = _times_transposed(q[b, h, block].float().contiguous(), keys)
            out[b, block, h] = _times_transposed(scores.softmax(-1).to(v.dtype), values)
    return out.transpose(1, 2)


def _times_transposed(a: Tensor, b: Tensor) -> Tensor:
    """Return a bᵀ of two matrices, by oneDNN."""
    out: Tensor = torch.ops.mkldnn._linear_pointwise(a, b, None, "none", [], "")
    return out


@cache
def _is_slow_in_torch(dtype: torch.dtype) -> bool:
    return has_foreign_mkl() and works(dtype)
