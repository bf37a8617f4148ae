"""The building blocks of the UNet: time embedding, normalisation, resampling, the residual block.

Shapes are (B, C, *space) with one, two or three space axes. Nothing here forces a memory layout: blocks work in
whatever layout their input has, and pictures and token lists are views of each other in the channels-last one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from .config import GROUPS
from .doubling import doubled
from .group_norm import group_norm, prefers_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Module = TypeVar("Module", bound=nn.Module)


def timestep_embedding(timesteps: Tensor, dim: int, max_period: float = 10_000.0) -> Tensor:
    """Embed timesteps as sinusoids, cosines first (arXiv 1706.03762 §3.5; util.py of CompVis).

    Args:
        timesteps: (B,) integers or fractions.
        dim: width of the result; an odd one ends in a column of zeros.
        max_period: longest wavelength is 2π times this.

    Returns:
        (B, dim) float32, whatever the dtype of `timesteps`.
    """
    half = dim // 2
    steps = torch.arange(half, dtype=torch.float32, device=timesteps.device)
    angles = timesteps[:, None].float() * torch.exp(-math.log(max_period) * steps / half)
    embedding = torch.cat([angles.cos(), angles.sin()], dim=-1)
    return F.pad(embedding, (0, dim % 2))


class GroupNorm(nn.GroupNorm):
    """Group normalisation over 32 groups whose statistics are float32 whatever the input is."""

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__(GROUPS, channels, eps=eps)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Normalise (B, C, *space)."""
        if prefers_rows(input, self.weight):
            return group_norm(input, self.num_groups, self.weight, self.bias, self.eps)
        if input.dtype != torch.float16:  # torch's kernels keep float32 statistics for bfloat16
            return super().forward(input)
        weight, bias = self.weight.float(), self.bias.float()
        return F.group_norm(input.float(), self.num_groups, weight, bias, self.eps).to(input.dtype)

    def silu(self, x: Tensor) -> Tensor:
        """Normalise (B, C, *space) and apply SiLU."""
        if prefers_rows(x, self.weight):
            return group_norm(x, self.num_groups, self.weight, self.bias, self.eps, silu=True)
        return F.silu(self(x), inplace=True)


