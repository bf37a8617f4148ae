"""The running program as packs' modules find it: they are imported by name and are given nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...engine.registry import Registry
from ...settings import Folders

Send = Callable[[str, Any, str | None], None]


def unheard(event: str, data: Any, client: str | None) -> None:
    """Send a message to nobody: there are no clients."""


@dataclass(frozen=True)
class Host:
    """What the program lends to the modules that packs import.

    Attributes:
        folders: where models and pictures are.
        registry: the nodes that there are; packs ask for classes of it by name.
        base: the folder that holds `custom_nodes`.
        arguments: the options that packs read under ComfyUI's names, such as `preview_method`.
        send: sends a message to clients' sockets: name, data, client id or None for all.
        client_of: the client id of a run by the run's id, None where nobody waits for it.
        pending: how many jobs wait or run.
        logs: the last lines of the log, as `{"t": time, "m": text}`.
    """

    folders: Folders
    registry: Registry
    base: Path = field(default_factory=Path)
    arguments: dict[str, Any] = field(default_factory=dict)
    send: Send = unheard
    client_of: Callable[[str], str | None] = lambda run_id: None
    pending: Callable[[], int] = lambda: 0
    logs: Callable[[], list[dict[str, Any]]] = list


_HOST: list[Host] = []


def set_host(host: Host) -> None:
    """Let packs' modules find the running program."""
    _HOST[:] = [host]


def host() -> Host:
    """Return the running program.

    Raises:
        RuntimeError: there is none: a module of packs was imported outside of it.
    """
    if not _HOST:
        raise RuntimeError("This module is for node packs that ldm_nodes has loaded; here none is running.")
    return _HOST[0]
