"""CLIP's byte-pair tokenizer, in the three spellings that the text towers were run with.

The merges and ids are OpenAI's (openai/CLIP `simple_tokenizer.py`, arXiv 2103.00020): text is cut into words, a word is
taken as UTF-8 bytes, and neighbours are merged in the order of the merge table, the last byte carrying the end of the
word. The spellings differ only in how text is cleaned before that:

* `SD`: the research code's (transformers' Python tokenizer with ftfy), which repairs mojibake and straightens quotes;
* `OPEN_CLIP`: SD 2's (open_clip), which also unescapes HTML and spells its special tokens differently;
* `COMFYUI`: what ComfyUI runs (transformers' Rust tokenizer), which only composes characters (NFC).

Why not transformers itself: importing its tokenizer costs 0.8 s beside torch, and since version 5 it no longer cleans
text as the research code did. This one loads in 0.1 s, and the tests hold `COMFYUI` to transformers token for token.
"""

from __future__ import annotations

import gzip
import html
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from heapq import heapify, heappop, heappush
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from .errors import WrongConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

VOCABULARY = Path(__file__).parents[1] / "assets" / "clip" / "bpe_simple_vocab_16e6.txt.gz"
START, END = 49406, 49407
LENGTH = 77

_BYTES = 512
_MERGES = 48894  # 49408 ids less twice 256 bytes and the two special tokens; the file goes on beyond them
_GONE = -1
_WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
_SPECIAL = {"<|startoftext|>": START, "<|endoftext|>": END}
_SPECIAL_OPEN_CLIP = {"<start_of_text>": START, "<end_of_text>": END}


def _clean_sd(text: str) -> str:
    return " ".join(_repair(text).split()).lower()


def _clean_open_clip(text: str) -> str:
    return " ".join(html.unescape(html.unescape(_repair(text))).split()).lower()


def _repair(text: str) -> str:
    import ftfy  # 0.05 s that graphs, which use ComfyUI's spelling, never spend

    return str(ftfy.fix_text(text))


def _clean_comfyui(text: str) -> str:
    # Letter by letter, as the Rust tokenizer does it: no final sigma.
    return "".join(map(str.lower, unicodedata.normalize("NFC", text)))


def _any_of(literals: Mapping[str, int]) -> str:
    return "|".join(map(regex.escape, literals))


@dataclass(frozen=True)
class Spelling:
    """How text becomes words and special tokens.

    Attributes:
        clean: cleans text, lower-casing included.
        words: matches one word of clean text, or a special token that cleaning has brought forth.
        special: literal -> id.
        special_first: whether special tokens are cut out before cleaning.
    """

    clean: Callable[[str], str]
    words: regex.Pattern[str]
    special: Mapping[str, int]
    special_first: bool = True

    def split(self, text: str) -> Iterator[str]:
        """Yield the words and special tokens of `text`."""
        for part in regex.split(f"({_any_of(self.special)})", text) if self.special_first else [text]:
            yield from [part] if part in self.special else self.words.findall(self.clean(part))


SD = Spelling(_clean_sd, regex.compile(f"{_any_of(_SPECIAL)}|{_WORDS}", regex.IGNORECASE), _SPECIAL)
OPEN_CLIP = Spelling(
    _clean_open_clip,
    regex.compile(f"{_any_of(_SPECIAL_OPEN_CLIP)}|{_WORDS}", regex.IGNORECASE),
    _SPECIAL_OPEN_CLIP,
    special_first=False,
)
COMFYUI = Spelling(_clean_comfyui, regex.compile(_WORDS), _SPECIAL)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Token ids: 256 bytes, 256 bytes that end a word, one for each merge in their order, start, end.

    Attributes:
        byte_ids: byte -> id.
        merges: pair of ids -> id of the merged pair.
    """

    byte_ids: Sequence[int]
    merges: Mapping[tuple[int, int], int]

    @property
    def start(self) -> int:
        """The id that opens a text."""
        return _BYTES + len(self.merges)

    @property
    def end(self) -> int:
        """The id that closes a text, the last of all."""
        return self.start + 1


@cache
def clip_vocabulary() -> Vocabulary:
    """Return the vocabulary of every released text tower."""
    with gzip.open(VOCABULARY, "rt", encoding="utf-8") as file:
        return _vocabulary(islice(file, 1, 1 + _MERGES))


def read_vocabulary(path: Path) -> Vocabulary:
    """Read the merge table of a model that has its own; one that is not there, or no table, is a `WrongConfig`."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise WrongConfig(
            f"{path.name} is no table of merges ({error}); expected a heading and then two tokens a line."
        ) from error


