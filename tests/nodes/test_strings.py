"""Texts and primitives: each node does what the method of Python's strings that it stands for does."""

from __future__ import annotations

import pytest
import torch

from ldm_nodes.engine.errors import InputError
from ldm_nodes.nodes import primitives, showing, strings


def test_a_value_is_held() -> None:
    assert primitives.primitive_int(2**62) == 2**62
    assert primitives.primitive_float(0.25) == 0.25
    assert primitives.primitive_string("fox") == "fox"
    assert primitives.primitive_string_multiline("a\nfox") == "a\nfox"
    assert primitives.primitive_boolean(True) is True
    assert primitives.primitive_int.spec.inputs["value"].field.options()["min"] == -(2**63) + 1


def test_texts_are_joined_and_cut() -> None:
    assert strings.string_concatenate("red", "fox", ", ") == "red, fox"
    assert strings.string_substring("a red fox", 2, -4) == "red"
    assert strings.string_length("füchse") == 6
    assert strings.string_trim("  fox ", "Left") == "fox "
    assert [strings.string_trim(" x ", mode) for mode in strings.TRIMS] == ["x", "x ", " x"]
    assert [strings.case_converter("a rEd fox", mode) for mode in strings.CASES] == [
        "A RED FOX", "a red fox", "A red fox", "A Red Fox",
    ]  # fmt: skip
    assert strings.string_replace("fox, fox", "fox", "wolf") == "wolf, wolf"


def test_texts_are_compared() -> None:
    assert strings.string_contains("A Fox", "fox") is False
    assert strings.string_contains("A Fox", "fox", case_sensitive=False) is True
    assert [strings.string_compare("Foxglove", "fox", mode, False) for mode in strings.COMPARISONS] == [
        True, False, False,
    ]  # fmt: skip
    assert strings.string_compare("Foxglove", "glove", "Ends With")
    assert strings.string_compare("fox", "FOX", "Equal", case_sensitive=False)


def test_no_text_grows_without_end() -> None:
    with pytest.raises(InputError, match=r"100,000 characters"):
        strings.string_replace("a" * 1000, "a", "b" * 100_000)


@pytest.mark.parametrize(
    ("value", "text"),
    [("fox", "fox"), (7, "7"), (0.5, "0.5"), (True, "True"), (None, "null"), ({"a": [1, 2]}, '{"a": [1, 2]}'),
     (torch.tensor([1.0]), "tensor([1.])")],
)  # fmt: skip
def test_any_value_is_shown(value: object, text: str) -> None:
    assert showing.preview_any(value).ui == {"text": [text]}


def test_long_values_are_shown_in_part() -> None:
    (text,) = showing.preview_any("x" * 200_000).ui["text"]
    assert len(text) < 100_100
    assert text.endswith("(200,000 characters)")
