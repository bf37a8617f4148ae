"""The last lines of the log, as `/internal/logs` shows them, and log lines as JSON for machines."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from ..jobs.updates import JobChanged, Update

log = logging.getLogger(__name__)

LINES = 300


class Line(TypedDict):
    """One line: when, and what."""

    t: str
    m: str


class LogBook(logging.Handler):
    """Keeps the last lines, without secrets and without the name of the user's home.

    Args:
        secrets: texts that must never be shown, such as tokens.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[Line] = deque(maxlen=LINES)
        self._hidden = {**dict.fromkeys(filter(None, secrets), "***"), str(Path.home()): "~"}
        self._guard = threading.Lock()
        self.listener: Callable[[Line], None] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, and pass it on to whoever listens."""
        text = self.format(record)
        for hidden, shown in self._hidden.items():
            text = text.replace(hidden, shown)
        line = Line(t=datetime.fromtimestamp(record.created, UTC).isoformat(), m=f"{text}\n")
        with self._guard:
            self._lines.append(line)
        if self.listener is not None:
            self.listener(line)

    def lines(self) -> list[Line]:
        """Return the lines kept, the oldest first."""
        with self._guard:
            return list(self._lines)


def log_job(update: Update) -> None:
    """Log what becomes of jobs; listens to the queue. Nothing of what users write is told."""
    if isinstance(update, JobChanged):
        record = update.record
        log.info("Job %s is %s%s", record.id, record.state, "; asked to stop" if record.cancelling else "")


class JsonFormatter(logging.Formatter):
    """Writes every record as one JSON object on one line, for whatever collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)
