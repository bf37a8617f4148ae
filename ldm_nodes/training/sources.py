"""Samples from folders, tables and lists of pictures.

| source | picture | caption | class |
|---|---|---|---|
| folder | every picture below it | lines of the `.txt` file of the same name | first subfolder |
| CSV table | column `path` | column `caption` | column `class` |
| list | one path a line | none | none |

Paths are relative to the folder of the table and must lie inside it: data comes from other people.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from PIL import ImageColor

from ..settings import IMAGE_SUFFIXES
from .data import WHITE, Color, Sample
from .errors import DataError

Fallback = Literal["none", "folder", "name"]

MAX_CAPTIONS = 1 << 16
"""Bytes of a caption file; more is no caption."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "file_name", "filename", "file", "image"),
    "caption": ("caption", "text"),
    "class": ("class", "class_name", "label"),
    "background": ("background",),
    "condition": ("condition",),
}
"""The columns of a table and the names that each may have."""


def from_folder(root: Path, fallback: Fallback = "none") -> list[Sample]:
    """Return the pictures below a folder, sorted by name; hidden ones and links that lead outside are left out.

    Args:
        root: the folder.
        fallback: the caption of a picture without a caption file: the name of its class ("folder"), the name of its
            file ("name"), both with spaces for `_` and `-`, or "none".

    Raises:
        DataError: if the folder does not exist or has no pictures, or a caption file is no text.
    """
    if not root.is_dir():
        raise DataError(f"The folder {root.name!r} does not exist; give a folder of pictures.")
    paths = sorted(_pictures(root))
    if not paths:
        known = ", ".join(sorted(IMAGE_SUFFIXES))
        raise DataError(f"The folder {root.name!r} has no pictures; expected files that end in {known}.")
    return [_in_folder(root, relative, fallback) for relative in paths]


def from_table(table: Path) -> list[Sample]:
    """Return the rows of a CSV file with a header; columns are named in `COLUMNS`, others are not read.

    A background is a colour by name ("blue") or as "#rrggbb".

    Raises:
        DataError: if the file is no such table, or a path leaves its folder.
    """
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            named = _named(table, reader.fieldnames or ())
            return [_in_row(table, number, _values(named, row)) for number, row in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table.name} is not a readable CSV file in UTF-8: {error}.") from error


def from_list(listing: Path, root: Path | None = None) -> list[Sample]:
    """Return the pictures that a text file names, one path a line, relative to `root` or else to the file's folder.

    Raises:
        DataError: if the file cannot be read, or a path leaves the folder.
    """
    try:
        lines = listing.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{listing.name} is not a readable list in UTF-8: {error}.") from error
    base = root or listing.parent
    return [Sample(_inside(base, line.strip(), listing.name)) for line in lines if line.strip()]


def _pictures(root: Path) -> Iterator[str]:
    for folder, directories, files in os.walk(root):
        directories[:] = [name for name in directories if not name.startswith(".")]
        for path in (Path(folder, name) for name in files if not name.startswith(".")):
            if path.suffix.lower() in IMAGE_SUFFIXES and (not path.is_symlink() or _is_inside(root, path)):
                yield path.relative_to(root).as_posix()


def _in_folder(root: Path, relative: str, fallback: Fallback) -> Sample:
    path = root / relative
    class_name = relative.split("/")[0] if "/" in relative else None
    captions = _captions(path.with_suffix(".txt"))
    words = {"none": None, "folder": class_name, "name": path.stem}[fallback]
    if not captions and words:
        captions = (words.replace("_", " ").replace("-", " "),)
    return Sample(path, captions, class_name)


def _captions(path: Path) -> tuple[str, ...]:
    """Return the lines of a caption file, none if it does not exist."""
    if not path.is_file():
        return ()
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CAPTIONS + 1)
        lines = text.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"The caption file {path.name!r} is not readable as UTF-8: {error}.") from error
    if len(text) > MAX_CAPTIONS:
        raise DataError(f"The caption file {path.name!r} is larger than {MAX_CAPTIONS} bytes; it is no caption.")
    return tuple(line.strip() for line in lines if line.strip())


def _named(table: Path, header: Sequence[str]) -> dict[str, str]:
    """Return which column of the table is the path, the caption and so on."""
    present = {name.strip().lower(): name for name in header}
    named = {}
    for column, names in COLUMNS.items():
        found = next((present[name] for name in names if name in present), None)
        if found is not None:
            named[column] = found
    if "path" not in named:
        raise DataError(
            f"{table.name} has the columns {', '.join(header) or 'none'}; "
            f"one of them must be {' or '.join(COLUMNS['path'])}."
        )
    return named


def _values(named: Mapping[str, str], row: Mapping[str, str | None]) -> dict[str, str]:
    return {column: (row.get(name) or "").strip() for column, name in named.items()}


def _in_row(table: Path, number: int, row: Mapping[str, str]) -> Sample:
    where = f"{table.name}, line {number}"
    caption, condition = row.get("caption"), row.get("condition")
    return Sample(
        path=_inside(table.parent, row["path"], where),
        captions=(caption,) if caption else (),
        class_name=row.get("class") or None,
        background=_color(row.get("background", ""), where),
        condition=_inside(table.parent, condition, where) if condition else None,
    )


def _color(text: str, where: str) -> Color:
    if not text:
        return WHITE
    try:
        red, green, blue = ImageColor.getrgb(text)[:3]
    except ValueError as error:
        raise DataError(f"{where}: {text!r} is no colour; expected a name such as blue, or #rrggbb.") from error
    return red, green, blue


def _inside(root: Path, relative: str, where: str) -> Path:
    path = root / relative
    if not relative or "\0" in relative or not _is_inside(root, path):
        raise DataError(f"{where}: the path {relative!r} does not lie inside the folder of the data.")
    return path


def _is_inside(root: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(root.resolve())
