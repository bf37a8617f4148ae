"""How long nodes take on this machine: learned from every run, and kept in a file so that the next process knows it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ..engine.cost_model import CostModel

log = logging.getLogger(__name__)

SAVE_SECONDS = 10.0
"""How long it may take until what was learned is in the file; all of it is written anew."""


class Costs:
    """The cost model of a process. May be used from any thread.

    Args:
        path: its file, read when first needed; None keeps nothing.
        clock: tells seconds.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._model: CostModel | None = None
        self._saved = float("-inf")

    @property
    def model(self) -> CostModel:
        """What is known."""
        with self._lock:
            if self._model is None:
                self._model = CostModel.load(self._path) if self._path else CostModel()
            return self._model

    def save(self, at_once: bool = False) -> None:
        """Write what was learned, if anything was; unless `at_once`, not when it was written a moment ago."""
        model, now = self.model, self._clock()
        with self._lock:
            if self._path is None or not (at_once or now - self._saved >= SAVE_SECONDS):
                return
            self._saved = now if model.changed else self._saved
            try:
                model.save(self._path)
            except OSError as error:
                log.warning("How long nodes took cannot be remembered: %s", error)
