"""What the C library does with the memory that a step has freed: by itself it gives it back, and gets it anew."""

from __future__ import annotations

import ctypes
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Parameters of glibc's mallopt(3), and what they are by default.
TRIM_THRESHOLD, MMAP_MAX = -1, -4
USUAL_TRIM_THRESHOLD, USUAL_MMAP_MAX = 128 * 1024, 65536
NEVER = -1


@contextmanager
def kept() -> Iterator[None]:
    """Keep freed memory in the process inside the block, because the next step needs as much; then give it back.

    Pages that come anew from the system are filled with zeros one by one: a tenth of the time of a small network's
    step, and the peak is the same. Where the C library is not glibc this does nothing.
    """
    library = _glibc()
    if library is None:
        yield
        return
    library.mallopt(TRIM_THRESHOLD, NEVER)
    library.mallopt(MMAP_MAX, 0)
    try:
        yield
    finally:
        library.mallopt(TRIM_THRESHOLD, USUAL_TRIM_THRESHOLD)
        library.mallopt(MMAP_MAX, USUAL_MMAP_MAX)
        library.malloc_trim(0)


def _glibc() -> Any:
    """Return the C library if it can be told; other systems have none of these two functions."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
