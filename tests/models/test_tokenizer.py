"""The tokenizer's own promises: padding, truncation, special tokens, and time linear in the length of a word."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.models.tokenizer import (
    COMFYUI,
    OPEN_CLIP,
    SD,
    Spelling,
    Tokenizer,
    clip_vocabulary,
    merge,
    read_vocabulary,
)


def test_padded_is_77_long_and_ends_in_padding() -> None:
    assert Tokenizer(SD).padded("") == [49406, *[49407] * 76]
    assert Tokenizer(OPEN_CLIP, pad=0).padded("") == [49406, 49407, *[0] * 75]


def test_long_text_keeps_its_first_75_tokens() -> None:
    tokenizer = Tokenizer(SD)
    ids = tokenizer.padded("cat " * 500)
    assert ids == [49406, *tokenizer.ids("cat") * 75, 49407]


@pytest.mark.parametrize(
    ("spelling", "text", "expected"),
    [
        (SD, "<|endoftext|>", [49407]),
        (SD, "<|STARTOFTEXT|>", [49406]),
        (COMFYUI, "<|endoftext|>", [49407]),
        (OPEN_CLIP, "<end_of_text>", [49407]),
    ],
)
def test_special_tokens_written_out(spelling: Spelling, text: str, expected: list[int]) -> None:
    assert Tokenizer(spelling).ids(text) == expected


def test_only_open_clip_takes_the_other_spelling_as_text() -> None:
    assert 49407 not in Tokenizer(OPEN_CLIP).ids("<|endoftext|>")
    assert 49407 not in Tokenizer(SD).ids("<end_of_text>")


@pytest.mark.parametrize("text", ["\ud83d", "\ud83d\ude00 \udfff", "\0"])
def test_broken_unicode_still_has_ids(text: str) -> None:
    for spelling in (SD, OPEN_CLIP, COMFYUI):
        assert all(0 <= token < 49408 for token in Tokenizer(spelling).ids(text))


def test_a_word_of_a_hundred_thousand_letters_takes_a_moment() -> None:
    word = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=100_000))
    start = time.perf_counter()
    assert len(merge(word, clip_vocabulary())) < len(word)
    assert time.perf_counter() - start < 5


def table(folder: Path, *merges: str) -> Path:
    path = folder / "model.merges.txt"
    path.write_text("\n".join(["#version: 0.2", *merges, ""]))
    return path


def test_a_vocabulary_of_its_own_numbers_its_merges_after_the_bytes(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(table(tmp_path, "a t</w>", "c at</w>"))
    tokenizer = Tokenizer(COMFYUI, pad=vocabulary.end, length=6, vocabulary=vocabulary)
    assert tokenizer.ids("cat at") == [513, 512]
    assert tokenizer.padded("cat") == [514, 513, 515, 515, 515, 515]
    assert tokenizer.padded("cat " * 9) == [514, 513, 513, 513, 513, 515]
    assert tokenizer.ids("<|startoftext|><|endoftext|>") == [514, 515]


def test_a_changed_vocabulary_is_read_again(tmp_path: Path) -> None:
    before = read_vocabulary(table(tmp_path, "a t</w>"))
    path = table(tmp_path, "a t</w>", "c at</w>")
    os.utime(path, ns=(0, 0))
    assert read_vocabulary(path).end == before.end + 1


@pytest.mark.parametrize("line", ["one", "a b c", "unknown tokens"])
def test_what_is_no_table_of_merges_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(WrongConfig, match=r"model\.merges\.txt is no table of merges"):
        read_vocabulary(table(tmp_path, line))
