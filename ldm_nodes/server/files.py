r"""Files that clients name: where they may be, and under which type they are sent.

A name is a path below one folder, with `/`. What leaves the folder and what is not there get the same answer. Names
that mean something special on some system (`C:`, `\\server`, `con`, a trailing dot) are refused on all of them.
"""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from ..settings import Folders

KINDS = ("input", "output", "temp")
LONGEST_NAME = 200
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\..*)?", re.IGNORECASE)
SHOWN: Mapping[str, str] = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
}
"""What browsers show and cannot run; everything else is saved to a file."""
TEXTS: Mapping[str, str] = {
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}
"""What of the user's own data is sent as what it is."""


class BadName(ValueError):
    """A name that no file of ours can have."""


class NotThere(LookupError):
    """A file that is not in the folder, or that is not one."""


def kind_folder(folders: Folders, kind: str) -> Path:
    """Return the folder of `input`, `output` or `temp`.

    Raises:
        BadName: it is none of them.
    """
    if kind not in KINDS:
        raise BadName(f"A folder is one of {', '.join(KINDS)}; received {kind[:40]!r}.")
    return Path(getattr(folders, kind))


def parts_of(name: str) -> tuple[str, ...]:
    r"""Return the parts of a relative name; `\` counts as `/`.

    Raises:
        BadName: it is absolute, leaves its folder, or means something special on some system.
    """
    parts = tuple(part for part in name.replace("\\", "/").split("/"))
    if name.startswith(("/", "\\")) or not all(map(_plain, filter(None, parts))) or ".." in parts:
        raise BadName("This is no name of a file below the folder.")
    return tuple(part for part in parts if part not in ("", "."))


def inside(root: Path, *names: str) -> Path:
    """Return the path of a name below a folder, whether or not there is anything.

    Args:
        root: the folder.
        names: names one below the other.

    Raises:
        BadName: it leaves the folder, by its spelling or by symbolic links.
    """
    base = root.resolve()
    path = base.joinpath(*(part for name in names for part in parts_of(name)))
    try:
        if not path.resolve().is_relative_to(base):
            raise BadName("This is no name of a file below the folder.")
    except (OSError, RuntimeError) as error:  # names that are too long, loops of links
        raise BadName("This is no name of a file below the folder.") from error
    return path


def existing(root: Path, *names: str) -> Path:
    """Return the path of a file below a folder.

    Raises:
        NotThere: there is none, or it lies outside; the answer is the same.
    """
    try:
        path = inside(root, *names)
    except BadName as error:
        raise NotThere("There is no such file.") from error
    if not path.is_file():
        raise NotThere("There is no such file.")
    return path


def existing_of_kind(folders: Folders, kind: str, *names: str) -> Path:
    """Return the path of an input, output or temporary file; the example pictures count as input.

    Raises:
        BadName: `kind` is none of these.
        NotThere: there is no such file, or it lies outside.
    """
    kind_folder(folders, kind)
    for root in folders.of(kind):
        with suppress(NotThere):
            return existing(root, *names)
    raise NotThere("There is no such file.")


def relative_files(root: Path, recurse: bool = True) -> Iterator[Path]:
    """Yield the files below a folder, without hidden ones and links that lead outside."""
    base = root.resolve()
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if recurse else []
        for path in (Path(folder, name) for name in sorted(names)):
            if not path.is_symlink() or path.resolve().is_relative_to(base):
                yield path


def answer_headers(path: Path, texts: bool = False) -> dict[str, str]:
    """Return under which type a file is sent, and whether a browser shows it or saves it.

    Args:
        path: the file.
        texts: also JSON, CSS and plain text are shown.
    """
    suffix = path.suffix.lower()
    known = SHOWN.get(suffix) or (TEXTS.get(suffix) if texts else None)
    plain = path.name if path.name.isascii() and '"' not in path.name else "file"
    spelled = f"filename=\"{plain}\"; filename*=UTF-8''{quote(path.name, safe='')}" if plain != path.name else ""
    name = spelled or f'filename="{plain}"'
    return {
        "Content-Type": known or "application/octet-stream",
        "Content-Disposition": f"{'inline' if known else 'attachment'}; {name}",
    }


def file_digest(path: Path) -> bytes:
    """Return the sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def guessed_type(name: str) -> str:
    """Return what a name looks like, for messages only."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _plain(part: str) -> bool:
    """Say whether a part of a name is an ordinary name on every system."""
    odd = any(ord(letter) < 32 or letter in ':<>|?*"\x7f' for letter in part)
    dotted = part.endswith((".", " ")) and part != "."
    return not (odd or dotted or DEVICES.fullmatch(part) or len(part.encode(errors="replace")) > LONGEST_NAME)
