"""What this machine lets a process hold, and how memory goes back to it."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FALLBACK = 16 << 30
"""Assumed where the system tells nothing."""
CGROUP_FILES = ("memory.max", "memory/memory.limit_in_bytes")
"""Where containers say how much they allow: version 2 and version 1 of control groups."""


def memory_limit(cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return the bytes that this process may use: of the machine, its container and its own limits the least."""
    return min(limit for limit in (_physical(), *_of_container(cgroups), *_of_process()) if limit > 0)


def give_back() -> None:
    """Return memory that is free inside the process to the system.

    The C library keeps freed memory for the next request, and torch that of accelerators; neither is of use to others,
    and a process that alternates models of different shapes grows by it without end.
    """
    _trimmer()(0)
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _physical() -> int:
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return FALLBACK


def _of_container(root: Path) -> Iterator[int]:
    for name in CGROUP_FILES:
        try:
            text = (root / name).read_text().strip()
        except OSError:
            continue  # not inside a container of this kind
        if text.isdecimal():
            yield int(text)


def _of_process() -> Iterator[int]:
    if sys.platform == "win32":
        return
    import resource

    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        limit = resource.getrlimit(kind)[0]
        if limit != resource.RLIM_INFINITY:
            yield limit


@cache
def _trimmer() -> Callable[[int], object]:
    """Return glibc's `malloc_trim`, or something that does nothing where there is none."""
    try:
        trim: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return bool
    return trim
