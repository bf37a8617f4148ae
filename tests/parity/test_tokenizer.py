"""Token ids against the research code's, open_clip's and both of transformers' tokenizers."""

from __future__ import annotations

import gzip
import os
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.models.tokenizer import COMFYUI, OPEN_CLIP, SD, VOCABULARY, Spelling, Tokenizer
from tests import golden

CASE = golden.load("10_tokenizer", "clip_bpe")
PROMPTS = CASE.manifest["prompts"]

# Combining marks stay out: the order of the newest ones differs between Unicode versions.
words = st.text(st.characters(codec="latin-1") | st.characters(exclude_categories=["C", "M"]), max_size=12)
phrases = st.lists(
    st.one_of(
        words, st.sampled_from(["photograph", "don't", "CAN'T", "3.14", "<|endoftext|>", "ΟΔΟΣ", "東京", "🎨", "é"])
    ),
    max_size=8,
).map(" ".join)


@pytest.mark.parametrize("row", range(len(PROMPTS)))
@pytest.mark.parametrize(
    ("expected", "spelling", "pad"),
    [("ids_sd", SD, 49407), ("ids_open_clip", OPEN_CLIP, 0), ("ids_fast", COMFYUI, 49407)],
)
def test_ids_equal_the_originals(expected: str, spelling: Spelling, pad: int, row: int) -> None:
    assert Tokenizer(spelling, pad).padded(PROMPTS[row]) == CASE.tensors[expected][row].tolist()


@pytest.fixture(scope="module")
def peer() -> Any:
    """Return transformers' tokenizer over the same merge table, its vocabulary written down independently."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers import CLIPTokenizer

    with gzip.open(VOCABULARY, "rt", encoding="utf-8") as file:
        merges = [tuple(line.split()) for line in islice(file, 1, 48895)]
    ordered = [*range(33, 127), *range(161, 173), *range(174, 256)]
    ordered += [byte for byte in range(256) if byte not in ordered]
    single = [chr(byte) if rank < 188 else chr(256 + rank - 188) for rank, byte in enumerate(ordered)]
    tokens = [*single, *(c + "</w>" for c in single), *map("".join, merges), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={token: i for i, token in enumerate(tokens)}, merges=merges)


@settings(max_examples=300, deadline=None)
@given(text=phrases)
def test_comfyui_spelling_equals_transformers(peer: Any, text: str) -> None:
    assert Tokenizer(COMFYUI).ids(text) == peer(text)["input_ids"][1:-1]


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_the_spellings_agree_on_plain_ascii(text: str) -> None:
    plain = text.replace("&", "and")  # the beginning of an HTML entity
    assert Tokenizer(SD).ids(plain) == Tokenizer(COMFYUI).ids(plain)
