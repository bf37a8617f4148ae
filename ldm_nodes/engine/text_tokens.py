r"""What the editor does to texts before it sends them: comments, random choices, dates and values of other fields."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

Choose = Callable[[Sequence[str]], str]

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_PIECE = re.compile(r"\\[{|}]|[{|}]|[^\\{|}]+|\\")
_ESCAPED = frozenset({r"\{", r"\|", r"\}"})
_TOKEN = re.compile(r"%([^%]+)%")
_DATE_PART = re.compile(r"yyyy|yy|dd?|MM?|hh?|mm?|ss?")
_UNFIT = re.compile(r'[/?<>\\:*|"\x00-\x1f\x7f]')


def drawn(text: str, choose: Choose) -> str:
    r"""Take comments out and replace every `{a|b|c}`, from the inside out, by what `choose` takes of it.

    Example:
        >>> drawn("a {red|{light|dark} blue} cat, \\{kept\\} // or a dog", lambda choices: choices[-1])
        'a dark blue cat, {kept} '
    """
    levels: list[list[list[str]]] = [[[]]]  # open braces, the alternatives of each, the pieces of each
    for piece in _PIECE.findall(_COMMENT.sub("", text)):
        if piece == "{":
            levels.append([[]])
        elif piece == "|" and len(levels) > 1:
            levels[-1].append([])
        elif piece == "}" and len(levels) > 1:
            choice = choose(["".join(pieces) for pieces in levels.pop()])
            levels[-1][-1].append(choice)
        else:
            levels[-1][-1].append(piece[1:] if piece in _ESCAPED else piece)
    return "{".join("|".join("".join(pieces) for pieces in level) for level in levels)


def replaced(text: str, lookup: Callable[[str, str], Any], now: datetime) -> str:
    """Replace `%date:yyyy-MM-dd%`, and `%Node.field%` by the value of that field where `lookup` finds one.

    Example:
        >>> replaced("%date:yyyy-MM-dd%/%Sampler.seed%_%width%", lambda node, name: 7, datetime(2024, 3, 9))
        '2024-03-09/7_%width%'
    """

    def value(match: re.Match[str]) -> str:
        token = match[1]
        if token.startswith("date:"):
            return _dated(token.removeprefix("date:"), now)
        node, dot, name = token.partition(".")
        found = lookup(node, name) if dot else None
        return match[0] if found is None else _UNFIT.sub("_", spelled(found))

    return _TOKEN.sub(value, text)


def spelled(value: Any) -> str:
    """Return a value as JavaScript writes it, in which there is but one kind of number.

    Example:
        >>> spelled(8.0), spelled(1e-05), spelled(1e-07), spelled(1e21), spelled(True), spelled([1.5])
        ('8', '0.00001', '1e-7', '1e+21', 'true', '[1.5]')
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, float):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if not value or 1e-6 <= abs(value) < 1e21:
        return f"{Decimal(repr(value or 0.0)).normalize():f}"
    return re.sub(r"e([+-])0", r"e\1", repr(value))


def _dated(pattern: str, now: datetime) -> str:
    year = f"{now.year:04}"
    parts = {"d": now.day, "M": now.month, "h": now.hour, "m": now.minute, "s": now.second}

    def part(match: re.Match[str]) -> str:
        letters = match[0]
        return year[-len(letters) :] if letters[0] == "y" else f"{parts[letters[0]]:0{len(letters)}}"

    return _DATE_PART.sub(part, pattern)
