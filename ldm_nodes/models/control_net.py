"""ControlNet (arXiv 2302.05543): a copy of the UNet's way down that reads a picture and adds to the UNet's skips.

Parameter names are those of the original (cldm.py of lllyasviel/ControlNet), below `control_model.`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from .blocks import conv_nd, zero_module
from .errors import ModelError
from .unet import Timed, TimestepSequential, input_blocks, middle_block

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import UNetConfig

HINT_WIDTHS = (16, 16, 32, 32, 96, 96, 256)
HINT_STRIDES = (1, 1, 2, 1, 2, 1, 2)
"""Widths and strides of the convolutions that bring a hint to the size of the latent; one more follows."""


@dataclass(frozen=True)
class Features:
    """What a control network adds to a UNet, from the first block to the last.

    Attributes:
        inputs: added to what input blocks return, for the skip and for what follows; None adds nothing.
        middle: added to the middle block's result, or None.
        skips: added to the skips of the input blocks alone.
    """

    inputs: tuple[Tensor | None, ...] = ()
    middle: Tensor | None = None
    skips: tuple[Tensor | None, ...] = ()


class ControlNet(Timed):
    """Reads a latent, a context and a hint.

    Attributes:
        hint_channels: colour channels of the hint.
        multiple: pixels that must divide the sides of the hint; whatever the latent's size is will do.
        memory_format: layout that the latent is brought to on entry.
    """

    memory_format = torch.preserve_format
    multiple = 1

    def __init__(self, config: UNetConfig, hint_channels: int = 3) -> None:
        super().__init__(config)
        self.hint_channels = hint_channels
        width = config.model_channels
        self.input_hint_block = hint_block(hint_channels, width)
        self.input_blocks, widths = input_blocks(config)
        self.middle_block = middle_block(config, widths[-1])
        self.zero_convs = nn.ModuleList(TimestepSequential(zero_module(conv_nd(2, n, n, 1))) for n in widths)
        self.middle_block_out = TimestepSequential(zero_module(conv_nd(2, widths[-1], widths[-1], 1)))

    def guide(self, hint: Tensor) -> tuple[Tensor, ...]:
        """Bring a hint (B, C, 8·h, 8·w), 0…1, to the size and the width of the latent's first features."""
        guided = hint.to(self.dtype, memory_format=self.memory_format)
        for layer in self.input_hint_block:
            guided = layer(guided)
        return (guided,)

    def features(
        self,
        x: Tensor,
        guided: tuple[Tensor, ...],
        timesteps: Tensor,
        conditions: Mapping[str, Any],
        extra: Mapping[str, Any],
    ) -> Features:
        """Return what to add; see `control.ControlNetwork`."""
        context = conditions.get("crossattn_controlnet", conditions.get("c_crossattn"))
        made: Features = self(x, guided[0], timesteps, context, conditions.get("y"))
        return made

    def forward(
        self, x: Tensor, guided: Tensor, timesteps: Tensor, context: Tensor | None, y: Tensor | None = None
    ) -> Features:
        """Return what to add to the UNet's skips and to its middle.

        Args:
            x: (B, C, h, w) the latent as the UNet is given it, without what is concatenated to it.
            guided: (B, width, h, w) what `guide` made of the hint.
            timesteps: (B,).
            context: (B, T, context_dim).
            y: class vectors (B, adm_in_channels), for SDXL.

        Raises:
            ModelError: an input is missing or of another width.
        """
        self._check(x, context, y)
        emb = self.embed(timesteps, y if self.config.num_classes is not None else None)
        context = None if context is None else context.to(self.dtype)
        h = x.to(self.dtype, memory_format=self.memory_format)
        skips = []
        for number, (block, out) in enumerate(zip(self.input_blocks, self.zero_convs, strict=True)):
            h = block(h, emb, context)
            h = h + guided if number == 0 else h
            skips.append(out(h, emb, context))
        h = self.middle_block(h, emb, context)
        return Features(middle=self.middle_block_out(h, emb, context), skips=tuple(skips))

    def _check(self, x: Tensor, context: Tensor | None, y: Tensor | None) -> None:
        config = self.config
        width = None if context is None else context.shape[-1]
        if x.shape[1] != config.in_channels or width != config.context_dim:
            raise ModelError(
                f"This control network reads latents of {config.in_channels} channels and contexts "
                f"{config.context_dim} wide; the model that it was given to has {x.shape[1]} and {width}. "
                "Choose a control network for the model's family."
            )
        given = None if y is None else y.shape[-1]
        if config.num_classes == "sequential" and given != config.adm_in_channels:
            raise ModelError(
                f"This control network reads size vectors {config.adm_in_channels} wide, as SDXL makes; it was given "
                f"{'none' if given is None else given}. Choose a control network for the model's family."
            )


def hint_block(channels: int, width: int) -> TimestepSequential:
    """Return the convolutions that bring a hint to the size of the latent and the width of the network."""
    layers: list[nn.Module] = []
    for (before, after), stride in zip(pairwise((channels, *HINT_WIDTHS)), HINT_STRIDES, strict=True):
        layers += [conv_nd(2, before, after, 3, stride), nn.SiLU()]
    return TimestepSequential(*layers, zero_module(conv_nd(2, HINT_WIDTHS[-1], width, 3)))
