"""Attention of the UNet: over positions alone (`AttentionBlock`), and with a context (`SpatialTransformer`).

Token lists are (B, positions, channels). Heads are split by views, so the attention kernel reads the projections in
place; a constant context is projected once a run (`ContextProjection`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch.nn.functional as F
from torch import Tensor, nn

from .attend import attend
from .blocks import GroupNorm, PointLinear, maybe_checkpoint, to_space, to_tokens, zero_module
from .errors import WrongConfig
from .hooks import NO_HOOKS, Hooks

if TYPE_CHECKING:
    from collections.abc import Mapping

TRANSFORMER_NORM_EPS = 1e-6


class AttentionBlock(nn.Module):
    """Self-attention over all positions (openaimodel.py of CompVis).

    The 3·C channels of `qkv` are [q k v] for each head in turn, or, with `new_order`, all q, all k, all v.
    """

    def __init__(self, channels: int, heads: int, *, new_order: bool = False, use_checkpoint: bool = False) -> None:
        super().__init__()
        if heads < 1 or channels % heads:
            raise WrongConfig(f"An attention over {channels} channels cannot have {heads} heads; expected a divisor.")
        self.heads = heads
        self.new_order = new_order
        self.use_checkpoint = use_checkpoint
        self.norm = GroupNorm(channels)
        self.qkv = PointLinear(channels, 3 * channels, axes=1)
        self.proj_out = zero_module(PointLinear(channels, channels, axes=1))

    def forward(self, x: Tensor) -> Tensor:
        """Attend over x (B, C, *space)."""
        return maybe_checkpoint(self.use_checkpoint, self._forward, x)

    def _forward(self, x: Tensor) -> Tensor:
        q, k, v = self._split(self.qkv(to_tokens(self.norm(x))))
        h = attend(q, k, v)
        return x + to_space(self.proj_out(merge_heads(h)), x)

    def _split(self, qkv: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Split (B, T, 3·C) into three (B, heads, T, C/heads)."""
        if self.new_order:
            q, k, v = qkv.view(*qkv.shape[:2], 3, self.heads, -1).unbind(2)
        else:
            q, k, v = qkv.view(*qkv.shape[:2], self.heads, 3, -1).unbind(3)
        return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)


@dataclass(frozen=True)
class ContextProjection:
    """The keys and values of one context for every attention that reads it, (B, heads, tokens, width) each."""

    pairs: Mapping[nn.Module, tuple[Tensor, Tensor]]


Context = Tensor | ContextProjection | None


