"""Which node is at work: what progress bars, interrupt checks and logs of packs ask for without being given it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from ..engine.context import Context

_CONTEXT: ContextVar[Context[Any] | None] = ContextVar("executing", default=None)


def executing() -> Context[Any] | None:
    """Return the context of the node whose code runs on this thread or in this task, or None."""
    return _CONTEXT.get()


@contextlib.contextmanager
def at_work(context: Context[Any]) -> Iterator[None]:
    """Let code within find the node that it belongs to."""
    token = _CONTEXT.set(context)
    try:
        yield
    finally:
        _CONTEXT.reset(token)
