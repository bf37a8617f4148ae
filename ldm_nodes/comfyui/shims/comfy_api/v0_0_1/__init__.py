"""`comfy_api.v0_0_1`: as `latest`, from which it does not differ here."""

from __future__ import annotations

from ..latest import ComfyAPI, ComfyAPISync, ComfyExtension, Input, comfy_io, io, ui

__all__ = ["ComfyAPI", "ComfyAPISync", "ComfyExtension", "Input", "comfy_io", "io", "ui"]
