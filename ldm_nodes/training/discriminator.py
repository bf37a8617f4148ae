"""The adversary of an autoencoder: it tells pictures from reconstructions, patch by patch (arXiv 1611.07004 §3.2.2).

Read `NLayerDiscriminator`, then the two losses that train it. Parameters carry the names of taming-transformers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable

DiscLoss = Literal["hinge", "vanilla"]


class ActNorm(nn.Module):
    """A learned shift and scale per channel; the first batch in training sets them so that it comes out normalised.

    (arXiv 1807.03039 §3.1; actnorm.py of taming.)
    """

    initialized: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.loc = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.scale = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.register_buffer("initialized", torch.tensor(0, dtype=torch.uint8))

    def forward(self, x: Tensor) -> Tensor:
        """Return scale · (x + loc) of x (B, C, H, W)."""
        if self.training and not self.initialized.item():
            self._initialize(x.detach())
        return self.scale * (x + self.loc)

    @torch.no_grad()
    def _initialize(self, x: Tensor) -> None:
        values = x.transpose(0, 1).flatten(1)
        if values.shape[1] < 2:
            raise ValueError(
                f"ActNorm measures the spread of its first batch; {tuple(x.shape)} has one value per channel. "
                "Use a larger batch or larger pictures."
            )
        self.loc.copy_(-values.mean(dim=1).view_as(self.loc))
        self.scale.copy_(1 / (values.std(dim=1).view_as(self.scale) + 1e-6))
        self.initialized.fill_(1)


class NLayerDiscriminator(nn.Module):
    """PatchGAN: convolutions of size 4 whose every output value judges one patch of the picture.

    Args:
        input_nc: channels of the picture, with those of a condition.
        ndf: width of the first layer; it doubles per layer up to 8 times.
        n_layers: layers between the first and the last; all but the last of them halve the size.
        use_actnorm: normalise by ActNorm instead of BatchNorm; the convolutions before it then have biases.
    """

    def __init__(self, input_nc: int = 3, ndf: int = 64, n_layers: int = 3, use_actnorm: bool = False) -> None:
        super().__init__()
        self.input_nc = input_nc
        self.smallest = 3 * 2**n_layers
        layers: list[nn.Module] = [nn.Conv2d(input_nc, ndf, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)]
        width = ndf
        for n in range(1, n_layers + 1):
            stride, wider = 2 if n < n_layers else 1, ndf * min(2**n, 8)
            layers += [
                nn.Conv2d(width, wider, 4, stride=stride, padding=1, bias=use_actnorm),
                ActNorm(wider) if use_actnorm else nn.BatchNorm2d(wider),
                nn.LeakyReLU(0.2, inplace=True),
            ]
            width = wider
        layers.append(nn.Conv2d(width, 1, 4, stride=1, padding=1))
        self.main = nn.Sequential(*layers)
        self._reset()

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (B, 1, h, w), positive for real patches, of pictures x (B, input_nc, H, W) in [-1, 1].

        Raises:
            ValueError: the pictures have other channels, or no patch fits into them.
        """
        if x.dim() != 4 or x.shape[1] != self.input_nc or min(x.shape[2:]) < self.smallest:
            raise ValueError(
                f"The discriminator takes pictures (B, {self.input_nc}, height, width) of at least {self.smallest} "
                f"pixels a side; got {tuple(x.shape)}. Fewer disc_num_layers allow smaller ones."
            )
        logits: Tensor = self.main(x)
        return logits

    def _reset(self) -> None:
        """Draw initial weights: N(0, 0.02) for convolutions, N(1, 0.02) for the scales of BatchNorm."""
        for layer in self.main:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0.0, 0.02)
            elif isinstance(layer, nn.BatchNorm2d):
                nn.init.normal_(layer.weight, 1.0, 0.02)


def hinge_d_loss(real: Tensor, fake: Tensor, weights: Tensor | None = None) -> Tensor:
    """Return ½ [mean max(0, 1 - real) + mean max(0, 1 + fake)] of logits (B, 1, h, w) (arXiv 1705.02894).

    Args:
        real: logits of pictures.
        fake: logits of reconstructions.
        weights: (B,), how much each picture counts.
    """
    each = (F.relu(1.0 - real) + F.relu(1.0 + fake)).mean(dim=(1, 2, 3))
    return 0.5 * (each.mean() if weights is None else (weights * each).sum() / weights.sum())


def vanilla_d_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Return ½ [mean softplus(-real) + mean softplus(fake)], the cross entropy of arXiv 1406.2661."""
    return 0.5 * (F.softplus(-real).mean() + F.softplus(fake).mean())


DISC_LOSSES: dict[DiscLoss, Callable[[Tensor, Tensor], Tensor]] = {"hinge": hinge_d_loss, "vanilla": vanilla_d_loss}