def conv_nd(dims: int, in_channels: int, out_channels: int, kernel: int, stride: int | Sequence[int] = 1) -> nn.Module:
    """Return a convolution over `dims` space axes that keeps the size at stride 1."""
    cls: Callable[..., nn.Module] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dims - 1]
    return cls(in_channels, out_channels, kernel, stride=stride, padding=kernel // 2)


class PointLinear(nn.Linear):
    """A convolution of size one, stored as such, applied to tokens (B, T, C) as the linear layer that it is.

    Args:
        in_features: channels in.
        out_features: channels out.
        bias: add a bias.
        axes: space axes of the stored weight [out, in, 1, ...]; with none it is a plain linear layer.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, axes: int = 2) -> None:
        super().__init__(in_features, out_features, bias)
        self.weight = nn.Parameter(self.weight.detach().view(out_features, in_features, *[1] * axes))

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Map (B, T, in_features) to (B, T, out_features)."""
        return F.linear(input, self.weight.flatten(1), self.bias)


def zero_module(module: Module) -> Module:
    """Set all parameters of `module` to zero and return it."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


def to_tokens(x: Tensor) -> Tensor:
    """View (B, C, *space) as (B, positions, C), positions row-major."""
    return x.flatten(2).transpose(1, 2)


def to_space(tokens: Tensor, like: Tensor) -> Tensor:
    """View (B, positions, C) as (B, C, *space) with the space of `like`."""
    return tokens.transpose(1, 2).view(like.shape[0], -1, *like.shape[2:])


def maybe_checkpoint(enabled: bool, function: Callable[..., Tensor], *inputs: object) -> Tensor:
    """Call `function`; where enabled and gradients are wanted, recompute it in the backward pass to save memory."""
    if enabled and torch.is_grad_enabled():
        recomputed: Tensor = checkpoint(function, *inputs, use_reentrant=False)
        return recomputed
    return function(*inputs)


class Upsample(nn.Module):
    """Nearest-neighbour enlargement by two, then a 3×3 convolution where `use_conv` says so."""

    def __init__(self, channels: int, use_conv: bool, dims: int = 2) -> None:
        super().__init__()
        self.dims = dims
        if use_conv:
            self.conv = conv_nd(dims, channels, channels, 3)
        self.use_conv = use_conv

    def forward(self, x: Tensor, size: Sequence[int] | None = None) -> Tensor:
        """Enlarge (B, C, *space) to `size`, by default to twice its size (three axes: the inner two)."""
        if size is None:
            size = [side if self.dims == 3 and axis == 0 else 2 * side for axis, side in enumerate(x.shape[2:])]
        if self.use_conv and self.dims == 2 and list(size) == [2 * side for side in x.shape[2:]]:
            return doubled(x, self.conv)
        x = F.interpolate(x, size=list(size), mode="nearest")
        if self.use_conv:
            x = self.conv(x)
        return x


class Downsample(nn.Module):
    """A 3×3 convolution of stride two, or an average over 2×2 where `use_conv` is off."""

    def __init__(self, channels: int, use_conv: bool, dims: int = 2) -> None:
        super().__init__()
        stride = (1, 2, 2) if dims == 3 else (2,) * dims
        pools: tuple[Callable[..., nn.Module], ...] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
        self.op = conv_nd(dims, channels, channels, 3, stride) if use_conv else pools[dims - 1](stride, stride)

    def forward(self, x: Tensor, size: Sequence[int] | None = None) -> Tensor:
        """Halve (B, C, *space); `size` is there for symmetry with `Upsample`."""
        halved: Tensor = self.op(x)
        return halved


class ResBlock(nn.Module):
    """Two convolutions around the time embedding, with a skip connection (openaimodel.py of CompVis)."""

    def __init__(
        self,
        channels: int,
        emb_channels: int,
        out_channels: int,
        *,
        dropout: float = 0.0,
        dims: int = 2,
        use_scale_shift_norm: bool = False,
        resample: type[Upsample] | type[Downsample] | None = None,
        use_checkpoint: bool = False,
    ) -> None:
        super().__init__()
        self.use_scale_shift_norm = use_scale_shift_norm
        self.use_checkpoint = use_checkpoint
        emb_width = 2 * out_channels if use_scale_shift_norm else out_channels
        self.in_layers = nn.Sequential(GroupNorm(channels), nn.SiLU(), conv_nd(dims, channels, out_channels, 3))
        self.resample = resample(channels, use_conv=False, dims=dims) if resample else None
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(emb_channels, emb_width))
        self.out_layers = nn.Sequential(
            GroupNorm(out_channels),
            nn.SiLU(),
            nn.Dropout(dropout),
            zero_module(conv_nd(dims, out_channels, out_channels, 3)),
        )
        same = channels == out_channels
        self.skip_connection = nn.Identity() if same else conv_nd(dims, channels, out_channels, 1)

    def forward(self, x: Tensor, emb: Tensor, size: Sequence[int] | None = None) -> Tensor:
        """Transform x (B, C, *space) under emb (B, E); an enlarging block enlarges to `size`."""
        return maybe_checkpoint(self.use_checkpoint, self._forward, x, emb, size)

    def _forward(self, x: Tensor, emb: Tensor, size: Sequence[int] | None) -> Tensor:
        in_norm, _, in_conv = self.in_layers
        h = cast("GroupNorm", in_norm).silu(x)
        if self.resample is not None:
            h, x = self.resample(h, size), self.resample(x, size)
        h = self._activate(in_conv(h), self.emb_layers(emb))
        _, _, dropout, out_conv = self.out_layers
        out: Tensor = out_conv(dropout(h))
        return out.add_(self.skip_connection(x))

    def _activate(self, h: Tensor, emb: Tensor) -> Tensor:
        """Normalise h under the embedding, added before the norm or as scale and shift after it, and apply SiLU."""
        norm = cast("GroupNorm", self.out_layers[0])
        emb = emb.view(*emb.shape, *[1] * (h.dim() - 2))
        if not self.use_scale_shift_norm:
            return norm.silu(h.add_(emb))
        scale, shift = emb.chunk(2, dim=1)
        return F.silu(norm(h) * (1 + scale) + shift, inplace=True)
