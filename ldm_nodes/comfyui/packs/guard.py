"""Runs the code of a pack so that nothing else comes to harm: with a limit, without secrets, and watched."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")

SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_?KEY|CREDENTIAL|COOKIE|SESSION", re.IGNORECASE)
WATCHED = "ldm_nodes."
GRACE = 2.0
"""How long code has to end when it is told to, before its thread is left behind."""


class TookTooLong(Exception):
    """Code that did not come to an end in its time."""


@dataclass(frozen=True)
class Guarded(Generic[T]):
    """What some code came to, and what it cost.

    Attributes:
        value: what it returned; None if it failed.
        error: what it raised.
        seconds: how long it took.
        nbytes: by how much the process grew.
        patches: names of ours that it has replaced.
    """

    value: T | None
    error: BaseException | None
    seconds: float
    nbytes: int
    patches: tuple[str, ...]


def run_guarded(load: Callable[[], T], seconds: float) -> Guarded[T]:
    """Run code on a thread of its own and wait for it, for so long at most."""
    outcome: list[Any] = [None, None]

    def work() -> None:
        try:
            outcome[0] = load()
        except BaseException as error:  # noqa: BLE001 - packs raise anything, SystemExit too, and it must be told
            outcome[1] = error

    before, memory, began = _our_names(), _resident(), time.perf_counter()
    with _without_secrets():
        thread = threading.Thread(target=work, name="a pack", daemon=True)
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            _end(thread)
            outcome[1] = TookTooLong(f"It did not come to an end within {seconds:g} s")
    spent = time.perf_counter() - began
    return Guarded(outcome[0], outcome[1], spent, max(_resident() - memory, 0), _changed(before))


def _end(thread: threading.Thread) -> None:
    """Raise an exception in a thread; code that never comes back to Python stays behind."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
        thread.join(GRACE)


@contextlib.contextmanager
def _without_secrets() -> Iterator[None]:
    """Hide what looks like a secret in the environment; what the code itself sets stays."""
    hidden = {name: value for name, value in os.environ.items() if SECRET.search(name)}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        for name, value in hidden.items():
            os.environ.setdefault(name, value)


def _our_names() -> Mapping[str, Any]:
    """Return every function and class of ours that is loaded, by its full name."""
    return {
        f"{module_name}.{name}": value
        for module_name, module in list(sys.modules.items())
        if module_name.startswith(WATCHED) and ".shims" not in module_name
        for name, value in vars(module).items()
        if callable(value)
    } | {
        f"{module_name}.{name}.{attribute}": value
        for module_name, module in list(sys.modules.items())
        if module_name.startswith(WATCHED) and ".shims" not in module_name
        for name, cls in vars(module).items()
        if isinstance(cls, type) and cls.__module__ == module_name
        for attribute, value in vars(cls).items()
        if callable(value)
    }


def _changed(before: Mapping[str, Any]) -> tuple[str, ...]:
    now = _our_names()
    return tuple(sorted(name for name, value in before.items() if name in now and now[name] is not value))


def _resident() -> int:
    """Return how much memory the process has, in bytes; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
