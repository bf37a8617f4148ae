"""What is said of graphs that were read from files, and of what is wrong with them, in words and for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine.errors import MISSING, Problem, PromptRejected, shown
from ..scripting.graph_file import Found


def print_notices(path: Path, graph: Found) -> None:
    """Tell on standard error what was not certain about a graph that can run."""
    for notice in graph.notices:
        print(f"{path}: {notice}", file=sys.stderr)


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
