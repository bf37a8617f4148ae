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
    from .engine.context import CancelToken
    from .engine.errors import Cancelled, NodeFailed, PromptRejected
    from .scripting.graph import Graph
    from .scripting.load import load_graph
    from .scripting.result import Result
    from .scripting.session import Session, run

__version__ = "0.1.0"
__all__ = [
    "CancelToken",
    "Cancelled",
    "Graph",
    "NodeFailed",
    "PromptRejected",
    "Result",
    "Session",
    "load_graph",
    "run",
]

_HOMES = {
    ".engine.context": ("CancelToken",),
    ".engine.errors": ("Cancelled", "NodeFailed", "PromptRejected"),
    ".scripting.graph": ("Graph",),
    ".scripting.load": ("load_graph",),
    ".scripting.result": ("Result",),
    ".scripting.session": ("Session", "run"),
}


_PACK = ("NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS")
"""What ComfyUI looks for where this package is one of its node packs."""


def __getattr__(name: str) -> Any:
    if name in _PACK:
        return import_module(".comfyui.guest", __name__).mappings()[_PACK.index(name)]
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module, __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