class CrossAttention(nn.Module):
    """Attention of tokens to a context, or to themselves where there is none (attention.py of CompVis)."""

    def __init__(self, query_dim: int, context_dim: int | None, heads: int, dim_head: int) -> None:
        super().__init__()
        self.heads, self.dim_head = heads, dim_head
        inner = heads * dim_head
        self.to_q = nn.Linear(query_dim, inner, bias=False)
        self.to_k = nn.Linear(context_dim or query_dim, inner, bias=False)
        self.to_v = nn.Linear(context_dim or query_dim, inner, bias=False)
        self.to_out = nn.Sequential(nn.Linear(inner, query_dim))

    def project(self, context: Tensor) -> tuple[Tensor, Tensor]:
        """Return the keys and values (B, heads, T, width) of a context (B, T, context_dim)."""
        return split_heads(self.to_k(context), self.heads), split_heads(self.to_v(context), self.heads)

    def forward(self, x: Tensor, context: Context = None) -> Tensor:
        """Attend from x (B, T, C) to the context, projected or not; by default to x."""
        q = split_heads(self.to_q(x), self.heads)
        if isinstance(context, ContextProjection):
            k, v = context.pairs[self]
        else:
            k, v = self.project(x if context is None else context)
        out: Tensor = self.to_out(merge_heads(attend(q, k, v)))
        return out

    def attended(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Return what queries (B, T, heads·width) find by keys and values (B, S, heads·width): (B, T, heads·width)."""
        return merge_heads(attend(*(split_heads(x, self.heads) for x in (q, k, v))))


class GEGLU(nn.Module):
    """A linear layer whose second half gates the first through GELU (arXiv 2002.05202)."""

    def __init__(self, dim: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(dim, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., dim) to (..., inner)."""
        x, gate = self.proj(x).chunk(2, dim=-1)
        return F.gelu(gate).mul_(x)


class FeedForward(nn.Module):
    """Two linear layers around a GEGLU, four times as wide inside."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GEGLU(dim, 4 * dim), nn.Identity(), nn.Linear(4 * dim, dim))

    def forward(self, x: Tensor) -> Tensor:
        """Map (..., dim) to (..., dim)."""
        out: Tensor = self.net(x)
        return out


class BasicTransformerBlock(nn.Module):
    """Self-attention, cross-attention and feed-forward, each normalised first and added to its input."""

    def __init__(
        self, dim: int, heads: int, dim_head: int, context_dim: int, *, self_attends: bool, use_checkpoint: bool
    ) -> None:
        super().__init__()
        self.self_attends = self_attends
        self.use_checkpoint = use_checkpoint
        self.attn1 = CrossAttention(dim, None if self_attends else context_dim, heads, dim_head)
        self.ff = FeedForward(dim)
        self.attn2 = CrossAttention(dim, context_dim, heads, dim_head)
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.norm3 = nn.LayerNorm(dim)

    @property
    def readers(self) -> list[CrossAttention]:
        """The attentions that read the context, in the order in which they run."""
        return [self.attn2] if self.self_attends else [self.attn1, self.attn2]

    def forward(self, x: Tensor, context: Context, hooks: Hooks = NO_HOOKS, index: int = 0) -> Tensor:
        """Transform tokens (B, T, dim) under the context; `index` is the block's place in its `SpatialTransformer`."""
        return maybe_checkpoint(self.use_checkpoint, self._forward, x, context, hooks, index)

    def _forward(self, x: Tensor, context: Context, hooks: Hooks, index: int) -> Tensor:
        if hooks.in_transformers:
            return hooks.transformed(self, x, context, index)
        x = x + self.attn1(self.norm1(x), None if self.self_attends else context)
        x = x + self.attn2(self.norm2(x), context)
        out: Tensor = x + self.ff(self.norm3(x))
        return out


class SpatialTransformer(nn.Module):
    """Transformer blocks over the positions of a feature map (attention.py of CompVis and Stability-AI).

    `use_linear` only changes how the projections are stored: [out, in] instead of [out, in, 1, 1].
    """

    def __init__(
        self,
        channels: int,
        heads: int,
        dim_head: int,
        *,
        depth: int,
        context_dim: int,
        self_attends: bool = True,
        use_linear: bool = False,
        use_checkpoint: bool = False,
    ) -> None:
        super().__init__()
        inner = heads * dim_head
        self.norm = GroupNorm(channels, eps=TRANSFORMER_NORM_EPS)
        axes = 0 if use_linear else 2
        self.proj_in = PointLinear(channels, inner, axes=axes)
        self.transformer_blocks = nn.ModuleList(
            BasicTransformerBlock(
                inner, heads, dim_head, context_dim, self_attends=self_attends, use_checkpoint=use_checkpoint
            )
            for _ in range(depth)
        )
        self.proj_out = zero_module(PointLinear(inner, channels, axes=axes))

    def forward(self, x: Tensor, context: Context, hooks: Hooks = NO_HOOKS) -> Tensor:
        """Transform x (B, C, H, W) under the context."""
        tokens = self.proj_in(to_tokens(self.norm(x)))
        hooks.set_shape(x)
        for index, block in enumerate(self.transformer_blocks):
            tokens = block(tokens, context, hooks, index)
        return x + to_space(self.proj_out(tokens), x)


def split_heads(x: Tensor, heads: int) -> Tensor:
    """View (B, T, heads·width) as (B, heads, T, width)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """Turn (B, heads, T, width) into (B, T, heads·width)."""
    return x.transpose(1, 2).flatten(2)


def project_context(module: nn.Module, context: Tensor) -> ContextProjection:
    """Compute the keys and values of `context` (B, T, context_dim) for every attention in `module` that reads it."""
    readers = [
        reader for block in module.modules() if isinstance(block, BasicTransformerBlock) for reader in block.readers
    ]
    return ContextProjection({reader: reader.project(context) for reader in readers})


def heads_of(channels: int, num_heads: int, num_head_channels: int) -> int:
    """Return the number of heads: given, or one for every `num_head_channels`."""
    return num_heads if num_head_channels == -1 else channels // num_head_channels
