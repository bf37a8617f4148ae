"""`comfy.ldm.modules.attention`: attention, and the blocks that packs test for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ......models.attend import attend
from ......models.attention import BasicTransformerBlock, CrossAttention, SpatialTransformer, split_heads


def exists(value: Any) -> bool:
    """Say whether it is not None."""
    return value is not None


def default(value: Any, otherwise: Any) -> Any:
    """Return a value, or what stands for None: another value, or what a function returns."""
    if value is not None:
        return value
    return otherwise() if callable(otherwise) and not isinstance(otherwise, Tensor) else otherwise


def optimized_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    heads: int,
    mask: Tensor | None = None,
    attn_precision: torch.dtype | None = None,
    skip_reshape: bool = False,
    skip_output_reshape: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Return attention of tokens (B, T, heads·d), or with `skip_reshape` (B, heads, T, d).

    Args:
        q: queries.
        k: keys.
        v: values.
        heads: how many.
        mask: added to the scores, or booleans, (T, S) or (B, T, S) or (B, heads, T, S).
        attn_precision: not looked at; scores are float32.
        skip_reshape: the inputs have their heads apart.
        skip_output_reshape: so has the output.
        **kwargs: not looked at.
    """
    if not skip_reshape:
        q, k, v = (split_heads(x, heads) for x in (q, k, v))
    if mask is None:
        out = attend(q, k, v)
    else:
        shaped = mask[:, None] if mask.ndim == 3 else mask
        out = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=shaped)
    return out if skip_output_reshape else out.transpose(1, 2).flatten(-2)


attention_basic = attention_pytorch = attention_sub_quad = attention_split = optimized_attention
optimized_attention_masked = optimized_attention


def optimized_attention_for_device(device: Any, mask: bool = False, small_input: bool = False) -> Callable[..., Tensor]:
    """Return the attention for a device; it is the same for all."""
    return optimized_attention


__all__ = ["BasicTransformerBlock", "CrossAttention", "SpatialTransformer", "default", "exists", "optimized_attention"]
