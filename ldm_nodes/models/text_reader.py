"""One text tower with what is read from it: prompts to chunks of tokens, chunks to vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor

from .embeddings import find_embedding, read_embedding
from .errors import ModelError
from .patching import Patch, Patched
from .prompt import Chunk, tokenize
from .tokenizer import COMFYUI, OPEN_CLIP, SD, Spelling, Tokenizer, Vocabulary, clip_vocabulary, read_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from .text import TextTower

Notice = Callable[[str], None]

_AT_ONCE = 32  # chunks in one pass through a tower


@dataclass(frozen=True)
class TextReader:
    """A text tower, and what is read from it.

    Attributes:
        name: "l", "h" or "g"; files of learned embeddings name their vectors by it.
        tower: the network, as it was loaded.
        layer: the block that the context is taken from: -2 is the last but one; None is the last one, normalised.
        normalized: whether a block that is named by number passes the final layer norm too.
        patched: the tower with what nodes changed in its weights, or None where nothing is changed.
    """

    name: str
    tower: TextTower
    layer: int | None = None
    normalized: bool = True
    patched: Patched[TextTower] | None = None

    @property
    def running(self) -> TextTower:
        """The tower that encodes: with all patches."""
        return self.tower if self.patched is None else self.patched.network

    def with_patches(self, patches: Sequence[Patch]) -> Self:
        """Return this reader with more changes of weights."""
        patched = (self.patched or Patched(self.tower)).with_patches(patches)
        return replace(self, patched=patched if patched.patches else None)

    def with_layer(self, layer: int) -> Self:
        """Return this reader at another block; a block deeper than the tower means the last one."""
        return replace(self, layer=layer if 1 <= -layer <= self.tower.config.layers else None)

    @property
    def vocabulary(self) -> Vocabulary:
        """The token ids that the tower knows."""
        merges = self.tower.config.merges
        return clip_vocabulary() if merges is None else read_vocabulary(merges)

    def chunks(self, prompt: str, folders: Sequence[Path], notice: Notice) -> list[Chunk]:
        """Turn a prompt in ComfyUI's syntax into chunks of weighted tokens; `folders` hold learned embeddings."""
        return tokenize(prompt, self._tokenizer(COMFYUI), lambda name: self._lookup(name, folders, notice))

    def plain_chunk(self, text: str) -> Chunk:
        """Turn a text into one chunk as the research code does: no syntax, cut at the tower's length."""
        spelling = SD if self.tower.config.layout == "clip" else OPEN_CLIP
        return [(token, 1.0) for token in self._tokenizer(spelling).padded(text)]

    def encode(self, chunks: Sequence[Chunk]) -> tuple[Tensor, Tensor]:
        """Return contexts (N, 77, D) and pooled vectors (N, P) of N chunks, in float32; weights are not looked at."""
        parts = [self._encode(chunks[first : first + _AT_ONCE]) for first in range(0, len(chunks), _AT_ONCE)]
        contexts, pooled = zip(*parts, strict=True)
        return torch.cat(contexts), torch.cat(pooled)

    def _encode(self, chunks: Sequence[Chunk]) -> tuple[Tensor, Tensor]:
        tower = self.running
        rows = [self._row(chunk) for chunk in chunks]
        ids = [[token if isinstance(token, int) else 0 for token in row] for row in rows]
        vectors = tower.embed(torch.tensor(ids, device=tower.device))
        for i, row in enumerate(rows):
            for j, token in enumerate(row):
                if isinstance(token, Tensor):
                    vectors[i, j] = token.to(vectors)
        hidden, last = tower(vectors, -1 if self.layer is None else self.layer)
        if self.layer is None or self.normalized:
            hidden = tower.normalize(hidden)
        end = self.vocabulary.end
        ends = torch.tensor([row.index(end) for row in ids], device=last.device)
        pooled = last.take_along_dim(ends[:, None, None], dim=1)[:, 0]
        return hidden.float(), tower.project(tower.normalize(pooled)).float()

    def _row(self, chunk: Chunk) -> list[int | Tensor]:
        """Return all tokens (77); vectors made for another width are dropped, and what follows them moves up."""
        width = self.tower.config.hidden_size
        row = [token for token, _ in chunk if isinstance(token, int) or token.shape[0] == width]
        return row + [self.tower.config.pad_token] * (self.tower.config.max_length - len(row))

    def _tokenizer(self, spelling: Spelling) -> Tokenizer:
        config = self.tower.config
        return Tokenizer(spelling, config.pad_token, config.max_length, self.vocabulary)

    def _lookup(self, name: str, folders: Sequence[Path], notice: Notice) -> Tensor | None:
        path = find_embedding(name, folders)
        if path is None:
            notice(f"The embedding {name!r} is in none of the embedding folders; it was left out of the prompt.")
            return None
        try:
            vectors = read_embedding(path, self.name)
        except ModelError as error:
            notice(f"The embedding {name!r} was left out of the prompt: {error}")
            return None
        if vectors.shape[1] != self.tower.config.hidden_size:
            notice(
                f"The embedding {name!r} has vectors of {vectors.shape[1]} numbers where this text tower needs "
                f"{self.tower.config.hidden_size}: it was made for another model and was left out of the prompt."
            )
        return vectors
