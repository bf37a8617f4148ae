"""`comfy`: start with `utils.py`; every module stands where packs look for it."""

from __future__ import annotations

from ..submodules import submodules_of

__getattr__ = submodules_of(__name__)
