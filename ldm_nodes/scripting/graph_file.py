"""Graphs from files, in whatever form people have them: JSON of either format, pictures, latents, locks, Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.catalogue import Catalogue
from ..engine.documents import read_document
from ..engine.errors import Problem, PromptRejected
from ..engine.json_text import read_json
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..engine.workflow import Workflow
from ..nodes import builtin_registry
from ..settings import IMAGE_SUFFIXES, SUFFIXES
from .source_reader import read_source

if TYPE_CHECKING:
    from ..imaging.metadata import Embedded

LOCK = "ldm_nodes_lock"
"""The key that a lock has; its graph stands beside it under `graph`."""
CARRIERS = IMAGE_SUFFIXES | SUFFIXES["latents"]
GRAPH_SUFFIXES = frozenset({".json"}) | CARRIERS


@dataclass(frozen=True)
class Found:
    """A graph that was found in a file and can be planned.

    Attributes:
        prompt: the graph in API format.
        notices: what was not certain when it was made of an editor's document.
    """

    prompt: Prompt
    notices: tuple[Problem, ...] = ()


def read_graph(path: Path, catalogue: Catalogue) -> Found:
    """Read a graph from a file: JSON in API format or of the editor, a file that carries one, or Python.

    Args:
        path: the file.
        catalogue: knows the node classes, which an editor's document takes for granted.

    Raises:
        PromptRejected: if the file cannot be read, is no graph, or has nodes whose values cannot be told.
    """
    return found_in(read_file(path), catalogue)


def found_in(document: Prompt | Workflow, catalogue: Catalogue) -> Found:
    """Return the graph that a document stands for.

    Raises:
        PromptRejected: if an editor's document has nodes whose values cannot be told.
    """
    if isinstance(document, Prompt):
        return Found(document)
    conversion = document.to_prompt(catalogue)
    return Found(conversion.checked(), conversion.notices)


def read_file(path: Path, registry: Registry | None = None, *, drawn_first: bool = False) -> Prompt | Workflow:
    """Read what a file holds, in the format in which it is.

    Args:
        path: the file.
        registry: the classes that Python source may use; default are all that this package ships.
        drawn_first: of a picture with both, take the editor's document, and not the prompt that was run.

    Raises:
        PromptRejected: if the file cannot be read or is no graph.
    """
    suffix = path.suffix.lower()
    if suffix == ".py":
        return read_source(read_text(path), registry or builtin_registry()).to_prompt()
    if suffix not in CARRIERS:
        data = read_json(read_bytes(path))
        return read_document(data["graph"] if isinstance(data, dict) and LOCK in data and "graph" in data else data)
    made = _carried(path)
    first, second = (made.workflow, made.prompt) if drawn_first else (made.prompt, made.workflow)
    found = second if first is None else first
    if found is None:
        message = f"{path} carries no graph"
        remedy = "Programs that re-compress pictures drop it; use the file as it was saved."
        raise PromptRejected((Problem("no_prompt", message, remedy=remedy),))
    return read_document(found)


def read_provenance(path: Path) -> Any:
    """Return what a picture or a latent tells of its making beside the graph; None where it is another file.

    Raises:
        PromptRejected: if the file cannot be read.
    """
    return _carried(path).provenance if path.suffix.lower() in CARRIERS else None


def _carried(path: Path) -> Embedded:
    """Return what a picture or a latent carries."""
    from ..imaging.latent_file import open_latent
    from ..imaging.metadata import embedded, read

    _check(path)
    try:
        return read(path) if path.suffix.lower() in IMAGE_SUFFIXES else embedded(open_latent(path)[1])
    except (ValueError, OSError) as error:
        raise PromptRejected((Problem("no_prompt", f"{path}: {error}"),)) from error


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


def read_text(path: Path) -> str:
    """Return the text in a file.

    Raises:
        PromptRejected: if it cannot be read, or is no text in UTF-8.
    """
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not text in UTF-8: {error.reason} at byte {error.start}"
        raise PromptRejected((Problem("no_prompt", message),)) from error
