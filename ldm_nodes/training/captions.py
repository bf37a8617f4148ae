"""Captions that vary from visit to visit, so that a model does not depend on one wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NONE: Mapping[str, Sequence[str]] = MappingProxyType({})


@dataclass(frozen=True)
class Wording:
    """How captions vary.

    Attributes:
        dropout: probability that a word is left out.
        kept: words that always stay.
        replacement: probability that a word gives way to one of its synonyms.
        synonyms: for a word, others of its meaning.
    """

    dropout: float = 0.0
    kept: frozenset[str] = frozenset()
    replacement: float = 0.0
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=lambda: NONE)

    def choose(self, captions: Sequence[str], rng: np.random.Generator) -> str:
        """Take one of several captions and vary it; without captions the text is empty."""
        if not captions:
            return ""
        return self.vary(captions[int(rng.integers(len(captions)))], rng)

    def vary(self, caption: str, rng: np.random.Generator) -> str:
        """Leave out and replace words; a caption never becomes empty."""
        words = caption.split()
        chances = rng.random((len(words), 3)).tolist()
        varied = [
            self._synonym(word, replace, which)
            for word, (drop, replace, which) in zip(words, chances, strict=True)
            if word in self.kept or drop >= self.dropout
        ]
        return " ".join(varied) or caption

    def _synonym(self, word: str, replace: float, which: float) -> str:
        others = self.synonyms.get(word, ())
        return others[int(which * len(others))] if others and replace < self.replacement else word
