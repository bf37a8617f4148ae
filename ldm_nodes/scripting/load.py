"""Graphs from wherever they are: a file, JSON in memory, a graph that is there already."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from ..engine.catalogue import Installed
from ..engine.documents import read_document
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..engine.workflow import Workflow
from ..settings import Folders
from .graph import Graph
from .graph_file import found_in, read_file

Source = Graph | Prompt | Mapping[str, Any] | str | PathLike[str]


def load_graph(source: Source, *, base_dir: str | PathLike[str] = ".", registry: Registry | None = None) -> Graph:
    """Return a graph to change or run.

    Args:
        source: a path: JSON in API format or of the editor, a picture or latent that carries a graph, or Python source
            as `ldm-nodes export` writes it (read, never executed); or JSON in memory, as a dictionary; or a graph.
        base_dir: the folder of `models/` and `input/`; an editor's document may need to know what is there.
        registry: the classes that there are; default are all that this package ships.

    Raises:
        PromptRejected: when there is no graph, or none that can be read.
    """
    if isinstance(source, Graph):
        return source
    known = Graph(registry).registry
    installed = Installed(known, Folders.under(Path(base_dir)))
    found = found_in(_document(source, known), installed)
    graph = Graph.of(found.prompt, known)
    graph.notices.extend(map(str, found.notices))
    return graph


def _document(source: Prompt | Mapping[str, Any] | str | PathLike[str], registry: Registry) -> Prompt | Workflow:
    if isinstance(source, str | PathLike):
        return read_file(Path(source), registry)
    return source if isinstance(source, Prompt) else read_document(source)
