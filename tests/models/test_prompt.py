"""The prompt syntax case by case, its limits, and the packing into chunks."""

from __future__ import annotations

import time
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from ldm_nodes.models.prompt import Chunk, Segment, pack, parse_weights, tokenize
from ldm_nodes.models.tokenizer import COMFYUI, Tokenizer

TOKENIZER = Tokenizer(COMFYUI)
DEEP = 100_000


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (cat)", [("a ", 1.0), ("cat", 1.1)]),
        ("((cat))", [("cat", 1.1 * 1.1)]),
        ("(cat:1.5)", [("cat", 1.5)]),
        ("(a (b:0.5) c:2)", [("a ", 2.0), ("b", 0.5), (" c", 2.0)]),
        ("(a (b))", [("a ", 1.1), ("b", 1.1 * 1.1)]),
        ("(a:b:1.5)", [("a:b", 1.5)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("(:1.5)", [(":1.5", 1.1)]),
        ("(a: 1e-1 )", [("a", 0.1)]),
        ("(a:-2)", [("a", -2.0)]),
        ("(a:inf)", [("a", float("inf"))]),
        ("()", []),
        ("(", [("(", 1.0)]),
        (")(", [(")(", 1.0)]),
        ("[a] {b}", [("[a] {b}", 1.0)]),
        (r"\(a\)", [("(a)", 1.0)]),
        (r"(a\):1.5)", [("a)", 1.5)]),
        (r"(a\)", [("(a)", 1.0)]),
        (r"\\(a)", [("\\(a)", 1.0)]),
        ("a) (b", [("a) (b", 1.0)]),
        ("a) (b) c", [("a) (b) c", 1.0)]),
        ("(a (b:1.5)", [("a ", 1.5), ("(b", 1.5)]),
        ("a (b", [("a ", 1.0), ("(b", 1.0)]),
    ],
)
def test_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert parse_weights(prompt) == [Segment(text, weight) for text, weight in expected]


@pytest.mark.parametrize(
    "prompt",
    [
        "(" * DEEP,
        ")" * DEEP,
        "(" * DEEP + "a" + ")" * DEEP,
        "(" * DEEP + "a" + ":1.1)" * DEEP,
        "(" * DEEP + "a:1" + ")" * (DEEP - 1),
        "(a:1" * DEEP,
        "(" + ":" * DEEP + ")",
    ],
)
def test_a_hundred_thousand_brackets_take_a_moment(prompt: str) -> None:
    start = time.perf_counter()
    segments = parse_weights(prompt)
    assert time.perf_counter() - start < 10
    assert sum(len(segment.text) for segment in segments) <= len(prompt)


@given(st.text(alphabet="()\\:1. ab"))
def test_no_word_is_lost_or_moved(prompt: str) -> None:
    kept = "".join(segment.text for segment in parse_weights(prompt))
    assert [letter for letter in kept if letter in "ab"] == [letter for letter in prompt if letter in "ab"]


@given(st.text(alphabet="()\\ ab"))
def test_escaped_text_is_taken_literally(text: str) -> None:
    literal = text.replace("\\", "")
    escaped = literal.replace("(", "\\(").replace(")", "\\)")
    assert parse_weights(escaped) == ([Segment(literal, 1.0)] if literal else [])


def group(size: int, token: int = 7) -> Chunk:
    return [(token, 1.0)] * size


def contents(chunks: list[Chunk]) -> list[list[int]]:
    """Return the tokens between start and end."""
    ids = [[int(token) for token, _ in chunk] for chunk in chunks]
    assert all(len(row) == 77 and row[0] == 49406 for row in ids)
    return [row[1 : row.index(49407)] for row in ids]


def test_an_empty_prompt_is_one_chunk() -> None:
    assert contents(pack([], pad=49407)) == [[]]
    assert pack([], pad=0) == [[(49406, 1.0), (49407, 1.0), *[(0, 1.0)] * 75]]


def test_75_tokens_fill_a_chunk_and_open_no_other() -> None:
    assert contents(pack([group(75)], pad=0)) == [[7] * 75]


def test_seven_tokens_move_whole_and_eight_are_cut() -> None:
    assert contents(pack([group(70), group(7, 8)], pad=0)) == [[7] * 70, [8] * 7]
    assert contents(pack([group(70), group(8, 8)], pad=0)) == [[7] * 70 + [8] * 5, [8] * 3]


def test_a_long_group_runs_through_many_chunks() -> None:
    assert [len(chunk) for chunk in contents(pack([group(200)], pad=0))] == [75, 75, 50]


VECTORS = torch.arange(6.0).reshape(3, 2)


def read(prompt: str) -> tuple[list[Any], list[str]]:
    """Return the tokens of the first chunk, vectors as lists, and the names that were looked up."""
    names: list[str] = []

    def lookup(name: str) -> Tensor | None:
        names.append(name)
        return VECTORS if name.startswith("known") else None

    chunk = tokenize(prompt, TOKENIZER, lookup)[0]
    tokens = [token.tolist() if isinstance(token, Tensor) else token for token, _ in chunk]
    return tokens[1 : tokens.index(49407)], names


A, COMMA = TOKENIZER.ids("a")[0], TOKENIZER.ids(",")[0]
ROWS = VECTORS.tolist()


@pytest.mark.parametrize(
    ("prompt", "tokens", "names"),
    [
        ("embedding:known", ROWS, ["known"]),
        ("a embedding:known a", [A, *ROWS, A], ["known"]),
        ("a\nembedding:known\na", [A, *ROWS, A], ["known"]),
        ("embedding:known, a", [*ROWS, COMMA, A], ["known"]),
        ("embedding:known/v2.pt", ROWS, ["known/v2.pt"]),
        ("embedding:known embedding:known", [*ROWS, *ROWS], ["known", "known"]),
        ("embedding:absent, a", [COMMA, A], ["absent"]),
        ("embedding:", [], [""]),
    ],
)
def test_embeddings_take_the_place_of_their_names(prompt: str, tokens: list[Any], names: list[str]) -> None:
    assert read(prompt) == (tokens, names)


def test_an_embedding_inside_a_word_is_plain_text() -> None:
    tokens, names = read("xembedding:known")
    assert names == []
    assert tokens == TOKENIZER.ids("xembedding:known")


def test_an_embedding_has_the_weight_of_its_group() -> None:
    chunk = tokenize("(embedding:known:1.3)", TOKENIZER, lambda _: VECTORS)[0]
    assert [weight for _, weight in chunk[:5]] == [1.0, 1.3, 1.3, 1.3, 1.0]
