"""Strict JSON text: what a graph may be written in, with a clear word about what it may not."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from .errors import Problem, PromptRejected

MAX_CHARACTERS = 100 << 20
MAX_DEPTH = 64
MAX_BITS = 1024
"""Whole numbers stay below the largest finite float, 2**1024."""


def read_json(text: str | bytes) -> Any:
    """Return the value that the JSON text stands for.

    `NaN`, `Infinity` and numbers beyond the range of floats (`1e400`) come through as floats that are not finite:
    whoever knows which input they stand in says so.

    Raises:
        PromptRejected: when the text is not JSON, is too long or too deep, or names one key of an object twice.
    """
    if len(text) > MAX_CHARACTERS:
        raise rejection(f"The JSON text is longer than {MAX_CHARACTERS >> 20} MiB", "Split the graph.")
    doubles: list[str] = []
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        value = json.loads(decoded, object_pairs_hook=lambda pairs: _object(pairs, doubles))
    except UnicodeDecodeError as error:
        raise rejection(f"The file is not text in UTF-8: {error.reason} at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise rejection(f"The text is not JSON: {error}") from error
    except RecursionError as error:
        raise rejection("The JSON text is nested too deeply", f"At most {MAX_DEPTH} levels are of use.") from error
    except ValueError as error:
        raise rejection(f"The JSON text holds a number with too many digits: {error}") from error
    if doubles:
        raise PromptRejected(tuple(_double(key) for key in dict.fromkeys(doubles)))
    return value


def rejection(message: str, remedy: str = "") -> PromptRejected:
    """Return the exception for a text of which nothing can be used."""
    return PromptRejected((Problem("invalid_json", message, remedy=remedy),))


def too_deep(value: Any) -> bool:
    """Say whether lists and objects lie within each other more than `MAX_DEPTH` deep."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def not_finite(value: Any) -> bool:
    """Say whether a number in `value`, at any depth, is NaN, infinite or too large for a float."""
    if isinstance(value, str | bool):
        return False
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, float) and not math.isfinite(item):
            return True
        if isinstance(item, int) and item.bit_length() > MAX_BITS:
            return True
        pending.extend(_children(item))
    return False


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _object(pairs: list[tuple[str, Any]], doubles: list[str]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        doubles.extend(key for key, count in counts.items() if count > 1)
    return found


def _double(key: str) -> Problem:
    return Problem(
        "invalid_json",
        f"The key {key!r} stands twice in one object",
        expected="every key once",
        remedy="If it is a node id, give one of the two nodes another one.",
    )
