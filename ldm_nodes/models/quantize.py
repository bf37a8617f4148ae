"""The codebook of a VQ autoencoder (taming-transformers, VectorQuantizer2; arXiv 1711.00937)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from .errors import WrongConfig

if TYPE_CHECKING:
    from collections.abc import Sequence


class Quantized(NamedTuple):
    """A latent snapped to the codebook.

    Attributes:
        latent: (B, D, H, W); gradients pass straight through to the input.
        loss: codebook and commitment loss, a scalar.
        indices: ids of the entries, (B·H·W,), or (B, H, W) with `sane_index_shape`.
    """

    latent: Tensor
    loss: Tensor
    indices: Tensor


class VectorQuantizer(nn.Module):
    """Replaces every latent vector by the nearest entry of a learned codebook.

    Args:
        n_embed: entries of the codebook.
        embed_dim: width of an entry.
        beta: weight of one half of the loss.
        remap: an .npy file with the ids in use; ids are then positions in that list.
        unknown_index: what an id outside that list becomes: a "random" position, an "extra" one, or a fixed one.
        sane_index_shape: return ids as (B, H, W) rather than flat.
        legacy: put `beta` on the codebook term. That is a slip of the first release which trained models contain; off,
            it is on the commitment term, as the paper has it.
    """

    used: Tensor

    def __init__(
        self,
        n_embed: int,
        embed_dim: int,
        beta: float = 0.25,
        *,
        remap: str | Path | None = None,
        unknown_index: Literal["random", "extra"] | int = "random",
        sane_index_shape: bool = False,
        legacy: bool = True,
    ) -> None:
        super().__init__()
        self.beta = beta
        self.legacy = legacy
        self.sane_index_shape = sane_index_shape
        self.unknown_index = unknown_index
        self.remap = remap is not None
        self.embedding = nn.Embedding(n_embed, embed_dim)
        nn.init.uniform_(self.embedding.weight, -1.0 / n_embed, 1.0 / n_embed)
        if remap is not None:
            self.register_buffer("used", _read_ids(Path(remap)))

    def forward(self, z: Tensor) -> Quantized:
        """Quantise z (B, D, H, W)."""
        flat = z.movedim(1, -1).reshape(-1, z.shape[1])
        indices = self._nearest(flat)
        entries = self.embedding(indices).to(z.dtype).view(z.shape[0], *z.shape[2:], z.shape[1]).movedim(-1, 1)
        codebook, commitment = ((entries - z.detach()) ** 2).mean(), ((entries.detach() - z) ** 2).mean()
        loss = commitment + self.beta * codebook if self.legacy else codebook + self.beta * commitment
        if self.remap:
            indices = self._to_used(indices)
        if self.sane_index_shape:
            indices = indices.view(z.shape[0], *z.shape[2:])
        return Quantized(z + (entries - z).detach(), loss, indices)

    def get_codebook_entry(self, indices: Tensor, shape: Sequence[int] | None = None) -> Tensor:
        """Return the entries of `indices`: (…, D), or (B, D, H, W) where `shape` is (B, H, W, D)."""
        if self.remap:
            indices = self._from_used(indices)
        entries: Tensor = self.embedding(indices.reshape(-1))
        return entries if shape is None else entries.view(*shape).movedim(-1, 1).contiguous()

    def _nearest(self, flat: Tensor) -> Tensor:
        """Return the ids (N,) of the entries nearest to flat (N, D); of equal ones the first."""
        codebook = self.embedding.weight.to(flat.dtype)
        distance = (flat**2).sum(1, keepdim=True) + (codebook**2).sum(1) - 2 * flat @ codebook.t()
        return distance.argmin(dim=1)

    def _to_used(self, ids: Tensor) -> Tensor:
        """Turn codebook ids into positions in `used`."""
        matches = ids[:, None] == self.used
        positions, unknown = matches.int().argmax(dim=1), ~matches.any(dim=1)
        if self.unknown_index == "random":
            return torch.where(unknown, torch.randint_like(positions, len(self.used)), positions)
        fixed = len(self.used) if self.unknown_index == "extra" else int(self.unknown_index)
        return positions.masked_fill(unknown, fixed)

    def _from_used(self, positions: Tensor) -> Tensor:
        """Turn positions in `used` into codebook ids; positions past its end become the first."""
        return self.used[positions.masked_fill(positions >= len(self.used), 0)]


def _read_ids(path: Path) -> Tensor:
    try:
        ids = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise WrongConfig(f"{path} is no readable .npy file of codebook ids: {error}.") from error
    return torch.from_numpy(np.asarray(ids, dtype=np.int64))
