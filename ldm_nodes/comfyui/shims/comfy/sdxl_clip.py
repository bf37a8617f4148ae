"""`comfy.sdxl_clip`: SDXL's text towers, for tests of types."""

from __future__ import annotations

from .sd1_clip import CondStage, SDClipModel, TokenizerFace


class SDXLTokenizer(TokenizerFace):
    """What cuts texts for SDXL."""


class SDXLClipG(SDClipModel):
    """SDXL's second tower."""


class SDXLClipModel(CondStage):
    """SDXL's towers."""


class SDXLRefinerClipModel(CondStage):
    """The tower of SDXL's refiner."""
