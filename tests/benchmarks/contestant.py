"""What both contestants can do, each on inputs of its own making."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

CFG_BATCH = 2  # one picture, with its prompt and the negative one
TOKENS, WIDTH = 77, 768  # of a prompt's embedding
STEPS = 4  # of the one picture whose peak memory counts


@dataclass(frozen=True)
class Task:
    """What to compute: with which checkpoint, in which numbers, how large.

    Attributes:
        checkpoint: the file, whose name tells its configuration.
        precision: "fp32" or "bf16".
        size: side of the picture in pixels.
    """

    checkpoint: Path
    precision: str
    size: int

    def latent(self, batch: int) -> Tensor:
        """Return noise (batch, 4, size / 8, size / 8)."""
        return torch.randn(batch, 4, self.size // 8, self.size // 8, generator=torch.Generator().manual_seed(1))

    def context(self) -> Tensor:
        """Return the embeddings (2, 77, 768) of two prompts."""
        return torch.randn(CFG_BATCH, TOKENS, WIDTH, generator=torch.Generator().manual_seed(2))


class Contestant(Protocol):
    """A library under test. `load` comes first, but `picture` loads by itself, as its users do."""

    def load(self) -> None:
        """Load the complete checkpoint."""

    def step(self) -> Tensor:
        """Run the network once for a picture under guidance."""

    def decode(self) -> Tensor:
        """Decode one picture."""

    def picture(self) -> None:
        """Make one picture in `STEPS` steps, from the file to a PNG."""
