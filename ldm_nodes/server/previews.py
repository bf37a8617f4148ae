"""Pictures of work in progress, drawn where they come from and not too often.

A node gives a picture or a function that makes one from its unfinished result. It is called at once, on the node's
thread: later the result would be another one. What reaches the event loop is a file's bytes.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .wire import Drawn

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 95
MAX_SIDE = 512


class Pace:
    """Lets something happen, but not more often than every so many seconds for each of a kind.

    Args:
        seconds: the shortest pause.
        clock: the time in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def allows(self, kind: str) -> bool:
        """Say whether it is time again."""
        now = self._clock()
        with self._lock:
            if now - self._last.get(kind, float("-inf")) < self._seconds:
                return False
            self._last[kind] = now
            return True

    def forget(self, kind: str) -> None:
        """Forget when it last happened."""
        with self._lock:
            self._last.pop(kind, None)


def draw(image: Any, max_side: int = MAX_SIDE) -> Drawn | None:
    """Return a preview as JPEG, or None for what is no picture.

    Args:
        image: a picture of Pillow, an array (h, w, 3) of 8-bit levels, or a function that returns one of them.
        max_side: larger pictures are made smaller.
    """
    from PIL import Image

    made = image() if callable(image) else image
    if made is None:
        return None
    picture = made if isinstance(made, Image.Image) else Image.fromarray(made)
    return Drawn("image/jpeg", _jpeg(picture.convert("RGB"), max_side))


def _jpeg(picture: Image.Image, max_side: int) -> bytes:
    from PIL import Image

    if max(picture.size) > max_side:
        picture.thumbnail((max_side, max_side), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    picture.save(buffer, "jpeg", quality=QUALITY)
    return buffer.getvalue()
