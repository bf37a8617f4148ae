"""Latent diffusion as a graph of typed nodes.

    from ldm_nodes import Graph, load_graph, run

    result = run("graphs/txt2img.json")

Start with `scripting/graph.py` for graphs in Python, `cli/__init__.py` for what a user can do, `engine/__init__.py` for
how a graph runs, `nodes/__init__.py` for the catalogue of nodes and `models/latent_diffusion.py` for the mathematics
under them. Importing this package does nothing; the names below are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .scripting.graph import Graph
    from .scripting.load import load_graph
    from .scripting.result import Result
    from .scripting.session import Session, run

__version__ = "0.1.0"
__all__ = ["Graph", "Result", "Session", "load_graph", "run"]

_HOMES = {"Graph": "graph", "Result": "result", "Session": "session", "load_graph": "load", "run": "session"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    return getattr(import_module(f".scripting.{_HOMES[name]}", __name__), name)
