"""Downloads as jobs of the queue."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.events import Event, Failed, Interrupted, Progress, Started, Succeeded
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.record import JobRecord
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.updates import JobChanged, Update
from ldm_nodes.server.downloads.backend import DOWNLOAD, DownloadBackend
from ldm_nodes.server.downloads.request import DownloadRequest

from .origin import Answer, Origin, downloader, head, model, ranged, raw, serving

BODY = model()


@contextmanager
def origin_of(*answers: Answer) -> Iterator[Origin]:
    """Run an origin on a thread of its own."""
    started: Future[tuple[Origin, Callable[[], object]]] = Future()

    async def serve() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        async with serving(*answers) as origin:
            started.set_result((origin, lambda: loop.call_soon_threadsafe(stop.set)))
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    origin, stop = started.result()
    try:
        yield origin
    finally:
        stop()
        thread.join()


def job(origin: Origin, **request: Any) -> Job:
    return Job(DownloadRequest(origin.url(), **request).text(), id="one", kind=DOWNLOAD)


def test_a_job_tells_its_way_and_its_end(tmp_path: Path) -> None:
    heard: list[Event] = []
    with origin_of(ranged(BODY)) as origin:
        result = DownloadBackend(downloader(tmp_path, origin.port)).run(job(origin, to="loras"), heard.append)
    assert result.state is State.DONE
    assert result.outputs == {
        DOWNLOAD: {
            "models": [
                {
                    "kind": "loras",
                    "name": "model.safetensors",
                    "size": len(BODY),
                    "sha256": hashlib.sha256(BODY).hexdigest(),
                }
            ]
        }
    }
    assert isinstance(heard[0], Started)
    assert isinstance(heard[-1], Succeeded)
    steps = [event for event in heard if isinstance(event, Progress)]
    assert (steps[-1].node_id, steps[-1].value, steps[-1].total) == (DOWNLOAD, len(BODY), len(BODY))


@pytest.mark.parametrize("prompt", ["", "{", "[]", "{}", '{"source": 5}', '{"source": "a/b", "allow_pickle": true}'])
def test_what_is_no_request_fails_in_words(prompt: str, tmp_path: Path) -> None:
    heard: list[Event] = []
    result = DownloadBackend(downloader(tmp_path)).run(Job(prompt, kind=DOWNLOAD), heard.append)
    assert result.state is State.FAILED
    assert isinstance(heard[-1], Failed)
    assert "download" in result.reason


@pytest.mark.parametrize(
    "request_", [{"sha256": "abc"}, {"max_bytes": -1}, {"max_bytes": True}, {"name": "x" * 5000}, {"to": None}]
)
def test_requests_are_checked(request_: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|64"):
        DownloadRequest("a/b", **request_)


def test_a_request_is_plain_text() -> None:
    request = DownloadRequest("org/repo:x.safetensors", "vae", "y.safetensors", "0" * 64, 5)
    assert DownloadRequest.parse(request.text()) == request


def test_a_job_that_is_stopped_goes_on_when_run_again(tmp_path: Path) -> None:
    pieces = [BODY[i : i + 10_000] for i in range(0, len(BODY), 10_000)]
    slow = raw(head(Content_Length=len(BODY), ETag='"one"'), *pieces, pause=0.05)
    heard: list[Event] = []
    with origin_of(slow, ranged(BODY)) as origin:
        backend = DownloadBackend(downloader(tmp_path, origin.port))

        def emit(event: Event) -> None:
            heard.append(event)
            if isinstance(event, Progress):
                backend.cancel("one")

        assert backend.run(job(origin), emit).state is State.CANCELLED
        assert isinstance(heard[-1], Interrupted)
        assert backend.run(job(origin), lambda _: None).state is State.DONE
        assert origin.requests[1].start > 0


def test_a_wish_that_comes_before_the_job_counts(tmp_path: Path) -> None:
    with origin_of(ranged(BODY)) as origin:
        backend = DownloadBackend(downloader(tmp_path, origin.port))
        backend.cancel("one")
        assert backend.run(job(origin), lambda _: None).state is State.CANCELLED
        backend.cancel("another")
        assert backend.run(job(origin), lambda _: None).state is State.DONE


def test_the_queue_runs_downloads_beside_graphs(tmp_path: Path) -> None:
    ended: list[JobRecord] = []
    over = threading.Event()

    def hear(update: Update) -> None:
        if isinstance(update, JobChanged) and update.record.state.finished:
            ended.append(update.record)
            over.set()

    desk = JobDesk.open(tmp_path / "jobs.sqlite3")
    with origin_of(ranged(BODY)) as origin:
        dispatcher = Dispatcher(desk.store, DownloadBackend(downloader(tmp_path, origin.port)), kind=DOWNLOAD)
        dispatcher.start()
        desk.subscribe(hear)
        desk.submit(job(origin))
        assert over.wait(10)
        dispatcher.close()
    desk.close()
    assert ended[0].state is State.DONE
    assert ended[0].outputs[DOWNLOAD]["models"][0]["name"] == "model.safetensors"
