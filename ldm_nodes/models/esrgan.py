"""ESRGAN (arXiv 1809.00219) and Real-ESRGAN (arXiv 2107.10833): a network that enlarges pictures.

Residual blocks of densely joined convolutions at the small size, then two doublings. Names are those of BasicSR's
RRDBNet; those of the first releases and of the paper's code are renamed in `esrgan_state`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .errors import UnknownFamily, WrongWeights

if TYPE_CHECKING:
    from collections.abc import Mapping

SLOPE = 0.2  # of the leaky rectifier
RESIDUAL = 0.2  # share of what a block adds
GROWN, DOUBLINGS = 5, 2  # convolutions of a dense block; steps of enlargement
WRAPPERS = ("params_ema.", "params.", "module.", "state_dict.")
_ENDS = {
    "RRDB_trunk.": "body.", "trunk_conv.": "conv_body.", "upconv1.": "conv_up1.", "upconv2.": "conv_up2.",
    "HRconv.": "conv_hr.", "model.0.": "conv_first.", "model.3.": "conv_up1.", "model.6.": "conv_up2.",
    "model.8.": "conv_hr.", "model.10.": "conv_last.",
}  # fmt: skip
_OLD_BLOCK = re.compile(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(\w+)")
_OLD_LAST = re.compile(r"model\.1\.sub\.\d+\.(weight|bias)")


class DenseBlock(nn.Module):
    """Five convolutions, each of which sees what all before it made."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for number in range(GROWN):
            out = width if number == GROWN - 1 else growth
            self.add_module(f"conv{number + 1}", nn.Conv2d(width + number * growth, out, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """Return x with what the block adds, (B, C, H, W)."""
        seen = x
        for number in range(GROWN - 1):
            seen = torch.cat([seen, F.leaky_relu(self.get_submodule(f"conv{number + 1}")(seen), SLOPE)], dim=1)
        out: Tensor = self.get_submodule(f"conv{GROWN}")(seen) * RESIDUAL + x
        return out


class ResidualBlock(nn.Module):
    """Three dense blocks, and the way around them."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.rdb1, self.rdb2, self.rdb3 = (DenseBlock(width, growth) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        """Return x with what the three add, (B, C, H, W)."""
        out: Tensor = self.rdb3(self.rdb2(self.rdb1(x))) * RESIDUAL + x
        return out


class Esrgan(nn.Module):
    """The whole network.

    Attributes:
        scale: side of the result divided by that of the picture: 4, or less where pixels are folded first.
    """

    def __init__(self, channels: int, fold: int, width: int, growth: int, blocks: int) -> None:
        super().__init__()
        self.fold, self.scale = fold, 2**DOUBLINGS // fold
        self.conv_first = nn.Conv2d(channels * fold**2, width, 3, padding=1)
        self.body = nn.Sequential(*(ResidualBlock(width, growth) for _ in range(blocks)))
        self.conv_body, self.conv_up1, self.conv_up2, self.conv_hr = (
            nn.Conv2d(width, width, 3, padding=1) for _ in range(4)
        )
        self.conv_last = nn.Conv2d(width, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Enlarge pictures (B, C, H, W) from 0 to 1; sides that cannot be folded are filled up by mirroring."""
        height, width = x.shape[-2:]
        if self.fold > 1:
            x = F.pad(x, (0, -width % self.fold, 0, -height % self.fold), "reflect")
            x = F.pixel_unshuffle(x, self.fold)
        features = self.conv_first(x)
        features = features + self.conv_body(self.body(features))
        for convolution in (self.conv_up1, self.conv_up2):
            features = F.leaky_relu(convolution(F.interpolate(features, scale_factor=2, mode="nearest")), SLOPE)
        out: Tensor = self.conv_last(F.leaky_relu(self.conv_hr(features), SLOPE))
        return out[..., : height * self.scale, : width * self.scale]


def esrgan_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Bring a file's tensors under BasicSR's names; tensors of other networks keep theirs."""
    for wrapper in WRAPPERS:
        inner = {name[len(wrapper) :]: tensor for name, tensor in state.items() if name.startswith(wrapper)}
        if inner:
            state = inner
    return {_renamed(name): tensor for name, tensor in state.items()}


def _renamed(name: str) -> str:
    if found := _OLD_BLOCK.fullmatch(name):
        block, dense, convolution, kind = found.groups()
        return f"body.{block}.rdb{dense}.conv{convolution}.{kind}"
    if found := _OLD_LAST.fullmatch(name):
        return f"conv_body.{found[1]}"
    start = next((old for old in _ENDS if name.startswith(old)), None)
    renamed = name if start is None else _ENDS[start] + name[len(start) :]
    return renamed.replace(".RDB", ".rdb")


def is_esrgan(state: Mapping[str, Tensor]) -> bool:
    """Tell whether tensors under BasicSR's names are such a network's."""
    return "body.0.rdb1.conv1.weight" in state and "conv_up2.weight" in state


def build_esrgan(state: Mapping[str, Tensor], source: str) -> Esrgan:
    """Return the network of a file, filled.

    Args:
        state: tensors under BasicSR's names.
        source: where they come from, for messages.

    Raises:
        UnknownFamily: when the sizes are those of no such network.
        WrongWeights: when tensors are missing, superfluous or of another shape.
    """
    first, last, dense = (state[f"{name}.weight"] for name in ("conv_first", "conv_last", "body.0.rdb1.conv1"))
    folds = {last.shape[0] * fold**2: fold for fold in (1, 2, 4)}
    if first.shape[1] not in folds:
        raise UnknownFamily(f"{source} enlarges pictures of {first.shape[1]} channels, which no ESRGAN does.")
    blocks = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("body."))
    network = Esrgan(last.shape[0], folds[first.shape[1]], first.shape[0], dense.shape[0], blocks)
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except RuntimeError as error:
        raise WrongWeights(f"{source} is an incomplete ESRGAN ({str(error).splitlines()[-1].strip()}).") from error
    return network.eval().requires_grad_(False)
