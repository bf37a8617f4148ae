"""Networks that enlarge pictures, as nodes see them: ESRGANs by our own code, all others by the package `spandrel`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from .checkpoint import read_tensors
from .devices import is_out_of_memory, on_cpu
from .errors import ModelError
from .esrgan import build_esrgan, esrgan_state, is_esrgan
from .tiles import tiled

if TYPE_CHECKING:
    from pathlib import Path

Notice = Callable[[str], None]
Report = Callable[[int, int], None]

TILE, LEAST_TILE, OVERLAP = 512, 128, 32  # pixels


@dataclass(frozen=True, eq=False)
class Upscaler:
    """The value on the UPSCALE_MODEL wire; community packs call it as spandrel's.

    Attributes:
        model: the network; it works in float32.
        scale: side of the result divided by that of the picture.
        device: where it is.
    """

    model: Any
    scale: int
    device: torch.device

    def __call__(self, x: Tensor) -> Tensor:
        """Enlarge pictures (B, 3, H, W) from 0 to 1, all at once."""
        made: Tensor = self.model(x)
        return made

    def to(self, device: torch.device | str) -> Upscaler:
        """Return it elsewhere; the network itself moves."""
        self.model.to(device)
        return Upscaler(self.model, self.scale, torch.device(device))

    @torch.no_grad()
    def upscale(self, pixels: Tensor, report: Report, notice: Notice) -> Tensor:
        """Enlarge pictures tile by tile; where memory runs out, in smaller tiles.

        Args:
            pixels: (B, H, W, 3), 0 to 1.
            report: is told how many tiles of how many are done, and may stop the work by raising.
            notice: is told of smaller tiles.

        Returns:
            (B, scale·H, scale·W, 3), 0 to 1, on the CPU.
        """
        pictures = pixels[..., :3].movedim(-1, 1).float()
        tile = TILE
        while True:
            try:
                return self._tiled(pictures, tile, report).clamp(0, 1).movedim(1, -1).contiguous()
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or tile <= LEAST_TILE:
                    raise
            tile //= 2
            notice(
                f"Memory does not suffice for tiles of {2 * tile} pixels; the picture is enlarged in tiles of {tile}."
            )

    def _tiled(self, pictures: Tensor, tile: int, report: Report) -> Tensor:
        total = len(pictures) * tiles_of(pictures.shape[-2], tile) * tiles_of(pictures.shape[-1], tile)
        done = 0

        def enlarge(part: Tensor) -> Tensor:
            nonlocal done
            made = on_cpu(self(part.to(self.device)).float())
            done += 1
            report(done, total)
            return made

        return tiled(enlarge, pictures, (tile, tile), OVERLAP, self.scale)


def tiles_of(side: int, tile: int) -> int:
    """Return how many tiles stand along a side."""
    return 1 if side <= tile else len(range(0, side - OVERLAP, tile - OVERLAP))


def load_upscaler(path: Path, device: torch.device) -> Upscaler:
    """Load a network that enlarges pictures.

    Raises:
        ModelError: when the file is unreadable, or of a kind that needs a package that is not installed.
    """
    tensors = read_tensors(path)
    state = esrgan_state(tensors)
    if is_esrgan(state):
        network = build_esrgan(state, path.name)
        return Upscaler(network.to(device), network.scale, device)
    found = _by_spandrel(tensors, path.name)
    return Upscaler(found.model.to(device).float().eval(), int(found.scale), device)


def _by_spandrel(tensors: dict[str, Tensor], name: str) -> Any:
    try:
        spandrel = import_module("spandrel")
    except (ImportError, RuntimeError) as error:  # a torchvision of another torch raises RuntimeError
        raise ModelError(
            f"{name} is no ESRGAN; other upscaling networks need the package spandrel, which cannot be imported "
            f"({error}). Install it with: pip install 'ldm-nodes[upscale]'."
        ) from error
    try:
        found = spandrel.ModelLoader().load_from_state_dict(tensors)
    except (spandrel.UnsupportedModelError, ValueError, KeyError) as error:
        raise ModelError(f"{name} is no upscaling network that spandrel knows.") from error
    if not isinstance(found, spandrel.ImageModelDescriptor):
        raise ModelError(f"{name} does not turn one picture into one; expected a single-image upscaler.")
    return found
