"""`comfy_execution`: blockers, graph builders and the graph as it runs. Start with `graph_utils.py`."""

from __future__ import annotations

from ..submodules import submodules_of

__getattr__ = submodules_of(__name__)
