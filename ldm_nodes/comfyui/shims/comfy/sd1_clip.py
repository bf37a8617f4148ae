"""`comfy.sd1_clip`: text towers and tokens as packs know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from torch import Tensor

from ....models.prompt import parse_weights
from ....models.tokenizer import Vocabulary

if TYPE_CHECKING:
    from ....models.text_reader import TextReader
    from .sd import CLIP

Tokens = dict[str, list[list[tuple[Any, ...]]]]
"""By tower: chunks of 77 `(token, weight)`, or with the number of the word as a third."""
BYTES = 256


class SDTokenizer:
    """What cuts texts for one tower."""

    def __init__(self, reader: TextReader, folders: Sequence[Any]) -> None:
        self._reader, self._folders = reader, folders
        vocabulary, config = reader.vocabulary, reader.tower.config
        self.start_token, self.end_token, self.pad_token = vocabulary.start, vocabulary.end, config.pad_token
        self.max_length, self.pad_with_end = config.max_length, config.pad_token == vocabulary.end
        self.embedding_size, self.embedding_key = config.hidden_size, f"clip_{reader.name}"
        self.embedding_directory = [str(folder) for folder in folders]

    def tokenize_with_weights(self, text: str, return_word_ids: bool = False, **kwargs: Any) -> list[list[Any]]:
        """Return weighted tokens in chunks."""
        chunks = self._reader.chunks(text, self._folders, lambda message: None)
        if not return_word_ids:
            return [list(chunk) for chunk in chunks]
        words = _WordNumbers(self._reader.vocabulary)
        return [[(token, weight, words.of(token)) for token, weight in chunk] for chunk in chunks]


class _WordNumbers:
    """Numbers tokens by the words that they belong to, from 1; 0 is what belongs to none."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary, self._word, self._inside = vocabulary, 0, False

    def of(self, token: Any) -> int:
        """Return the number of the next token's word."""
        if isinstance(token, int) and (token >= self._vocabulary.start or token == 0):
            self._inside = False
            return 0
        self._word += not self._inside
        self._inside = isinstance(token, int) and token not in _endings(self._vocabulary)
        return self._word


@lru_cache(maxsize=4)
def _endings(vocabulary: Vocabulary) -> frozenset[int]:
    """Return the tokens that end a word."""
    ends = set(range(BYTES, 2 * BYTES))
    for (_, second), merged in sorted(vocabulary.merges.items(), key=lambda item: item[1]):
        if second in ends:
            ends.add(merged)
    return frozenset(ends)


class TokenizerFace:
    """What cuts texts for all towers; `clip_l`, `clip_g` and `clip_h` are those of one."""

    def __init__(self, clip: CLIP) -> None:
        self._parts = {reader.name: SDTokenizer(reader, clip.own.folders) for reader in clip.own.readers}

    def __getattr__(self, name: str) -> SDTokenizer:
        part = vars(self).get("_parts", {}).get(name.removeprefix("clip_"))
        if part is None or not name.startswith("clip_"):
            raise AttributeError(f"This text encoder has no tokenizer {name!r}.")
        found: SDTokenizer = part
        return found

    def tokenize_with_weights(self, text: str, return_word_ids: bool = False, **kwargs: Any) -> Tokens:
        """Return weighted tokens in chunks for each tower."""
        return {name: part.tokenize_with_weights(text, return_word_ids) for name, part in self._parts.items()}


class SDClipModel:
    """One tower."""

    def __init__(self, clip: CLIP, reader: TextReader) -> None:
        self._clip, self._reader = clip, reader
        self.transformer = reader.running
        self.num_layers = reader.tower.config.layers
        self.layer, self.layer_idx = "last" if reader.layer is None else "hidden", reader.layer
        self.special_tokens = {"start": reader.vocabulary.start, "end": reader.vocabulary.end}

    def encode_token_weights(self, token_weight_pairs: Sequence[Sequence[tuple[Any, ...]]]) -> tuple[Tensor, Tensor]:
        """Return the context (1, T, D) and the pooled vector (1, P) of chunks."""
        from dataclasses import replace

        alone = replace(self._clip.own, readers=(self._reader,))
        return alone.encode_chunks({self._reader.name: plain(token_weight_pairs)})

    def clip_layer(self, layer_idx: int) -> None:
        """Take all towers' contexts from an earlier block."""
        self._clip.clip_layer(layer_idx)

    def set_clip_options(self, options: Mapping[str, Any]) -> None:
        """Take options; see `CondStage`."""
        CondStage(self._clip).set_clip_options(options)

    def reset_clip_options(self) -> None:
        """Do nothing: what was changed belongs to a clone."""


class CondStage:
    """All towers of a text encoder; `clip_l`, `clip_g` and `clip_h` are single ones."""

    def __init__(self, clip: CLIP) -> None:
        self._clip = clip

    def __getattr__(self, name: str) -> SDClipModel:
        clip: Any = vars(self).get("_clip")
        for reader in clip.own.readers if clip is not None else ():
            if name == f"clip_{reader.name}":
                return SDClipModel(clip, reader)
        raise AttributeError(f"This text encoder has no tower {name!r}.")

    @property
    def clip(self) -> str:
        """The name of the first tower."""
        return f"clip_{self._clip.own.readers[0].name}"

    def encode_token_weights(self, tokens: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
        """Return the context (1, T, D) and the pooled vector (1, P)."""
        return self._clip.own.encode_chunks({name: plain(chunks) for name, chunks in tokens.items()})

    def set_clip_options(self, options: Mapping[str, Any]) -> None:
        """Take the context from another block: `{"layer": -2}`; other options are those that we have always."""
        if options.get("layer") is not None:
            self._clip.clip_layer(int(options["layer"]))

    def reset_clip_options(self) -> None:
        """Do nothing: what was changed belongs to a clone."""

    def parameters(self) -> Iterator[Any]:
        """Yield the towers' weights."""
        for reader in self._clip.own.readers:
            yield from reader.tower.parameters()

    def to(self, device: Any) -> CondStage:
        """Return it; towers stay where they run."""
        return self


def plain(chunks: Sequence[Sequence[tuple[Any, ...]]]) -> list[list[tuple[Any, float]]]:
    """Return chunks without the numbers of words."""
    return [[(entry[0], float(entry[1])) for entry in chunk] for chunk in chunks]


def gen_empty_tokens(special_tokens: Mapping[str, Any], length: int) -> list[int]:
    """Return the tokens of an empty text."""
    start, end, pad = special_tokens.get("start"), special_tokens.get("end"), special_tokens.get("pad")
    given = [token for token in (start, end) if token is not None]
    return [*given, *[pad if pad is not None else end or 0] * (length - len(given))]


def escape_important(text: str) -> str:
    r"""Put marks in the place of brackets that are meant as such, `\(`."""
    return text.replace("\\)", "\0\1").replace("\\(", "\0\2")


def unescape_important(text: str) -> str:
    """Put brackets in the place of marks; see `escape_important`."""
    return text.replace("\0\1", ")").replace("\0\2", "(")


def token_weights(string: str, current_weight: float) -> list[tuple[str, float]]:
    """Return the parts of a prompt with their weights."""
    return [(part.text, part.weight * current_weight) for part in parse_weights(string)]


class ClipTokenWeightEncoder:
    """A base of packs' own text encoders."""


class SD1Tokenizer(TokenizerFace):
    """What cuts texts for Stable Diffusion 1."""


class SD1ClipModel(CondStage):
    """The tower of Stable Diffusion 1."""
