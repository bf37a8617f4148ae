"""What `/system_stats` tells of this machine. Torch is asked only once it is loaded, for loading it takes seconds."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..nodes.machine import memory_limit

COMFYUI = "0.3.64"
"""The version whose API this server speaks."""
PACKAGES: Mapping[str, str] = {
    "required_frontend_version": "comfyui-frontend-package",
    "installed_templates_version": "comfyui-workflow-templates",
    "required_templates_version": "comfyui-workflow-templates",
}


def system_stats(argv: Sequence[str]) -> dict[str, Any]:
    """Return the answer.

    Args:
        argv: the command line, as clients are told it: without anything secret.
    """
    versions = {name: _version(package) for name, package in PACKAGES.items()}
    return {
        "system": {
            "os": os.name,
            "ram_total": memory_limit(),
            "ram_free": _free(),
            "comfyui_version": COMFYUI,
            **versions,
            "python_version": sys.version,
            "pytorch_version": _version("torch"),
            "embedded_python": False,
            "argv": list(argv),
        },
        "devices": [_accelerator() or _cpu()],
    }


def _cpu() -> dict[str, Any]:
    total, free = memory_limit(), _free()
    memory = {"vram_total": total, "vram_free": free, "torch_vram_total": total, "torch_vram_free": free}
    return {"name": "cpu", "type": "cpu", "index": None, **memory}


def _accelerator() -> dict[str, Any] | None:
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "cuda") or not torch.cuda.is_available():
        return None
    free, total = torch.cuda.mem_get_info()
    reserved = torch.cuda.memory_reserved()
    return {
        "name": f"cuda:0 {torch.cuda.get_device_name(0)}",
        "type": "cuda",
        "index": 0,
        "vram_total": total,
        "vram_free": free,
        "torch_vram_total": reserved,
        "torch_vram_free": reserved - torch.cuda.memory_allocated(),
    }


def _free() -> int:
    if hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    return 0


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
