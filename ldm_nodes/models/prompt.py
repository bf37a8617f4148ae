r"""ComfyUI's prompt syntax: weights, escapes, learned embeddings, and the cutting into chunks of 77 tokens.

* `(words)` multiplies the weight by 1.1, `(words:1.3)` sets it to 1.3, in any spelling that Python's `float` reads;
  groups nest; `\(` and `\)` are plain brackets; brackets that do not pair up are plain text.
* `embedding:name`, at the start or behind a space or newline, stands for learned vectors.

Nothing here recurses or goes over the text once per level, so a prompt may nest as deep as it likes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

from .tokenizer import END, LENGTH, START, Tokenizer

Token = int | Tensor
"""A token id, or a learned vector (D,) in its place."""
Chunk = list[tuple[Token, float]]
"""77 tokens with their weights; a group before packing is the same, of any length."""
Lookup = Callable[[str], Tensor | None]
"""Finds the learned vectors (n, D) of a name; where there are none, it says so itself and returns None."""

_GROUP_WEIGHT = 1.1
_SHORT = 8  # groups of fewer tokens are not cut in two
_BRACKET = re.compile(r"\\[()]|([()])")
_EMBEDDING = re.compile(r"(?:\A|[ \n])embedding:")


@dataclass(frozen=True)
class Segment:
    """A run of text that has one weight."""

    text: str
    weight: float


def tokenize(prompt: str, tokenizer: Tokenizer, lookup: Lookup) -> list[Chunk]:
    """Turn a prompt into chunks of weighted tokens, at least one, each as long as the tokenizer says (77)."""
    vocabulary = tokenizer.vocabulary
    groups = _groups(prompt, tokenizer, lookup)
    return pack(groups, tokenizer.pad, start=vocabulary.start, end=vocabulary.end, length=tokenizer.length)


def _groups(prompt: str, tokenizer: Tokenizer, lookup: Lookup) -> Iterator[Chunk]:
    """Yield what belongs together: the tokens of a text between weights and embeddings, the vectors of an embedding."""
    for segment in parse_weights(prompt):
        text, *embeddings = _EMBEDDING.split(segment.text)
        yield [(token, segment.weight) for token in tokenizer.ids(text)]
        for embedding in embeddings:
            vectors, text = _take_embedding(embedding, lookup)
            yield [(vector, segment.weight) for vector in vectors]
            yield [(token, segment.weight) for token in tokenizer.ids(text)]


def _take_embedding(text: str, lookup: Lookup) -> tuple[Iterable[Tensor], str]:
    """Return the vectors that the first word of `text` names, and the text behind it; a comma is not of the name."""
    word, *rest = text.split(maxsplit=1) or [""]
    name = word.rstrip(",")
    vectors = lookup(name)
    return () if vectors is None else vectors, " ".join([word[len(name) :], *rest])


def pack(groups: Iterable[Chunk], pad: int, *, start: int = START, end: int = END, length: int = LENGTH) -> list[Chunk]:
    """Distribute groups over chunks of start, 75 tokens and end; a short group that does not fit moves on whole."""
    chunks: list[Chunk] = [[(start, 1.0)]]
    for group in groups:
        short = len(group) < min(_SHORT, length - 2)
        while len(chunks[-1]) + len(group) > length - 1:
            room = 0 if short else length - 1 - len(chunks[-1])
            chunks[-1] += group[:room]
            chunks.append([(start, 1.0)])
            group = group[room:]
        chunks[-1] += group
    return [[*chunk, (end, 1.0), *[(pad, 1.0)] * (length - 1 - len(chunk))] for chunk in chunks]


@dataclass(frozen=True)
class _Region:
    """The text from `start` to `end`: `plain`, or the inside of a group that is still to be read."""

    start: int
    end: int
    weight: float
    plain: bool


def parse_weights(prompt: str) -> list[Segment]:
    """Split a prompt into runs of equal weight, in order, escapes resolved."""
    brackets = _Brackets(prompt)
    segments: list[Segment] = []
    waiting = [_Region(0, len(prompt), 1.0, plain=False)]
    while waiting:
        region = waiting.pop()
        if region.plain:
            text = prompt[region.start : region.end].replace("\\(", "(").replace("\\)", ")")
            segments.append(Segment(text, region.weight))
        else:
            waiting.extend(reversed(brackets.split(region)))
    return segments


class _Brackets:
    """The brackets of a prompt that are not escaped, paired up in one pass."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.places = [match.start() for match in _BRACKET.finditer(prompt) if match[1]]
        self.partner: dict[int, int] = {}
        opened: list[int] = []
        for place in self.places:
            if prompt[place] == "(":
                opened.append(place)
            elif opened:
                self.partner[opened.pop()] = place

    def split(self, region: _Region) -> list[_Region]:
        """Split the inside of a group, or the whole prompt, at the groups directly in it."""
        parts: list[_Region] = []
        position, unopened = region.start, 0
        number = bisect_left(self.places, region.start)
        while number < len(self.places) and (place := self.places[number]) < region.end:
            if self.prompt[place] == ")" or unopened:
                # A bracket that closes nothing; one more that opens only evens it out.
                unopened += 1 if self.prompt[place] == ")" else -1
                number += 1
                continue
            parts.append(_Region(position, place, region.weight, plain=True))
            position = min(self.partner.get(place, region.end) + 1, region.end)
            parts.append(self._group(place, position, region.weight))
            number = bisect_left(self.places, position)
        parts.append(_Region(position, region.end, region.weight, plain=True))
        return [part for part in parts if part.start < part.end]

    def _group(self, start: int, end: int, weight: float) -> _Region:
        """Return the inside of the group in `start` ... `end` with its weight; one that is not closed is plain text."""
        last = bisect_left(self.places, end) - 1
        if self.places[last] != end - 1 or self.prompt[end - 1] != ")":
            return _Region(start, end, weight, plain=True)
        start, end, weight = start + 1, end - 1, weight * _GROUP_WEIGHT
        colon = self.prompt.rfind(":", self.places[last - 1], end)
        if colon > start:
            try:
                return _Region(start, colon, float(self.prompt[colon + 1 : end]), plain=False)
            except ValueError:
                pass  # as in "(10:30 o'clock)": the colon is part of the text
        return _Region(start, end, weight, plain=False)
