"""Files that are either there and whole, or not there: written under another name, flushed, renamed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MARK = ".partial"
"""Ends the names of what is being written; a killed process leaves such names behind."""


def write_file(path: Path, write: Callable[[Path], None]) -> None:
    """Have `write` write a file, which appears under its name when it is complete.

    Raises:
        OSError: it could not be written; what was there before is unchanged.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}{MARK}")
    try:
        write(partial)
        flush(partial)
        partial.replace(path)
        flush(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file at once."""
    write_file(path, lambda partial: _write_text(partial, text))


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file at once."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill, which appears under the name `path` when the block ends well, and never otherwise.

    Raises:
        OSError: it could not be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}{MARK}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
        for file in (*partial.rglob("*"), partial):
            flush(file)
        if path.exists():
            shutil.rmtree(path)
        partial.rename(path)
        flush(path.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_partial(folder: Path) -> None:
    """Remove what processes that were killed have left half-written in a folder."""
    for path in folder.glob(f".*{MARK}"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk, so that a rename cannot outrun it."""
    if path.is_dir() and os.name == "nt":
        return  # Windows flushes no folders
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() or os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
