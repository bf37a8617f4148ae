"""Nodes that put texts together, take them apart and compare them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from ..engine.errors import InputError
from ..engine.sockets import Boolean, Choice, Int, String
from ..engine.spec import node

Text = Annotated[str, String(multiline=True)]
LONGEST = 10_000_000
"""Characters that a text may have."""

CASES: Mapping[str, Callable[[str], str]] = {
    "UPPERCASE": str.upper,
    "lowercase": str.lower,
    "Capitalize": str.capitalize,
    "Title Case": str.title,
}
TRIMS: Mapping[str, Callable[[str], str]] = {"Both": str.strip, "Left": str.lstrip, "Right": str.rstrip}
COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "Starts With": str.startswith,
    "Ends With": str.endswith,
    "Equal": str.__eq__,
}


@node("StringConcatenate", category="utils/string", display_name="Concatenate")
def string_concatenate(string_a: Text, string_b: Text, delimiter: Annotated[str, String()] = "") -> str:
    """Put two texts together with a delimiter between them."""
    return delimiter.join((string_a, string_b))


@node("StringSubstring", category="utils/string", display_name="Substring")
def string_substring(string: Text, start: Annotated[int, Int()], end: Annotated[int, Int()]) -> str:
    """Take the characters from `start` up to but without `end`; negative places count from the end of the text."""
    return string[start:end]


@node("StringLength", category="utils/string", display_name="Length", outputs=("length",))
def string_length(string: Text) -> int:
    """Count the characters of a text."""
    return len(string)


@node("CaseConverter", category="utils/string", display_name="Case Converter")
def case_converter(string: Text, mode: Annotated[str, Choice(tuple(CASES))] = "UPPERCASE") -> str:
    """Write a text in large or small letters."""
    return CASES[mode](string)


@node("StringTrim", category="utils/string", display_name="Trim")
def string_trim(string: Text, mode: Annotated[str, Choice(tuple(TRIMS))] = "Both") -> str:
    """Take white space off the ends of a text."""
    return TRIMS[mode](string)


@node("StringReplace", category="utils/string", display_name="Replace")
def string_replace(string: Text, find: Text, replace: Text) -> str:
    """Replace one text by another wherever it stands."""
    if string.count(find) * len(replace) > LONGEST:
        raise InputError("replace", received=f"{len(replace):,} characters", expected="a text that stays short enough")
    return string.replace(find, replace)


@node("StringContains", category="utils/string", display_name="Contains", outputs=("contains",))
def string_contains(string: Text, substring: Text, case_sensitive: Annotated[bool, Boolean()] = True) -> bool:
    """Tell whether a text stands in another."""
    return substring in string if case_sensitive else substring.lower() in string.lower()


@node("StringCompare", category="utils/string", display_name="Compare")
def string_compare(
    string_a: Text,
    string_b: Text,
    mode: Annotated[str, Choice(tuple(COMPARISONS))] = "Starts With",
    case_sensitive: Annotated[bool, Boolean()] = True,
) -> bool:
    """Tell whether the first text starts with, ends with or equals the second."""
    a, b = (string_a, string_b) if case_sensitive else (string_a.lower(), string_b.lower())
    return COMPARISONS[mode](a, b)
