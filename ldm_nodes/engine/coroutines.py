"""Asynchronous nodes: their coroutines run on an event loop of their own thread, beside the nodes that are not.

So a node that waits for a server or a file keeps nobody waiting. The thread is there only while such nodes run.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import queue
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any

from .context import CancelToken

POLL_SECONDS = 0.05
"""How often someone who waits looks whether the run should stop."""
CLOSE_SECONDS = 5.0
"""How long coroutines may take to end after they were cancelled; a loop that still hangs is left behind."""

Call = Callable[[], Any]


def finished(value: Any) -> Any:
    """Return `value`, or what it comes to if it is a coroutine; whatever loop may be running in this thread goes on."""
    if not inspect.iscoroutine(value):
        return value
    outcome: Future[Any] = Future()
    thread = threading.Thread(target=_run_into, args=(outcome, value), name="ldm-nodes hook")
    thread.start()
    thread.join()
    return outcome.result()


class Tasks:
    """The calls of asynchronous nodes that are on their way."""

    def __init__(self) -> None:
        self._running: dict[str, Future[list[Any]]] = {}
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._arrived: str | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._running)

    @property
    def first(self) -> str | None:
        """The node that has been on its way for longest."""
        return next(iter(self._running), None)

    def start(self, node_id: str, calls: Sequence[Call]) -> None:
        """Begin the calls of a node, all at once; what stands before their first real wait has run on return."""
        begun = threading.Event()
        future = asyncio.run_coroutine_threadsafe(_all(calls, begun), self._started_loop())
        self._running[node_id] = future
        future.add_done_callback(lambda _: self._done.put(node_id))
        future.add_done_callback(lambda _: begun.set())
        begun.wait()

    def take(self) -> tuple[str, Future[list[Any]]] | None:
        """Return a node whose calls have all ended, with what they came to; None if there is none."""
        if not self._running:
            return None
        if self._arrived is None and self._done.empty():
            return None
        node_id, self._arrived = self._arrived or self._done.get(), None
        return node_id, self._running.pop(node_id)

    def wait(self, token: CancelToken) -> None:
        """Wait until there is something to take.

        Raises:
            Cancelled: when someone asked the run to stop.
        """
        while self._arrived is None:
            token.check()
            with contextlib.suppress(queue.Empty):
                self._arrived = self._done.get(timeout=POLL_SECONDS)

    def close(self) -> None:
        """Cancel what is still on its way, and end the thread."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSE_SECONDS)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_serve, args=(self._loop,), name="ldm-nodes async", daemon=True)
            self._thread.start()
        return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped, then cancel what is left in it."""
    asyncio.set_event_loop(loop)
    loop.run_forever()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _all(calls: Sequence[Call], begun: threading.Event) -> list[Any]:
    tasks = [asyncio.ensure_future(_one(call)) for call in calls]
    await asyncio.sleep(0)
    begun.set()
    return list(await asyncio.gather(*tasks))


async def _one(call: Call) -> Any:
    value = call()
    return await value if inspect.isawaitable(value) else value


def _run_into(outcome: Future[Any], coroutine: Coroutine[Any, Any, Any]) -> None:
    try:
        outcome.set_result(asyncio.run(coroutine))
    except Exception as error:  # noqa: BLE001 - whoever waits for the outcome receives it
        outcome.set_exception(error)
