"""Names of saved files: prefix tokens, sub-folders and counters, as ComfyUI gives them, confined to one folder.

`fox_00001_.png` is stem, counter and suffix. The counter is one more than the largest number that any file of the
folder carries after `stem_`, whatever its suffix. Confinement is checked on the text and again on the real path, so
that neither `..` nor a symbolic link leads outside.
"""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .errors import CannotSaveError, NameRefusedError
from .temporary import sweep

if TYPE_CHECKING:
    from pathlib import Path

MAX_PART = 200
REFUSED = (
    (r"^\.?$", "is empty"),
    (r"^/", "is an absolute path"),
    (r"(^|/)\.\.(/|$)", "leads outside the output folder"),
    (r"(^|/)[A-Za-z]:", "names a drive"),
    (r"[\x00-\x1f\x7f\ud800-\udfff]", "holds characters that no file name may hold"),
    (r"(?i)(^|/) *(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d) *(\.[^/]*)?(/|$)", "holds the name of a device"),
    (r"[. ]/", "has a folder that ends in a dot or a space"),
    (rf"[^/]{{{MAX_PART + 1}}}", "is too long"),
)
REFUSED_ON_WINDOWS = ((r'[<>:"|?*]', 'holds one of the characters < > : " | ? *'),)


@dataclass(frozen=True)
class Series:
    """Consecutively numbered files of one stem in one folder.

    Attributes:
        folder: the existing folder, symbolic links resolved.
        subfolder: its path below the output folder, with `/`; empty for the folder itself.
        stem: the name before the counter; may hold `%batch_num%`.
        counter: the number of the first file.
    """

    folder: Path
    subfolder: str
    stem: str
    counter: int

    def name(self, index: int, suffix: str, skipped: int = 0) -> str:
        """Name file `index` of the batch; `skipped` numbers were taken by somebody else meanwhile."""
        stem = self.stem.replace("%batch_num%", str(index))
        return f"{stem}_{self.counter + index + skipped:05d}_{suffix}"


def start_series(root: Path, prefix: str, *, width: int = 0, height: int = 0, now: datetime | None = None) -> Series:
    """Resolve `prefix` below `root`, create its folder, tidy it (`temporary.py`) and find the next free number.

    Args:
        root: the output folder; created when missing.
        prefix: e.g. `ComfyUI` or `portraits/%year%-%month%-%day%/fox`. Tokens: `%width% %height% %year% %month% %day%
            %hour% %minute% %second%` (and `%batch_num%`, which stays until a file is named). Others stay as they are.
        width: what `%width%` becomes.
        height: what `%height%` becomes.
        now: the time that the date tokens tell; the local time by default.

    Raises:
        NameRefusedError: if the prefix leaves `root` or cannot be a file name.
        CannotSaveError: if the folder cannot be created or listed.
    """
    parent, stem = split_prefix(_fill_tokens(prefix, width, height, now))
    folder = _make_folder(root, parent)
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise CannotSaveError(f"The folder {parent or root.name!r} cannot be listed: {error.strerror}.") from error
    sweep(folder, names)
    return Series(folder, parent, stem, 1 + max((_number(name, stem) for name in names), default=0))


def split_prefix(prefix: str) -> tuple[str, str]:
    """Split a prefix into sub-folder and stem, and refuse what could reach outside or be no file name somewhere.

    Backslashes separate parts in these rules and Windows' device names count on every system, so that a graph that is
    accepted on one does no harm on another.

    Raises:
        NameRefusedError: with the reason.
    """
    normal = posixpath.normpath(prefix.replace("\\", "/") if os.name == "nt" else prefix)
    rules = REFUSED + (REFUSED_ON_WINDOWS if os.name == "nt" else ())
    for pattern, reason in rules:
        if re.search(pattern, normal.replace("\\", "/")):
            raise NameRefusedError(
                f"The file name prefix {prefix[:80]!r} {reason}; "
                "give a name below the output folder, like 'portraits/fox'."
            )
    parent, stem = posixpath.split(normal)
    return parent, stem


def _fill_tokens(prefix: str, width: int, height: int, now: datetime | None) -> str:
    if "%" not in prefix:
        return prefix
    time = now or datetime.now().astimezone()
    values = {"width": str(width), "height": str(height), "year": str(time.year)}
    values |= {name: f"{getattr(time, name):02d}" for name in ("month", "day", "hour", "minute", "second")}
    for name, value in values.items():
        prefix = prefix.replace(f"%{name}%", value)
    return prefix


def _make_folder(root: Path, parent: str) -> Path:
    """Create `root/parent` and return its real path, which must lie in the real `root`."""
    try:
        folder = (root / parent).resolve()
        if not folder.is_relative_to(root.resolve()):
            raise NameRefusedError(
                f"The folder {parent!r} is a link that leads outside the output folder; use another one."
            )
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before Python 3.13
        reason = getattr(error, "strerror", None) or "its links form a loop"
        raise CannotSaveError(
            f"The folder {parent or root.name!r} cannot be created: {reason}; choose another one."
        ) from error
    return folder


def _number(name: str, stem: str) -> int:
    """Return the counter that a file name carries after `stem_`, 0 when there is none."""
    head, rest = name[: len(stem) + 1], name[len(stem) + 1 :]
    if os.path.normcase(head) != os.path.normcase(f"{stem}_"):
        return 0
    digits = rest.partition("_")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else 0
