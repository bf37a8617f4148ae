"""LPIPS, the perceptual distance between two pictures (arXiv 1801.03924, VGG16 version 0.1; lpips.py of taming).

Read `LPIPS.forward`. Its parameters carry the original's names. Weights come from two files: VGG16 as torchvision saves
it, and the small linear heads of the PyPI package `lpips` (`weights/v0.1/vgg.pth`), which ship here.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..models.checkpoint import open_checkpoint
from ..models.devices import Compute
from ..models.errors import WrongWeights
from ..models.weights import load_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models.checkpoint import Checkpoint

WIDTHS = (64, 128, 256, 512, 512)
CONVOLUTIONS = (2, 2, 3, 3, 3)
SMALLEST = 2 ** (len(WIDTHS) - 1)  # side of a picture that is one pixel in the last slice
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # mean and deviation of ImageNet, for [-1, 1]
EPS = 1e-10

HEADS = Path(__file__).parents[1] / "assets" / "lpips" / "vgg.pth"
"""The public linear heads, as the package `lpips` 0.1.4 has them (BSD 2-clause, Richard Zhang and others)."""


class ScalingLayer(nn.Module):
    """Turns pictures in [-1, 1] into what VGG16 was trained on."""

    shift: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x (B, 3, H, W); one channel is taken for all three."""
        return (x - self.shift) / self.scale


class VGG16(nn.Module):
    """The convolutions of VGG16 in five slices, each ending with the last ReLU before a pooling.

    Layers are numbered as in torchvision's `features`, so `slice3.10` is its `features.10`.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS) -> None:
        super().__init__()
        channels, index = 3, 0
        for number, (count, width) in enumerate(zip(CONVOLUTIONS, widths, strict=True), start=1):
            layers: OrderedDict[str, nn.Module] = OrderedDict()
            if number > 1:
                layers[str(index)] = nn.MaxPool2d(2)
                index += 1
            for _ in range(count):
                layers[str(index)] = nn.Conv2d(channels, width, 3, padding=1)
                layers[str(index + 1)] = nn.ReLU(inplace=True)
                channels, index = width, index + 2
            self.add_module(f"slice{number}", nn.Sequential(layers))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the five feature maps of x (B, 3, H, W), at 1, 1/2, 1/4, 1/8 and 1/16 of its size."""
        features = []
        for part in self.children():
            x = part(x)
            features.append(x)
        return features


class LinearHead(nn.Module):
    """Weighs the channels of a squared difference: a convolution of size one without bias."""

    def __init__(self, width: int, use_dropout: bool = False) -> None:
        super().__init__()
        dropout = nn.Dropout() if use_dropout else nn.Identity()  # keeps the place 0, so that the weight is `model.1`
        self.model = nn.Sequential(dropout, nn.Conv2d(width, 1, 1, bias=False))

    def forward(self, f: Tensor, g: Tensor) -> Tensor:
        """Return the distance (B, 1, 1, 1) of two feature maps (B, width, h, w): what one slice contributes."""
        weighed: Tensor = self.model((unit(f) - unit(g)) ** 2).mean(dim=(2, 3), keepdim=True)
        return weighed


