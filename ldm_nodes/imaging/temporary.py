"""Temporary files beside their final place: what they are called, and how those of killed processes go away."""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ABANDONED = 24 * 60 * 60.0
"""Seconds after which a temporary file cannot be at work any more: writing one takes seconds."""
_OURS = re.compile(r"\.[0-9a-f]{16}\.tmp")


def temporary(folder: Path) -> Path:
    """Return a hidden name in `folder` that nothing else has."""
    return folder / f".{secrets.token_hex(8)}.tmp"


def sweep(folder: Path, names: Iterable[str]) -> None:
    """Remove temporary files of ours that a killed process left in `folder`.

    A file that another process is writing is younger than a day and stays; so does whatever cannot be removed, for
    nobody's picture depends on it.

    Args:
        folder: where to look.
        names: what it holds.
    """
    for path in (folder / name for name in names if _OURS.fullmatch(name)):
        try:
            if time.time() - path.lstat().st_mtime > ABANDONED:
                path.unlink()
        except OSError:
            continue  # removed by another process meanwhile, or somebody else's
