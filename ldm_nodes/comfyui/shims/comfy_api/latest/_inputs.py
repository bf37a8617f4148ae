"""Names for the values on wires, for annotations."""

from __future__ import annotations

from typing import Any


class Input:
    """What comes along wires, by ComfyUI's names."""

    Image = Any
    Mask = Any
    Latent = dict[str, Any]
    Audio = dict[str, Any]
