"""Graphs from files, and what is wrong with them in words and for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..engine.catalogue import Catalogue
from ..engine.documents import read_document
from ..engine.errors import MISSING, Problem, PromptRejected, shown
from ..engine.prompt import Prompt
from ..engine.workflow import Workflow
from ..settings import IMAGE_SUFFIXES, SUFFIXES

GRAPH_SUFFIXES = frozenset({".json"}) | IMAGE_SUFFIXES | SUFFIXES["latents"]


@dataclass(frozen=True)
class Graph:
    """A graph that can be planned.

    Attributes:
        prompt: the graph in API format.
        notices: what was not certain when it was made of an editor's document.
    """

    prompt: Prompt
    notices: tuple[Problem, ...] = ()


def read_graph(path: Path, catalogue: Catalogue) -> Graph:
    """Read a graph from a file: JSON in API format or of the editor, or a picture or latent that carries one.

    Args:
        path: the file.
        catalogue: knows the node classes, which an editor's document takes for granted.

    Raises:
        PromptRejected: if the file cannot be read, is no graph, or has nodes whose values cannot be told.
    """
    document = read_file(path)
    if isinstance(document, Prompt):
        return Graph(document)
    conversion = document.to_prompt(catalogue)
    return Graph(conversion.checked(), conversion.notices)


def read_file(path: Path, *, drawn_first: bool = False) -> Prompt | Workflow:
    """Read what a file holds, in the format in which it is.

    Args:
        path: the file.
        drawn_first: of a picture with both, take the editor's document, and not the prompt that was run.

    Raises:
        PromptRejected: if the file cannot be read or is no graph.
    """
    suffix = path.suffix.lower()
    if suffix not in IMAGE_SUFFIXES | SUFFIXES["latents"]:
        return read_document(read_bytes(path))
    prompt, workflow = _carried(path, suffix in IMAGE_SUFFIXES)
    first, second = (workflow, prompt) if drawn_first else (prompt, workflow)
    found = second if first is None else first
    if found is None:
        message = f"{path} carries no graph"
        remedy = "Programs that re-compress pictures drop it; use the file as it was saved."
        raise PromptRejected((Problem("no_prompt", message, remedy=remedy),))
    return read_document(found)


def _carried(path: Path, is_picture: bool) -> tuple[Any, Any]:
    """Return the prompt and the document that a picture or a latent carries."""
    from ..imaging.latent_file import open_latent
    from ..imaging.metadata import embedded, read

    _check(path)
    try:
        made = read(path) if is_picture else embedded(open_latent(path)[1])
    except (ValueError, OSError) as error:
        raise PromptRejected((Problem("no_prompt", f"{path}: {error}"),)) from error
    return made.prompt, made.workflow


def _check(path: Path) -> None:
    if not path.is_file():
        raise PromptRejected((Problem("no_prompt", f"The graph {path} does not exist"),))


def read_bytes(path: Path) -> bytes:
    """Return what is in a file.

    Raises:
        PromptRejected: if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise PromptRejected((Problem("no_prompt", f"The graph {path} {reason}"),)) from error


def print_notices(path: Path, graph: Graph) -> None:
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
