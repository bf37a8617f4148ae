"""Regular expressions, worked out here or in a process of its own that can be stopped.

As a script it reads one question from standard input and writes the answer to standard output, both JSON. It imports
nothing of this package, so that it starts in a few milliseconds.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from itertools import islice
from typing import Any

MEMORY = 1 << 30
"""Bytes of address space that the process may take, where the system knows such a limit."""


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{"result": …}`, or `{"bad": why}` for what is no regular expression.

    Args:
        question: `task` (`match`, `extract` or `replace`), `pattern`, `flags`, `text`, and what the task takes.
    """
    try:
        pattern = re.compile(question["pattern"], question["flags"])
        return {"result": TASKS[question["task"]](pattern, question)}
    except (re.error, RecursionError, OverflowError, IndexError) as error:
        return {"bad": str(error)}
    except MemoryError:
        return {"bad": "it takes more memory than there is"}


def _match(pattern: re.Pattern[str], question: Mapping[str, Any]) -> bool:
    return pattern.search(question["text"]) is not None


def _replace(pattern: re.Pattern[str], question: Mapping[str, Any]) -> str:
    return pattern.sub(question["replace"], question["text"], count=question["count"])


def _extract(pattern: re.Pattern[str], question: Mapping[str, Any]) -> str:
    return "\n".join(_found(pattern, question["text"], question["mode"], question["group"]))


def _found(pattern: re.Pattern[str], text: str, mode: str, group: int) -> list[str]:
    """Return what `mode` looks for; of all matches of a pattern with groups the first group, as ComfyUI does."""
    if mode == "All Matches":
        return [found[0] if isinstance(found, tuple) else found for found in pattern.findall(text)]
    if mode == "First Match":
        group = 0
    elif group > pattern.groups or (mode == "All Groups" and not pattern.groups):
        return []
    matches = pattern.finditer(text)
    return [match.group(group) or "" for match in (matches if mode == "All Groups" else islice(matches, 1))]


TASKS = {"match": _match, "extract": _extract, "replace": _replace}


def _bound_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    _bound_memory()
    json.dump(answer(json.load(sys.stdin)), sys.stdout)
