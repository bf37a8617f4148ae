"""What beside the graph and its files decides over the pixels: versions, the system, the device, the precision."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import __version__
from ..settings import Settings

ROOTS = ("torch", "numpy", "pillow", "scipy", "safetensors", "torchsde", "regex", "ftfy")
"""The packages whose numbers, texts or bytes reach a picture; what they need is told with them."""
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def environment(settings: Settings) -> dict[str, dict[str, Any]]:
    """Describe the machine as a run with these settings would meet it.

    Returns:
        `engine`, `python`, `system`, `compute` and `packages`, each names and JSON values.

    Raises:
        UnavailableDevice: when the machine does not have the device.
    """
    return {
        "engine": {"ldm_nodes": __version__, "sources": sources()},
        "python": {"version": platform.python_version(), "implementation": platform.python_implementation()},
        "system": {"system": platform.system(), "machine": platform.machine()},
        "compute": compute(settings),
        "packages": dict(sorted(packages())),
    }


def sources() -> str:
    """Return one SHA-256 of this package's code, so that an engine that somebody changed is told from a release."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):  # line ends are a matter of how it was unpacked
        digest.update(f"{path.relative_to(root).as_posix()}\n{path.read_text(encoding='utf-8')}".encode())
    return digest.hexdigest()


def compute(settings: Settings) -> dict[str, Any]:
    """Describe where networks compute and how; sums that are split over threads differ in their last digits."""
    import torch

    from ..models.devices import PRECISIONS, pick_compute

    chosen = pick_compute(settings.device, settings.precision)
    device = chosen.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    return {
        "device": str(device),
        "precision": PRECISIONS.get(chosen.dtype, str(chosen.dtype)),
        "kind": name,
        "threads": torch.get_num_threads(),
        "noise": settings.noise,
    }


def packages() -> Iterator[tuple[str, str]]:
    """Yield name and version of the packages that reach a picture and are installed, and of those that they need."""
    pending, seen = list(ROOTS), set(ROOTS)
    while pending:
        name = pending.pop()
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # wanted on another system only
            continue
        yield name, found.version
        needed = {_normal(text) for text in found.requires or () if "extra ==" not in text} - seen
        pending.extend(needed)
        seen |= needed


def _normal(requirement: str) -> str:
    """Return the name in a requirement as PEP 503 writes it."""
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""
