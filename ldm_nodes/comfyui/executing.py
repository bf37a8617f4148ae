"""Which node is at work: what progress bars, interrupt checks and logs of packs ask for without being given it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from ..engine.context import Context

_CONTEXT: ContextVar[Context[Any] | None] = ContextVar("executing", default=None)
_GRAPHS: ContextVar[Iterator[int]] = ContextVar("graphs")


def executing() -> Context[Any] | None:
    """Return the context of the node whose code runs on this thread or in this task, or None."""
    return _CONTEXT.get()


@contextlib.contextmanager
def at_work(context: Context[Any]) -> Iterator[None]:
    """Let code within find the node that it belongs to."""
    token, graphs = _CONTEXT.set(context), _GRAPHS.set(itertools.count())
    try:
        yield
    finally:
        _CONTEXT.reset(token)
        _GRAPHS.reset(graphs)


def next_graph() -> int:
    """Return the number of the next graph that the call at work builds; 0 where nothing is at work."""
    return next(_GRAPHS.get(itertools.count()))
