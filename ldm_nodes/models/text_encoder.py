"""Prompts to conditionings: the value on the CLIP wire, one or two text towers side by side.

| family | context | pooled |
|---|---|---|
| `sd1` | CLIP-L, last block, normalised | its end token |
| `sd2` | OpenCLIP-H, last block but one, normalised | its end token, projected |
| `sdxl` | CLIP-L beside bigG, last blocks but one, as they are | bigG's end token, projected |
| `sdxl_refiner` | bigG, last block but one, as it is | its end token, projected |

Chunks of a long prompt are encoded apart and joined along the tokens. A token of weight w becomes
`(z - z_empty) w + z_empty`, z_empty being the empty prompt at that place. The pooled vector is always that of the first
chunk after the last block, without weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

from .errors import ModelError
from .kinds import UNKNOWN, ClipKind, Origin
from .part_kinds import text_kind
from .text_reader import Notice, TextReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from .patching import Patch
    from .prompt import Chunk
    from .text import TextTower

Encoded = tuple[Tensor, Tensor]
"""A context (1, 77 k, D) of k chunks and a pooled vector (1, P)."""

# Per family and tower: its name, the block read, whether that block is normalised.
_TOWERS: dict[str, tuple[tuple[str, int | None, bool], ...]] = {
    "sd1": (("l", None, True),),
    "sd2": (("h", -2, True),),
    "sdxl": (("l", -2, False), ("g", -2, False)),
    "sdxl_refiner": (("g", -2, False),),
}


def _ignore(_: str) -> None:
    """Take a notice that nobody asked for."""


@dataclass(frozen=True)
class TextEncoder:
    """Text towers side by side.

    Attributes:
        readers: the towers; the last one gives the pooled vector.
        folders: where learned embeddings are looked up, first to last.
        origin: the model that it belongs to, as far as known.
    """

    readers: tuple[TextReader, ...]
    folders: tuple[Path, ...] = ()
    origin: Origin = UNKNOWN

    @property
    def kind(self) -> ClipKind:
        """What must fit it."""
        return text_kind([reader.tower.config for reader in self.readers], self.origin)

    def with_layer(self, layer: int) -> Self:
        """Return this encoder with the context taken from an earlier block: -1 is the last, -2 the one before it."""
        return replace(self, readers=tuple(reader.with_layer(layer) for reader in self.readers))

    def with_patches(self, patches: Sequence[Sequence[Patch]]) -> Self:
        """Return an encoder with more changes of weights, which are made when it first encodes.

        Args:
            patches: what to change in each tower, by the parameter's name.
        """
        readers = (reader.with_patches(own) for reader, own in zip(self.readers, patches, strict=True))
        return replace(self, readers=tuple(readers))

    def encode(self, prompt: str, notice: Notice = _ignore) -> Encoded:
        """Encode one prompt; see `encode_batch`."""
        return self.encode_batch([prompt], notice)[0]

    @torch.no_grad()
    def encode_batch(self, prompts: Sequence[str], notice: Notice = _ignore) -> list[Encoded]:
        """Encode prompts in ComfyUI's syntax (`prompt.py`), the chunks of all of them together.

        Args:
            prompts: the prompts.
            notice: is told what had to be left out, such as a missing embedding.

        Returns:
            For each prompt its context (1, 77 k, D), k the number of its chunks, and its pooled vector (1, P), float32.
        """
        if not prompts:
            return []
        told: list[str] = []
        chunked = [[reader.chunks(prompt, self.folders, told.append) for prompt in prompts] for reader in self.readers]
        for message in dict.fromkeys(told):  # two towers miss the same embedding
            notice(message)
        per_tower = [_encode(reader, chunks) for reader, chunks in zip(self.readers, chunked, strict=True)]
        return [_join(parts) for parts in zip(*per_tower, strict=True)]

    @torch.no_grad()
    def encode_apart(self, prompts: Mapping[str, str], notice: Notice = _ignore) -> Encoded:
        """Encode a prompt of its own for every tower; the shorter ones are filled up with empty chunks.

        Args:
            prompts: the prompts by the names of the towers.
            notice: as in `encode_batch`.

        Raises:
            ModelError: when a tower has no prompt, or there is one for a tower that is not there.
        """
        names = [reader.name for reader in self.readers]
        if sorted(names) != sorted(prompts):
            raise ModelError(
                f"There are prompts for the text towers {', '.join(sorted(prompts))}; "
                f"this encoder ({self.origin}) has {', '.join(sorted(names))}."
            )
        return self.encode_chunks(
            {reader.name: reader.chunks(prompts[reader.name], self.folders, notice) for reader in self.readers}
        )

    def chunks(self, prompt: str, notice: Notice = _ignore) -> dict[str, list[Chunk]]:
        """Turn a prompt into weighted tokens in chunks, for each tower by its name."""
        return {reader.name: reader.chunks(prompt, self.folders, notice) for reader in self.readers}

    @torch.no_grad()
    def encode_chunks(self, chunks: Mapping[str, Sequence[Chunk]]) -> Encoded:
        """Encode chunks for every tower, as `chunks` returns them; fewer than the others have are filled up.

        Raises:
            ModelError: when a tower has none.
        """
        missing = [reader.name for reader in self.readers if reader.name not in chunks]
        if missing:
            raise ModelError(f"There are no tokens for the text tower {missing[0]}; there are for {', '.join(chunks)}.")
        longest = max(len(chunks[reader.name]) for reader in self.readers)
        parts = []
        for reader in self.readers:
            own = chunks[reader.name]
            filling = reader.chunks("", (), _ignore) * (longest - len(own))
            parts += _encode(reader, [[*own, *filling]])
        return _join(parts)

    def encode_plain(self, texts: Sequence[str]) -> Tensor:
        """Encode texts as the research code's conditioners do: no syntax, cut at 77 tokens; (B, 77, D).

        Gradients reach towers that are being trained.
        """
        return torch.cat([reader.encode([*map(reader.plain_chunk, texts)])[0] for reader in self.readers], dim=-1)


def build_text_encoder(family: str, towers: Sequence[TextTower], folders: Sequence[Path] = ()) -> TextEncoder:
    """Return the text encoder of a family (`sd1`, `sd2`, `sdxl`, `sdxl_refiner`) around its towers."""
    readers = [
        TextReader(name, tower, layer, normalized)
        for tower, (name, layer, normalized) in zip(towers, _TOWERS[family], strict=True)
    ]
    return TextEncoder(tuple(readers), tuple(folders))


def _encode(reader: TextReader, chunked: Sequence[Sequence[Chunk]]) -> list[Encoded]:
    """Encode prompts, each cut into chunks, with one tower."""
    chunks = [*chain.from_iterable(chunked)]
    weights = [[weight for _, weight in chunk] for chunk in chunks]
    if all(weight == 1 for weight in chain.from_iterable(weights)):
        contexts, pooled = reader.encode(chunks)
    else:
        contexts, pooled = reader.encode([*chunks, *reader.chunks("", (), _ignore)])
        contexts = _weigh(contexts[:-1], contexts[-1], torch.tensor(weights, device=contexts.device)[..., None])
    counts = [len(chunks) for chunks in chunked]
    parts = zip(torch.split(contexts, counts), torch.split(pooled[: len(chunks)], counts), strict=True)
    return [(context.flatten(0, 1)[None], vector[:1]) for context, vector in parts]


def _weigh(contexts: Tensor, empty: Tensor, weights: Tensor) -> Tensor:
    return torch.where(weights == 1, contexts, (contexts - empty) * weights + empty)


def _join(parts: Sequence[Encoded]) -> Encoded:
    """Put the contexts of towers beside each other, cut to the shortest."""
    length = min(context.shape[1] for context, _ in parts)
    return torch.cat([context[:, :length] for context, _ in parts], dim=-1), parts[-1][1]
