"""What became of a pack."""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

from .pack import Pack
from .scan import Finding


class PackState(StrEnum):
    """How far a pack came."""

    LOADED = "loaded"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Trouble:
    """Why a pack, or one node of it, is not there.

    Attributes:
        message: one sentence.
        remedy: what to do.
        traceback: where it happened, the pack's own frames only; empty where nothing was raised.
        missing: the module that could not be imported, or an empty text.
    """

    message: str
    remedy: str = ""
    traceback: str = ""
    missing: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it for a client."""
        return {"message": self.message, "remedy": self.remedy, "traceback": self.traceback, "missing": self.missing}


@dataclass(frozen=True)
class PackReport:
    """All that is known of a pack.

    Attributes:
        pack: which.
        state: how far it came.
        nodes: the classes that it brought, by the names that graphs use.
        trouble: why it failed, or what some of its nodes failed of.
        findings: what its files could do.
        patches: names of ours that it has replaced: `ldm_nodes.engine.plan.make_plan`.
        written: files of ours, or of other packs, that it has changed: `ldm_nodes/engine/plan.py`.
        seconds: how long its import took, what it imported included.
        nbytes: by how much the process grew meanwhile.
        web: the name under which its files for the browser are served, or None.
    """

    pack: Pack
    state: PackState
    nodes: tuple[str, ...] = ()
    trouble: tuple[Trouble, ...] = ()
    findings: tuple[Finding, ...] = ()
    patches: tuple[str, ...] = ()
    seconds: float = 0.0
    nbytes: int = 0
    web: str | None = field(default=None)
    written: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it for `/packs`; the folder's path stays at home."""
        return {
            "name": self.pack.name,
            "state": self.state.value,
            "nodes": list(self.nodes),
            "trouble": [trouble.to_json() for trouble in self.trouble],
            "findings": [finding.to_json() for finding in self.findings],
            "patches": list(self.patches),
            "written": list(self.written),
            "seconds": round(self.seconds, 3),
            "nbytes": self.nbytes,
            "web": self.web,
        }


def trouble_of(error: BaseException, pack: Pack) -> Trouble:
    """Put an exception of a pack into words."""
    frames = _own_frames(error.__traceback__, pack.path)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return _missing_module(error.name, frames)
    if isinstance(error, SyntaxError):
        where = f"{Path(error.filename or '?').name}, line {error.lineno}"
        return Trouble(f"Its code is not valid Python: {error.msg} ({where})", "Ask its author, or update it.", frames)
    if isinstance(error, ImportError):
        return Trouble(f"It imports something that is not there: {error}", _of_comfyui(str(error)), frames)
    return Trouble(f"{type(error).__name__}: {error}", "Ask its author; the traceback says where it failed.", frames)


def _missing_module(name: str, frames: str) -> Trouble:
    root = name.partition(".")[0]
    if root in ("comfy", "comfy_extras", "comfy_api", "comfy_execution", "comfy_api_nodes", "app", "utils"):
        remedy = (
            f"{name} is a part of ComfyUI that is not built here; the pack's other parts cannot be loaded without it."
        )
    else:
        remedy = f"Install what it needs: pip install {root.replace('_', '-')}. Nothing installs itself."
    return Trouble(f"It needs the module {name}, which is not installed", remedy, frames, missing=name)


def _of_comfyui(message: str) -> str:
    found = re.search(r"'(comfy[\w.]*|nodes|folder_paths|server|execution)'", message)
    return (
        f"{found[1]} is ComfyUI's, and this name of it is not built here." if found else "Update what it imports from."
    )


def _own_frames(found: TracebackType | None, path: Path) -> str:
    """Format the frames within the pack; paths are told from the pack's folder on."""
    frames = [frame for frame in traceback.extract_tb(found) if frame.filename.startswith(str(path))]
    parent = str(path.parent) + "/"
    return "".join(traceback.format_list(frames)).replace(parent, "")
