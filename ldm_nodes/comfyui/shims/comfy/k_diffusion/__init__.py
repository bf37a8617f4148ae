"""`comfy.k_diffusion`: sigma-space samplers as functions. Start with `sampling.py`."""

from __future__ import annotations

from ...submodules import submodules_of

__getattr__ = submodules_of(__name__)
