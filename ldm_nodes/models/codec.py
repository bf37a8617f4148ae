"""The two halves of a first stage: picture to latent, latent to picture (diffusionmodules/model.py of CompVis).

Read `Encoder` and `Decoder`; what comes before them is what they are made of. `autoencoder.py` puts them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .attend import attend
from .blocks import GroupNorm, PointLinear, to_space, to_tokens
from .doubling import doubled

if TYPE_CHECKING:
    from .config import AutoencoderConfig

NORM_EPS = 1e-6


class ResnetBlock(nn.Module):
    """Norm, swish, convolution, twice, beside a skip connection."""

    def __init__(self, channels: int, out_channels: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = GroupNorm(channels, NORM_EPS)
        self.conv1 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.norm2 = GroupNorm(out_channels, NORM_EPS)
        self.dropout = nn.Dropout(dropout)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.widens = channels != out_channels
        if self.widens:
            self.nin_shortcut = nn.Conv2d(channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, channels, H, W) to (B, out_channels, H, W)."""
        h = self.conv1(self.norm1.silu(x))
        h = self.conv2(self.dropout(self.norm2.silu(h)))
        out: Tensor = h.add_(self.nin_shortcut(x) if self.widens else x)
        return out


class AttnBlock(nn.Module):
    """Self-attention of one head over all positions, added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = GroupNorm(channels, NORM_EPS)
        self.q = PointLinear(channels, channels)
        self.k = PointLinear(channels, channels)
        self.v = PointLinear(channels, channels)
        self.proj_out = PointLinear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Attend over x (B, C, H, W)."""
        tokens = to_tokens(self.norm(x))
        q, k, v = (layer(tokens).unsqueeze(1) for layer in (self.q, self.k, self.v))
        h = attend(q, k, v).squeeze(1)
        return x + to_space(self.proj_out(h), x)


class LinAttnBlock(nn.Module):
    """Linear attention of one head (arXiv 1812.01243), without norm and without a residual, as in the original."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.to_qkv = PointLinear(channels, 3 * channels, bias=False)
        self.to_out = PointLinear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Attend over x (B, C, H, W)."""
        q, k, v = self.to_qkv(to_tokens(x)).chunk(3, dim=2)
        context = k.softmax(dim=1).transpose(1, 2) @ v
        return to_space(self.to_out(q @ context), x)


class Downsample(nn.Module):
    """Halving by a convolution that sees one row and column of zeros at the right and the bottom, or by an average."""

    def __init__(self, channels: int, with_conv: bool) -> None:
        super().__init__()
        self.with_conv = with_conv
        if with_conv:
            self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Halve (B, C, H, W)."""
        if not self.with_conv:
            return F.avg_pool2d(x, 2)
        halved: Tensor = self.conv(F.pad(x, (0, 1, 0, 1)))
        return halved


class Upsample(nn.Module):
    """Nearest-neighbour doubling, then a convolution where `with_conv` says so."""

    def __init__(self, channels: int, with_conv: bool) -> None:
        super().__init__()
        self.with_conv = with_conv
        if with_conv:
            self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Double (B, C, H, W)."""
        if self.with_conv:
            return doubled(x, self.conv)
        return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Middle(nn.Module):
    """Block, attention, block, at the lowest resolution."""

    def __init__(self, config: AutoencoderConfig, channels: int) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(channels, channels, config.dropout)
        self.attn_1 = _attention(config, channels)
        self.block_2 = ResnetBlock(channels, channels, config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Transform (B, C, h, w)."""
        out: Tensor = self.block_2(self.attn_1(self.block_1(x)))
        return out


class Level(nn.Module):
    """The blocks of one resolution, with an attention after each where the configuration says so."""

    def __init__(self, config: AutoencoderConfig, level: int, channels: int, out_channels: int, count: int) -> None:
        super().__init__()
        widths = [channels] + [out_channels] * count
        self.block = nn.ModuleList(ResnetBlock(width, out_channels, config.dropout) for width in widths[:count])
        attends = config.attends(level)
        self.attn = nn.ModuleList(_attention(config, out_channels) for _ in range(count if attends else 0))

    def _run(self, x: Tensor) -> Tensor:
        for i, block in enumerate(self.block):
            x = block(x)
            if self.attn:
                x = self.attn[i](x)
        return x


class DownLevel(Level):
    """A resolution of the encoder; all but the last end by halving."""

    def __init__(self, config: AutoencoderConfig, level: int, channels: int, out_channels: int) -> None:
        super().__init__(config, level, channels, out_channels, config.num_res_blocks)
        self.halves = level < config.levels - 1
        if self.halves:
            self.downsample = Downsample(out_channels, config.resamp_with_conv)

    def forward(self, x: Tensor) -> Tensor:
        """Run (B, channels, H, W) through the blocks."""
        x = self._run(x)
        return self.downsample(x) if self.halves else x


class UpLevel(Level):
    """A resolution of the decoder, one block longer; all but the highest end by doubling."""

    def __init__(self, config: AutoencoderConfig, level: int, channels: int, out_channels: int) -> None:
        super().__init__(config, level, channels, out_channels, config.num_res_blocks + 1)
        self.doubles = level > 0
        if self.doubles:
            self.upsample = Upsample(out_channels, config.resamp_with_conv)

    def forward(self, x: Tensor) -> Tensor:
        """Run (B, channels, H, W) through the blocks."""
        x = self._run(x)
        return self.upsample(x) if self.doubles else x


class Encoder(nn.Module):
    """Picture to latent parameters."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        widths = [config.ch * mult for mult in (1, *config.ch_mult)]
        self.conv_in = nn.Conv2d(config.in_channels, config.ch, 3, padding=1)
        self.down = nn.ModuleList(
            DownLevel(config, level, widths[level], widths[level + 1]) for level in range(config.levels)
        )
        self.mid = Middle(config, widths[-1])
        self.norm_out = GroupNorm(widths[-1], NORM_EPS)
        z_channels = 2 * config.z_channels if config.double_z else config.z_channels
        self.conv_out = nn.Conv2d(widths[-1], z_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Encode x (B, in_channels, H, W) as (B, z or 2·z channels, H/f, W/f)."""
        h = self.conv_in(x)
        for stage in self.down:
            h = stage(h)
        out: Tensor = self.conv_out(self.norm_out.silu(self.mid(h)))
        return out


class Decoder(nn.Module):
    """Latent to picture. `up` is stored from the highest resolution to the lowest and runs the other way."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        widths = [config.ch * mult for mult in (*config.ch_mult, config.ch_mult[-1])]
        self.conv_in = nn.Conv2d(config.z_channels, widths[-1], 3, padding=1)
        self.mid = Middle(config, widths[-1])
        self.up = nn.ModuleList(
            UpLevel(config, level, widths[level + 1], widths[level]) for level in range(config.levels)
        )
        self.norm_out = GroupNorm(widths[0], NORM_EPS)
        self.conv_out = nn.Conv2d(widths[0], config.out_ch, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        """Decode z (B, z_channels, h, w) as (B, out_ch, f·h, f·w)."""
        h = self.mid(self.conv_in(z))
        for stage in reversed(self.up):
            h = stage(h)
        if not self.config.give_pre_end:
            h = self.conv_out(self.norm_out.silu(h))
        out: Tensor = torch.tanh(h) if self.config.tanh_out and not self.config.give_pre_end else h
        return out


def _attention(config: AutoencoderConfig, channels: int) -> nn.Module:
    if config.attn_type == "none":
        return nn.Identity()
    return AttnBlock(channels) if config.attn_type == "vanilla" else LinAttnBlock(channels)
