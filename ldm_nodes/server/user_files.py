"""What users keep on the server: settings of their editor, workflows. One folder per user, and no way out of it."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .files import BadName, inside, relative_files
from .quota import Quota

SETTINGS = "comfy.settings.json"
DEFAULT_USER = "default"


def user_root(folder: Path, user: str | None) -> Path:
    """Return the folder of a user.

    Raises:
        BadName: the user's name is none for a folder.
    """
    return inside(folder, user or DEFAULT_USER)


def user_file(root: Path, name: str) -> Path:
    """Return the path of a user's file, whether or not there is one. Settings are not among them.

    Raises:
        BadName: the name leaves the folder, or is that of the settings.
    """
    path = inside(root, name)
    if path == root.resolve() or path.name.lower() == SETTINGS:
        raise BadName("This is no name of a file of yours.")
    return path


def write(path: Path, data: bytes, *, replace: bool = True) -> None:
    """Write a file completely or not at all; folders are made as needed.

    Raises:
        FileExistsError: there is one already, and `replace` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            unfinished.replace(path)
        else:
            os.link(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def version_of(path: Path) -> str | None:
    """Return a file's ETag, as aiohttp sends it with the file; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return f'"{status.st_mtime_ns:x}-{status.st_size:x}"'


def file_info(path: Path, shown: str) -> dict[str, Any]:
    """Describe a file, times in seconds since 1970."""
    status = path.stat()
    return {"path": shown, "size": status.st_size, "modified": status.st_mtime, "created": status.st_ctime}


def files_below(root: Path, folder: Path, recurse: bool) -> list[Path]:
    """Return a user's files below a folder of his."""
    hidden = root.resolve() / SETTINGS
    return [path for path in relative_files(folder, recurse) if path != hidden and not path.name.endswith(".part")]


class UserSettings:
    """The settings of one user, in a file of ComfyUI's name and form.

    Args:
        root: the user's folder.
    """

    _LOCK = threading.Lock()

    def __init__(self, root: Path) -> None:
        self._path = root / SETTINGS

    def read(self) -> dict[str, Any]:
        """Return all settings; none where there is no file, or one that cannot be read."""
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def merge(self, changes: Mapping[str, Any], quota: Quota) -> None:
        """Set some settings.

        Raises:
            NoRoom: the user has filled his folder.
        """
        with self._LOCK:
            data = json.dumps({**self.read(), **changes}, indent=4).encode()
            with quota.room(self._path.parent, len(data), self._path):
                write(self._path, data)
