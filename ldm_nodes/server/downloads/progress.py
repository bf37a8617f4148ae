"""How far a download is, how fast, and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW = 10.0
"""Seconds that the speed is measured over."""
INTERVAL = 0.25
"""Seconds between two reports."""


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes:
        received: bytes that are here, those of earlier runs included.
        total: bytes of the file, or None if the other side does not tell.
        rate: bytes per second of late.
        seconds_left: how long it will take at that rate, or None if nobody can tell.
    """

    received: int
    total: int | None
    rate: float
    seconds_left: float | None


Told = Callable[[Progress], None]


def ignore(progress: Progress) -> None:
    """Take a report and do nothing."""


class Meter:
    """Reports to `told` a few times a second.

    Args:
        told: hears how far it is.
        clock: seconds.
    """

    def __init__(self, told: Told, clock: Callable[[], float] = time.monotonic) -> None:
        self._told, self._clock = told, clock
        self._marks: deque[tuple[float, int]] = deque()
        self._last = -INTERVAL

    def restart(self) -> None:
        """Measure the speed anew: what was received so far did not come just now."""
        self._marks.clear()

    def tell(self, received: int, total: int | None, *, last: bool = False) -> None:
        """Report, unless that was done just now; the `last` report is always made."""
        now = self._clock()
        if now - self._last < INTERVAL and not last:
            return
        self._last = now
        self._marks.append((now, received))
        while len(self._marks) > 2 and now - self._marks[0][0] > WINDOW:
            self._marks.popleft()
        since, before = self._marks[0]
        rate = (received - before) / (now - since) if now > since else 0.0
        left = (total - received) / rate if total is not None and rate > 0 else None
        self._told(Progress(received, total, rate, left))
