"""`app.logger`: what was written to the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..host import host


def get_logs() -> list[dict[str, Any]]:
    """Return the last lines, each with the time at which it was written."""
    return list(host().logs())


def on_flush(callback: Callable[[Any], None]) -> None:
    """Take a wish to hear of new lines; the editor hears of them through its socket."""
