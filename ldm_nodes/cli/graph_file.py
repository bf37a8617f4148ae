"""Graphs from files, and what is wrong with them in words and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine.errors import MISSING, Problem, PromptRejected, shown
from ..engine.prompt import Prompt


def read_graph(path: Path) -> Prompt:
    """Read an API-format graph from a JSON file.

    Raises:
        PromptRejected: if the file cannot be read or is no graph.
    """
    return Prompt.parse(_read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise PromptRejected((Problem("no_prompt", f"The graph {path} {reason}"),)) from error


def problems_text(error: PromptRejected) -> str:
    """List the problems of a rejected graph, one a line, for people."""
    return "\n".join(f"  • {problem}" for problem in error.problems)


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """List problems for programs."""
    return [
        {
            "code": problem.code,
            "node": problem.node_id,
            "title": problem.title,
            "class": problem.class_type,
            "input": problem.input_name,
            "message": str(problem),
            "received": None if problem.received is MISSING else shown(problem.received),
            "expected": problem.expected,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]
