"""Nothing that a pack does installs packages: not while it is loaded, and not while a node of it runs.

It keeps honest packs from changing what the user has installed. Code that wants to get around it can.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import PurePath
from typing import Any

INSTALLERS = frozenset({"pip", "pip3", "uv", "conda", "mamba", "poetry", "pipx", "easy_install"})
SHELLS = frozenset({"sh", "bash", "dash", "zsh", "cmd", "cmd.exe", "powershell", "powershell.exe", "pwsh"})
EVENTS = {"subprocess.Popen": 1, "os.system": 0, "os.exec": 1, "os.posix_spawn": 1, "os.spawn": 2}
"""Audit events of Python that tell of a program to be started, and which of their values is its command."""


@cache
def refuse_installing() -> None:
    """Refuse from now on, in this process, to start programs that install packages; a second call changes nothing."""
    sys.addaudithook(_look)


def _look(event: str, given: tuple[Any, ...]) -> None:
    if event in EVENTS and _installs(_words(given[EVENTS[event]])):
        raise PermissionError(
            "A node pack wants to install packages, which it may not do by itself. Install what it needs by hand, with "
            "the command that its README gives."
        )


def _words(command: Any) -> list[str]:
    """Return the words of a command: a text, or a list of texts, paths or bytes, of a shell the words of its text."""
    if isinstance(command, str | bytes | PurePath):
        return _text(command).split()
    parts = [_text(part) for part in command or ()]
    is_shell = bool(parts) and PurePath(parts[0]).name in SHELLS
    return [word for part in parts for word in part.split()] if is_shell else parts


def _text(part: Any) -> str:
    return part.decode(errors="replace") if isinstance(part, bytes) else str(part)


def _installs(words: list[str]) -> bool:
    """Say whether a command installs: an installer among the words, and `install` or `add` after it."""
    names = [PurePath(word).name.removesuffix(".exe") for word in words]
    at = next((place for place, name in enumerate(names) if name in INSTALLERS), None)
    return at is not None and any(name in ("install", "add") for name in names[at + 1 :])
