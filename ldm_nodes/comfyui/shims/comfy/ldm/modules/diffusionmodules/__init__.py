"""`comfy.ldm.modules.diffusionmodules`: start with `openaimodel.py`."""

from __future__ import annotations

from .....submodules import submodules_of

__getattr__ = submodules_of(__name__)
