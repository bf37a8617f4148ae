"""Graphs from files, with inputs replaced from the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..engine.errors import Problem, PromptRejected, shown
from ..engine.json_text import read_json
from ..engine.prompt import Prompt


def read_graph(path: Path, overrides: Sequence[str] = ()) -> Prompt:
    """Read an API-format graph and replace inputs.

    Args:
        path: a JSON file.
        overrides: `NODE.INPUT=VALUE` each; VALUE is JSON where it can be read as such, else text.

    Raises:
        PromptRejected: if the file cannot be read, is no graph, or an override names what is not there.
    """
    data = read_json(_read(path))
    if overrides and isinstance(data, dict):
        data = _with_overrides(data, overrides)
    return Prompt.parse(data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise PromptRejected((Problem("no_prompt", f"The graph {path} {reason}"),)) from error


def _with_overrides(data: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """Return a copy of the graph with the overrides in place; all that are wrong are told at once."""
    changed = {node_id: {**node, "inputs": dict(node.get("inputs", {}))} for node_id, node in data.items()}
    problems = []
    for override in overrides:
        target, equals, value = override.partition("=")
        node_id, _, name = target.rpartition(".")
        if problem := _wrong_override(changed, override, node_id, name, bool(equals)):
            problems.append(problem)
        else:
            changed[node_id]["inputs"][name] = _value(value)
    if problems:
        raise PromptRejected(tuple(problems))
    return changed


def _wrong_override(data: dict[str, Any], override: str, node_id: str, name: str, complete: bool) -> Problem | None:
    if not (complete and node_id and name):
        return Problem(
            "invalid_override",
            "An override cannot be read",
            received=override,
            expected="NODE.INPUT=VALUE, as 3.seed=7",
        )
    if node_id not in data:
        nodes = ", ".join(f"{key} ({node.get('class_type', '?')})" for key, node in list(data.items())[:12])
        return Problem(
            "invalid_override", "An override names a node that the graph does not have", received=override,
            expected=f"one of {nodes}",
        )  # fmt: skip
    return None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


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
            "received": shown(problem.received),
            "expected": problem.expected,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]
