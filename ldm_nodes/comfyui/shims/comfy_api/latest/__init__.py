"""`comfy_api.latest`: schemas, node classes and what they show. Start with `_io.py`."""

from __future__ import annotations

from . import _io as io
from . import _ui as ui
from ._api import ComfyAPI, ComfyAPISync, ComfyExtension
from ._inputs import Input

comfy_io = io
IO = io
UI = ui
__all__ = ["IO", "UI", "ComfyAPI", "ComfyAPISync", "ComfyExtension", "Input", "comfy_io", "io", "ui"]
