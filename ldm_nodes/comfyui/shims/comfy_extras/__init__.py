"""`comfy_extras`: nodes of ours in the modules from which packs borrow ComfyUI's. Start with `nodes_mask.py`."""

from __future__ import annotations

from ..submodules import submodules_of

__getattr__ = submodules_of(__name__)
