"""A thread that owns something and does one thing after the other with it."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")
V = TypeVar("V")


class Worker(Generic[T]):
    """A daemon thread; what it owns is made on it, when it is first needed, and touched by no other thread.

    Args:
        make: makes what the thread owns.
        name: the thread's name.
    """

    def __init__(self, make: Callable[[], T], name: str = "worker") -> None:
        self._make = make
        self._tasks: SimpleQueue[tuple[Callable[[T], Any], Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    def submit(self, task: Callable[[T], V]) -> Future[V]:
        """Have a task done after those before it; its value or what it raised is in the future."""
        future: Future[V] = Future()
        self._tasks.put((task, future))
        return future

    def close(self) -> None:
        """End the thread after the tasks that it has."""
        self._tasks.put(None)

    def abandon(self, patience: float) -> None:
        """Leave the thread behind in the midst of a task, and give it `patience` seconds to end by itself.

        Where it is Python code that it is caught in, the thread is ended then. What it owns may be left in any state.
        """
        self.close()
        ending = threading.Timer(patience, self._end)
        ending.daemon = True
        ending.start()

    def _end(self) -> None:
        if self._thread.is_alive() and self._thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread.ident), ctypes.py_object(SystemExit))

    def _loop(self) -> None:
        owned: T | None = None
        while (entry := self._tasks.get()) is not None:
            task, future = entry
            try:
                if owned is None:
                    owned = self._make()
                future.set_result(task(owned))
            except BaseException as error:  # noqa: BLE001 - the outer edge of the thread: whoever waits is told
                future.set_exception(error)
            del task, future, entry
