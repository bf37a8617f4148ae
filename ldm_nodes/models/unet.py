"""The denoising UNet, with the parameter names and every option of the original (openaimodel.py).

Read `UNetModel.forward` first: down, middle, up, with a skip from every block on the way down. How the options shape
the blocks is in the three functions below the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from .attention import AttentionBlock, Context, ContextProjection, SpatialTransformer, heads_of, project_context
from .blocks import Downsample, GroupNorm, ResBlock, Upsample, conv_nd, timestep_embedding, zero_module
from .hooks import NO_HOOKS, Hooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .config import UNetConfig


class TimestepSequential(nn.Sequential):
    """Layers in a row; each receives what it asks for: the time embedding, the context, the size to enlarge to."""

    def forward(  # type: ignore[override]
        self,
        x: Tensor,
        emb: Tensor,
        context: Context,
        size: Sequence[int] | None = None,
        hooks: Hooks = NO_HOOKS,
    ) -> Tensor:
        """Run x (B, C, *space) through all layers."""
        for layer in self:
            if isinstance(layer, ResBlock):
                x = layer(x, emb, size)
            elif isinstance(layer, SpatialTransformer):
                x = layer(x, context, hooks)
            elif isinstance(layer, Upsample):
                x = layer(x, size)
            else:
                x = layer(x)
        return x


class Timed(nn.Module):
    """What is told the time, and the class where there are any: the part that control networks share with the UNet."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        width, embed = config.model_channels, config.time_embed_dim
        self.time_embed = nn.Sequential(nn.Linear(width, embed), nn.SiLU(), nn.Linear(embed, embed))
        if config.num_classes is not None:
            self.label_emb = label_embedding(config)

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of the weights, in which the network computes."""
        return next(self.parameters()).dtype

    def embed(self, timesteps: Tensor, y: Tensor | None) -> Tensor:
        """Return the embedding (B, E) of the time and of the class."""
        emb: Tensor = self.time_embed(timestep_embedding(timesteps, self.config.model_channels).to(self.dtype))
        if y is None:
            return emb
        if isinstance(self.config.num_classes, str):
            y = y.to(self.dtype)
        if self.config.num_classes == "continuous":
            y = y.reshape(-1, 1)
        labelled: Tensor = emb + self.label_emb(y)
        return labelled


class UNetModel(Timed):
    """Predicts the noise (or v, or a code) in a noisy latent.

    It runs in the dtype of its weights: inputs are cast on entry, and the result has the dtype of `x`.

    Attributes:
        memory_format: layout that the latent is brought to on entry; every block keeps it.
    """

    memory_format = torch.preserve_format

    def __init__(self, config: UNetConfig) -> None:
        super().__init__(config)
        width = config.model_channels
        self.input_blocks, skips = input_blocks(config)
        self.middle_block = middle_block(config, skips[-1])
        self.output_blocks = _output_blocks(config, skips)
        channels = config.channel_mult[0] * width
        self.out = nn.Sequential(
            GroupNorm(channels), nn.SiLU(), zero_module(conv_nd(config.dims, width, config.out_channels, 3))
        )
        if config.n_embed is not None:
            self.id_predictor = nn.Sequential(GroupNorm(channels), conv_nd(config.dims, width, config.n_embed, 1))

    def project_context(self, context: Tensor) -> ContextProjection:
        """Compute the keys and values of a context (B, T, context_dim) once, for many calls of `forward`."""
        self._check_context(context)
        return project_context(self, context.to(self.dtype))

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor | None = None,
        y: Tensor | None = None,
        projection: ContextProjection | None = None,
        hooks: Hooks = NO_HOOKS,
    ) -> Tensor:
        """Predict from a noisy latent.

        Args:
            x: (B, in_channels, *space); any size, a side that does not halve evenly is rounded up on each level.
            timesteps: (B,) integers or fractions, 0 to 999.
            context: (B, T, context_dim), for a network with cross-attention.
            y: class ids (B,) or class vectors (B, adm_in_channels), for a class-conditional network.
            projection: `project_context(context)`, in place of the context.
            hooks: what patches do on the way; those of attentions need the context itself.

        Returns:
            (B, out_channels, *space), or (B, n_embed, *space) logits of the id predictor; dtype of `x`.

        Raises:
            ValueError: an input is missing, superfluous or of the wrong width.
        """
        self._check_inputs(x, context, y, projection)
        emb = hooks.on_embedding(self.embed(timesteps, y), self.config.model_channels)
        reading: Context = projection if context is None else context.to(self.dtype)
        h = x.to(self.dtype, memory_format=self.memory_format)
        skips = []
        for index, block in enumerate(self.input_blocks):
            h = hooks.after_input(block(h, emb, reading, hooks=hooks.at("input", index)))
            skips.append(h)
            h = hooks.after_skip(h)
        h = hooks.after_middle(self.middle_block(h, emb, reading, hooks=hooks.at("middle", 0)))
        for index, block in enumerate(self.output_blocks):
            pair = hooks.at("output", index).before_output(h, skips.pop())
            h = block(torch.cat(pair, dim=1), emb, reading, skips[-1].shape[2:] if skips else None, hooks)
        out: Tensor = (self.out if self.config.n_embed is None else self.id_predictor)(h)
        return out.to(x.dtype)

    def _check_inputs(
        self, x: Tensor, context: Tensor | None, y: Tensor | None, projection: ContextProjection | None
    ) -> None:
        config = self.config
        if x.shape[1] != config.in_channels:
            raise ValueError(f"The latent has {x.shape[1]} channels; this network takes {config.in_channels}.")
        if (y is None) != (config.num_classes is None):
            wanted = "no class" if config.num_classes is None else "a class (y)"
            raise ValueError(f"This network takes {wanted}, and {'none' if y is None else 'one'} was given.")
        if config.num_classes == "sequential" and y is not None and y.shape[-1] != config.adm_in_channels:
            raise ValueError(f"The class vector is {y.shape[-1]} wide; this network takes {config.adm_in_channels}.")
        if context is not None:
            self._check_context(context)
        elif projection is None and config.use_spatial_transformer:
            raise ValueError("This network needs a context (or its projection), and none was given.")

    def _check_context(self, context: Tensor) -> None:
        width = self.config.context_dim
        if width is None:
            raise ValueError("This network takes no context, and one was given.")
        if context.shape[-1] != width:
            raise ValueError(
                f"The context is {context.shape[-1]} wide; this network takes {width}. "
                "The text encoder belongs to another family of models."
            )


def label_embedding(config: UNetConfig) -> nn.Module:
    """Return the module that turns a class into an embedding."""
    embed = config.time_embed_dim
    if isinstance(config.num_classes, int):
        return nn.Embedding(config.num_classes, embed)
    if config.num_classes == "continuous":
        return nn.Linear(1, embed)
    assert config.adm_in_channels is not None  # UNetConfig has checked it
    return nn.Sequential(nn.Sequential(nn.Linear(config.adm_in_channels, embed), nn.SiLU(), nn.Linear(embed, embed)))


def _res_block(
    config: UNetConfig, channels: int, out: int, resample: type[Upsample] | type[Downsample] | None = None
) -> ResBlock:
    return ResBlock(
        channels,
        config.time_embed_dim,
        out,
        dropout=config.dropout,
        dims=config.dims,
        use_scale_shift_norm=config.use_scale_shift_norm,
        resample=resample,
        use_checkpoint=config.use_checkpoint,
    )


def _attention(config: UNetConfig, channels: int, *, depth: int, self_attends: bool, heads: int) -> nn.Module:
    """Return the attention of one place; `heads` counts where no head width is configured."""
    heads = heads_of(channels, heads, config.num_head_channels)
    if config.context_dim is None:
        new_order = config.use_new_attention_order
        return AttentionBlock(channels, heads, new_order=new_order, use_checkpoint=config.use_checkpoint)
    fixed_width = config.num_head_channels != -1 and not config.legacy
    return SpatialTransformer(
        channels,
        heads,
        config.num_head_channels if fixed_width else channels // heads,
        depth=depth,
        context_dim=config.context_dim,
        self_attends=self_attends,
        use_linear=config.use_linear_in_transformer,
        use_checkpoint=config.use_checkpoint,
    )


def _level_attention(config: UNetConfig, channels: int, level: int, heads: int) -> nn.Module:
    return _attention(
        config, channels, depth=config.depths[level], self_attends=config.self_attends(level), heads=heads
    )


def _resampler(config: UNetConfig, channels: int, kind: type[Upsample] | type[Downsample]) -> nn.Module:
    if config.resblock_updown:
        return _res_block(config, channels, channels, kind)
    return kind(channels, use_conv=config.conv_resample, dims=config.dims)


def input_blocks(config: UNetConfig) -> tuple[nn.ModuleList, list[int]]:
    """Return the way down and the width after each of its blocks."""
    width = config.model_channels
    blocks = [TimestepSequential(conv_nd(config.dims, config.in_channels, width, 3))]
    widths = [width]
    for level, mult in enumerate(config.channel_mult):
        for i in range(config.res_blocks[level]):
            layers: list[nn.Module] = [_res_block(config, widths[-1], mult * width)]
            if config.attends(level, i):
                layers.append(_level_attention(config, mult * width, level, config.num_heads))
            blocks.append(TimestepSequential(*layers))
            widths.append(mult * width)
        if level < config.levels - 1:
            blocks.append(TimestepSequential(_resampler(config, widths[-1], Downsample)))
            widths.append(widths[-1])
    return nn.ModuleList(blocks), widths


def middle_block(config: UNetConfig, channels: int) -> TimestepSequential:
    """Return the middle: it has an attention whatever `attention_resolutions` says."""
    attention = _attention(
        config,
        channels,
        depth=config.middle_depth,
        self_attends=not config.disable_middle_self_attn,
        heads=config.num_heads,
    )
    return TimestepSequential(_res_block(config, channels, channels), attention, _res_block(config, channels, channels))


def _output_blocks(config: UNetConfig, skips: list[int]) -> nn.ModuleList:
    """Return the way up, whose blocks receive the skips from the last to the first."""
    width = config.model_channels
    other = config.num_heads_upsample != -1 and config.legacy and not config.use_spatial_transformer
    heads = config.num_heads_upsample if other else config.num_heads
    blocks: list[nn.Module] = []
    channels, widths = skips[-1], list(skips)
    for level in reversed(range(config.levels)):
        out = config.channel_mult[level] * width
        for i in range(config.res_blocks[level] + 1):
            layers: list[nn.Module] = [_res_block(config, channels + widths.pop(), out)]
            if config.attends(level, i):
                layers.append(_level_attention(config, out, level, heads))
            if level and i == config.res_blocks[level]:
                layers.append(_resampler(config, out, Upsample))
            blocks.append(TimestepSequential(*layers))
            channels = out
    return nn.ModuleList(blocks)
