"""`comfy.ldm.modules.diffusionmodules.util`: what the parts of networks share."""

from __future__ import annotations

from .......models.blocks import timestep_embedding

__all__ = ["timestep_embedding"]