@dataclass(frozen=True)
class Tokenizer:
    """Text to token ids.

    Attributes:
        spelling: how text becomes words.
        pad: the id that fills up to `length` tokens: 49407 for CLIP, 0 for open_clip.
        length: tokens of a padded text, start and end included.
        vocabulary: the ids.
    """

    spelling: Spelling = SD
    pad: int = END
    length: int = LENGTH
    vocabulary: Vocabulary = field(default_factory=clip_vocabulary)

    def ids(self, text: str) -> list[int]:
        """Return the ids of the whole text, without start and end."""
        return list(chain.from_iterable(map(self._word, self.spelling.split(text))))

    def padded(self, text: str) -> list[int]:
        """Return `length` ids: start, as much of the text as fits, end, padding."""
        room = self.length - 2
        content = self.ids(text)[:room]
        return [self.vocabulary.start, *content, self.vocabulary.end, *[self.pad] * (room - len(content))]

    def _word(self, word: str) -> Sequence[int]:
        special = self.spelling.special.get(word)
        if special is None:
            return merge(word, self.vocabulary)
        return (self.vocabulary.start if special == START else self.vocabulary.end,)


@lru_cache(maxsize=16_384)
def merge(word: str, vocabulary: Vocabulary) -> tuple[int, ...]:
    """Return the ids of one word: its bytes, merged pair by pair, the earliest pair of the table first.

    A pair that a merge brings about stands later in the table than that merge, so a queue ordered by merged id and
    place does what repeated passes over the word would do, in n log n steps.
    """
    merges = vocabulary.merges
    ids = [
        vocabulary.byte_ids[byte] for byte in word.encode(errors="replace")
    ]  # half a surrogate pair: JSON can hold one
    ids[-1] += 256
    count = len(ids)
    left, right = list(range(-1, count - 1)), list(range(1, count + 1))
    queue = [(merges[pair], place) for place, pair in enumerate(pairwise(ids)) if pair in merges]
    heapify(queue)
    while queue:
        merged, place = heappop(queue)
        neighbour = right[place]
        if neighbour == count or merges.get((ids[place], ids[neighbour])) != merged:
            continue  # one of the two has been merged since
        ids[place], ids[neighbour] = merged, _GONE
        right[place] = right[neighbour]
        if right[place] < count:
            left[right[place]] = place
        for first in (left[place], place):
            if first >= 0 and right[first] < count and (pair := (ids[first], ids[right[first]])) in merges:
                heappush(queue, (merges[pair], first))
    return tuple(token for token in ids if token != _GONE)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Vocabulary:
    with path.open(encoding="utf-8") as file:
        return _vocabulary(islice(file, 1, None))


def _vocabulary(lines: Iterable[str]) -> Vocabulary:
    """Number bytes and merges; ids grow in the order of the lines."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    # The file writes a byte as a character: printable ones as themselves, the others from U+0100 on.
    characters = [*map(chr, printable), *(chr(0x100 + i) for i in range(len(others)))]
    known = {name: i for i, name in enumerate([*characters, *(c + "</w>" for c in characters)])}
    merges: dict[tuple[int, int], int] = {}
    for line in lines:
        left, right = line.split()
        merges[known[left], known[right]] = known[left + right] = len(known)
    byte_ids = [0] * 256
    for token, byte in enumerate([*printable, *others]):
        byte_ids[byte] = token
    return Vocabulary(byte_ids, merges)