class LPIPS(nn.Module):
    """The distance of two pictures in the features of VGG16. It is frozen, and built in evaluation mode.

    Args:
        widths: channels of the five slices; others than VGG16's are for tests and random features.
        use_dropout: put dropout before the linear heads. The original has it, and its trainer switches it on by
            accident, so that the loss is noisy; the expected value is the same without.
    """

    def __init__(self, widths: Sequence[int] = WIDTHS, use_dropout: bool = False) -> None:
        super().__init__()
        self.scaling_layer = ScalingLayer()
        self.net = VGG16(widths)
        for slice_index, width in enumerate(widths):
            self.add_module(f"lin{slice_index}", LinearHead(width, use_dropout))
        self.eval().requires_grad_(False)

    @property
    def heads(self) -> list[LinearHead]:
        """The linear heads, one per slice."""
        return [part for part in self.children() if isinstance(part, LinearHead)]

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the distance (B, 1, 1, 1) of x and y (B, 3, H, W) in [-1, 1].

        Raises:
            ValueError: the pictures differ in shape, are no RGB or grey pictures, or are smaller than 16 pixels.
        """
        _check(x, y)
        pairs = zip(self.heads, self.net(self.scaling_layer(x)), self.net(self.scaling_layer(y)), strict=True)
        return torch.stack([head(f, g) for head, f, g in pairs]).sum(dim=0)


def unit(features: Tensor) -> Tensor:
    """Divide a feature map (B, C, h, w) by its length over the channels, at each place.

    The length is torch's norm, whose gradient is zero where all channels are; a square root there gives NaN.
    """
    length: Tensor = torch.linalg.vector_norm(features, dim=1, keepdim=True)
    return features / (length + EPS)


@dataclass(frozen=True)
class Perceptual:
    """What the perceptual part of a loss is computed with.

    Attributes:
        network: LPIPS, or None where there are no weights: the perceptual weight is then 0.
        notice: one sentence for the person who trains: which weights these are, or what is missing.
    """

    network: LPIPS | None
    notice: str


def find_perceptual(vgg: Path | None, lin: Path | None = None, random_seed: int | None = None) -> Perceptual:
    """Return the perceptual network that the given files allow.

    Args:
        vgg: VGG16 weights: torchvision's file, or a first stage of CompVis, which carries its loss along.
        lin: the linear heads; by default those inside `vgg`, or the public ones.
        random_seed: without `vgg`, use VGG16 with random weights of this seed instead of no perceptual loss.

    Raises:
        ModelError: a file is unreadable or holds other weights.
    """
    if vgg is not None:
        return Perceptual(read_lpips(vgg, lin), f"The perceptual loss is LPIPS on the VGG16 weights of {vgg.name}.")
    if random_seed is not None:
        notice = f"The perceptual loss uses random VGG16 features (seed {random_seed}); it is no trained LPIPS."
        return Perceptual(random_lpips(random_seed), notice)
    return Perceptual(
        None,
        "There is no VGG16 weights file, so the perceptual weight is 0; name torchvision's vgg16 file, or ask for "
        "random features.",
    )


def read_lpips(vgg: Path, lin: Path | None = None) -> LPIPS:
    """Load LPIPS from VGG16 weights and linear heads; see `find_perceptual`.

    Raises:
        ModelError: a file is unreadable or holds other weights.
    """
    made, compute = LPIPS(), Compute(torch.device("cpu"), torch.float32)
    features, heads = _parts(open_checkpoint(vgg))
    load_weights(made.net, features, compute)
    if lin is not None or not heads.tensors:
        heads = open_checkpoint(lin or HEADS)
    for index, head in enumerate(made.heads):
        load_weights(head, heads.under(f"lin{index}."), compute)
    return made


def random_lpips(seed: int, widths: Sequence[int] = WIDTHS) -> LPIPS:
    """Return LPIPS with random features: He-normal convolutions, no biases, and heads that average the channels."""
    made, generator = LPIPS(widths), torch.Generator().manual_seed(seed)
    for name, parameter in made.net.named_parameters():
        if name.endswith("weight"):
            nn.init.kaiming_normal_(parameter, nonlinearity="relu", generator=generator)
        else:
            nn.init.zeros_(parameter)
    for head, width in zip(made.heads, widths, strict=True):
        nn.init.constant_(head.model[1].weight, 1.0 / width)  # type: ignore[arg-type]
    return made


def _parts(file: Checkpoint) -> tuple[Checkpoint, Checkpoint]:
    """Return VGG16's weights under our names, and what lies beside them, which in LPIPS files are the heads."""
    first = "net.slice1.0.weight"
    prefix = next((key.removesuffix(first) for key in file.tensors if key.endswith(first)), None)
    if prefix is not None:
        part = file.under(prefix)
        return part.under("net."), replace(part, tensors={k: t for k, t in part.tensors.items() if k.startswith("lin")})
    stored = file.under("features.")
    if "0.weight" not in stored:
        raise WrongWeights(
            f"{file.path.name} holds no VGG16 features; expected torchvision's vgg16 file, with names such as "
            "features.0.weight."
        )
    names = [name for name in VGG16((1,) * len(WIDTHS)).state_dict() if name.split(".", 1)[1] in stored]
    return replace(stored, tensors={name: stored.tensors[name.split(".", 1)[1]] for name in names}), file.under("lin")


def _check(x: Tensor, y: Tensor) -> None:
    if x.shape != y.shape:
        raise ValueError(f"LPIPS compares pictures of one shape; got {tuple(x.shape)} and {tuple(y.shape)}.")
    if x.dim() != 4 or x.shape[1] not in (1, 3) or min(x.shape[2:]) < SMALLEST:
        raise ValueError(
            f"LPIPS takes pictures (B, 3, height, width) of at least {SMALLEST} pixels a side; got {tuple(x.shape)}."
        )
