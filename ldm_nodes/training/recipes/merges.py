"""A byte-pair vocabulary for the captions of one data set, in the format of CLIP's table (arXiv 1508.07909)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from ...models.tokenizer import SD

HEADING = "#version: 0.2"


def merges_of(captions: Iterable[str], count: int) -> list[str]:
    """Return the lines of a merge table: the most frequent pair of tokens first, ties in alphabetical order.

    Args:
        captions: texts of printable ASCII letters.
        count: merges wanted; there are fewer if every word is one token before that.
    """
    words = Counter(word for caption in captions for word in SD.split(caption))
    spelled = {word: (*word[:-1], word[-1] + "</w>") for word in words}
    known: set[str] = set()
    lines: list[str] = []
    while len(lines) < count:
        pairs = _pairs(words, spelled, known)
        if not pairs:
            break
        left, right = min(pairs, key=lambda pair: (-pairs[pair], pair))
        known.add(left + right)
        lines.append(f"{left} {right}")
        spelled = {word: _merged(tokens, left, right) for word, tokens in spelled.items()}
    return lines


def _pairs(words: Counter[str], spelled: dict[str, tuple[str, ...]], known: set[str]) -> Counter[tuple[str, str]]:
    """Count neighbours; those that would spell a token a second time are left out, for a token has one id."""
    pairs: Counter[tuple[str, str]] = Counter()
    for word, tokens in spelled.items():
        for pair in pairwise(tokens):
            if "".join(pair) not in known:
                pairs[pair] += words[word]
    return pairs


def _merged(tokens: tuple[str, ...], left: str, right: str) -> tuple[str, ...]:
    merged: list[str] = []
    for token in tokens:
        if token == right and merged and merged[-1] == left:
            merged[-1] = left + right
        else:
            merged.append(token)
    return tuple(merged)
