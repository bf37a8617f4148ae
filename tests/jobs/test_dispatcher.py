"""Jobs go from the queue to the backend and back, every change on the disk before it is told."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

import ldm_nodes.jobs.dispatcher as dispatcher_module
from ldm_nodes.engine.events import Estimate, EventSink, Interrupted, Progress, Succeeded
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.updates import JobChanged, JobEvent, Update

from .pack import Bench, at_work, backend, finished, ids, job, states, wait_for


def test_jobs_run_in_order_and_their_results_are_kept(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench) as desk:
        for number in range(10):
            desk.submit(job(number=number, id=str(number)))
        records = finished(desk, *map(str, range(10)))
    assert [record.outputs for record in records] == [{"9": {"text": [str(number)]}} for number in range(10)]
    assert bench.ran == [f"{number}:1" for number in range(10)]


def test_every_change_is_on_the_disk_before_it_is_told_and_in_order(path: Path) -> None:
    told: list[str] = []

    def listen(update: Update) -> None:
        if isinstance(update, JobChanged):
            assert desk.store.get("a").state is update.record.state
            told.append(update.record.state)
        elif isinstance(update, JobEvent) and not isinstance(update.event, Estimate):
            if update.id is not None:
                assert desk.events.last_id() == update.id
            told.append(type(update.event).__name__)

    with at_work(path, Bench()) as desk:
        desk.subscribe(listen)
        desk.submit(job("Steps", id="a", inputs={"count": 1, "seconds": 0.0}))
        finished(desk, "a")
    assert told == [
        "queued", "running", "Started", "Cached", "Executing", "Executed", "Executing", "Progress", "Executed",
        "Executing", "Executed", "Explained", "Succeeded", "done",
    ]  # fmt: skip


def test_events_that_pass_are_told_and_not_kept(path: Path) -> None:
    heard: list[JobEvent] = []
    with at_work(path, Bench()) as desk:
        desk.subscribe(lambda update: heard.append(update) if isinstance(update, JobEvent) else None)
        desk.submit(job("Steps", id="a", client_id="c", owner="me", inputs={"count": 3, "seconds": 0.0}))
        finished(desk, "a")
        kept = desk.events.since(0).events
    assert tuple(event for event in heard if event.id is not None) == kept
    assert {type(event.event) for event in heard if event.id is None} == {Progress, Estimate}
    assert {(event.job_id, event.client_id, event.owner) for event in heard} == {("a", "c", "me")}


def test_a_paused_queue_goes_on_when_it_is_told_to(path: Path) -> None:
    with at_work(path, Bench()) as desk:
        desk.queue.pause()
        desk.submit(job(id="a"))
        assert desk.store.get("a").state is State.QUEUED
        desk.queue.resume()
        finished(desk, "a")


def test_a_job_is_cancelled_while_it_waits_and_while_it_runs(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench) as desk:
        desk.submit(job("Held", id="a"))
        desk.submit(job(id="b"))
        desk.submit(job(id="c"))
        assert bench.held.wait(5)
        desk.queue.cancel("b")
        desk.queue.cancel("a")
        finished(desk, "a", "b", "c")
        assert states(desk) == {"a": State.CANCELLED, "b": State.CANCELLED, "c": State.DONE}
    assert bench.ran == ["a:1"], "the one before made what c needs; b did not run"


def test_a_node_that_does_not_listen_does_not_hold_up_the_queue(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench, grace=0.1) as desk:
        desk.submit(job("Deaf", id="a"))
        desk.submit(job(id="b"))
        assert bench.held.wait(5)
        desk.queue.cancel("a")
        finished(desk, "a", "b")
        assert states(desk) == {"a": State.CANCELLED, "b": State.DONE}
        assert desk.events.since(0, job_id="a").events[-1].event == Interrupted("a", "2", unresponsive=True)


def test_secrets_reach_the_nodes_that_ask_and_are_forgotten(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench) as desk:
        desk.submit(job("Held", id="a", extra_data={"api_key_comfy_org": "k", "x": 1}))
        assert bench.held.wait(5)
        assert desk.secrets.of("a") == {"api_key_comfy_org": "k"}
        bench.gate.set()
        finished(desk, "a")
        assert desk.secrets.of("a") == {}
    assert bench.secrets == [{"api_key_comfy_org": "k"}]


# stopping


def _started(path: Path, bench: Bench) -> tuple[JobDesk, Dispatcher]:
    desk = JobDesk.open(path)
    dispatcher = Dispatcher(desk.store, backend(bench))
    dispatcher.start()
    return desk, dispatcher


def test_stopping_puts_the_running_job_back(path: Path) -> None:
    bench = Bench()
    desk, dispatcher = _started(path, bench)
    desk.submit(job("Held", id="a"))
    desk.submit(job(id="b"))
    assert bench.held.wait(5)
    dispatcher.close()
    assert ids(desk.store.waiting()) == ["a", "b"]
    record = desk.store.get("a")
    assert (record.deaths, record.reason) == (0, "The program was stopped while this job ran; it runs again.")
    assert not [event for event in desk.events.since(0) if isinstance(event.event, Interrupted)]
    desk.close()
    bench.gate.set()
    with at_work(path, bench) as desk:
        finished(desk, "a", "b")
        assert set(states(desk).values()) == {State.DONE}
        assert desk.history.get("a")["a"]["status"]["completed"]


def test_stopping_with_patience_lets_the_running_job_finish_and_starts_no_other(path: Path) -> None:
    bench = Bench()
    desk, dispatcher = _started(path, bench)
    desk.submit(job("Held", id="a"))
    desk.submit(job(id="b"))
    assert bench.held.wait(5)
    threading.Timer(0.05, bench.gate.set).start()
    dispatcher.close(patience=20)
    assert states(desk) == {"a": State.DONE, "b": State.QUEUED}
    desk.close()


def test_stopping_a_job_that_was_to_be_cancelled_ends_it(path: Path) -> None:
    bench = Bench()
    desk = JobDesk.open(path)
    dispatcher = Dispatcher(desk.store, backend(bench, grace=0.2))
    dispatcher.start()
    desk.submit(job("Deaf", id="a"))
    assert bench.held.wait(5)
    desk.queue.cancel("a")
    dispatcher.close()
    assert desk.store.get("a").state is State.CANCELLED
    desk.close()


def test_a_dispatcher_that_never_started_can_be_stopped(desk: JobDesk) -> None:
    desk.submit(job("Steps", id="a"))
    Dispatcher(desk.store, backend(Bench())).close()
    assert desk.store.get("a").state is State.QUEUED


def test_stopping_at_any_moment_loses_nothing(path: Path) -> None:
    bench = Bench()
    names = [str(number) for number in range(12)]
    desk = JobDesk.open(path)
    desk.store.put(*(job("Steps", n, id=str(n), inputs={"count": 2, "seconds": 0.001}) for n in range(12)))
    desk.close()
    for pause in (random.Random(5).uniform(0, 0.02) for _ in range(8)):
        desk, dispatcher = _started(path, bench)
        threading.Event().wait(pause)
        dispatcher.close()
        assert set(states(desk).values()) <= {State.QUEUED, State.DONE}
        desk.close()
    with at_work(path, bench) as desk:
        assert all(record.state is State.DONE for record in finished(desk, *names))
        assert [record.deaths for record in finished(desk, *names)] == [0] * 12
        assert len(desk.history.entries()) == 12


# trouble


class _Wild:
    """A backend that does what none should."""

    def run(self, job: Job, emit: EventSink) -> JobResult:
        if job.id == "raises":
            raise ZeroDivisionError("oh")
        return JobResult(State.DONE)

    def cancel(self, job_id: str) -> None:
        """Nothing runs long."""

    def close(self) -> None:
        """Nothing is held."""


def test_a_backend_that_raises_fails_the_job_and_the_queue_goes_on(desk: JobDesk) -> None:
    dispatcher = Dispatcher(desk.store, _Wild())
    dispatcher.start()
    desk.submit(Job("{}", id="raises"))
    desk.submit(Job("{}", id="silent"))
    failed, done = finished(desk, "raises", "silent")
    dispatcher.close()
    assert (failed.state, failed.reason) == (State.FAILED, "ZeroDivisionError: oh.")
    assert done.state is State.DONE
    assert desk.events.since(0, job_id="silent").events[-1].event == Succeeded("silent")


def test_a_full_disk_loses_no_result(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatcher_module, "RETRY_SECONDS", 0.01)
    bench = Bench()
    desk, dispatcher = _started(path, bench)
    desk.submit(job("Held", 7, id="a"))
    assert bench.held.wait(5)
    with desk.database.read() as connection:
        connection.execute("PRAGMA query_only = 1")
    bench.gate.set()
    wait_for(lambda: "cannot be used" in dispatcher.trouble, "the trouble")
    with desk.database.read() as connection:
        connection.execute("PRAGMA query_only = 0")
    (record,) = finished(desk, "a")
    assert (record.state, record.outputs) == (State.DONE, {"9": {"text": ["7"]}})
    assert [name for name, _ in record.messages] == ["execution_start", "execution_cached", "execution_success"]
    wait_for(lambda: dispatcher.trouble == "", "the end of the trouble")
    dispatcher.close()
    desk.close()


def test_each_kind_of_job_has_a_dispatcher(desk: JobDesk) -> None:
    dispatcher = Dispatcher(desk.store, _Wild(), kind="download")
    dispatcher.start()
    desk.submit(Job("{}", id="graph"))
    desk.submit(Job("url", id="load", kind="download"))
    finished(desk, "load")
    dispatcher.close()
    assert desk.store.get("graph").state is State.QUEUED


# races


@pytest.mark.slow
def test_a_thousand_cancels_at_random_moments(path: Path) -> None:
    """Each job ends once, as done or cancelled; what was cancelled while it waited never ran."""
    bench, dice = Bench(), random.Random(3)
    ends: dict[str, list[State]] = {}

    def listen(update: Update) -> None:
        if isinstance(update, JobChanged) and update.record.state.finished:
            ends.setdefault(update.record.id, []).append(update.record.state)

    def cancel(names: list[str]) -> None:
        for name in names:
            desk.queue.cancel(name)
            if dice.random() < 0.3:
                threading.Event().wait(dice.random() * 0.003)

    with at_work(path, bench) as desk:
        desk.subscribe(listen)
        names = [str(number) for number in range(1000)]
        for number in range(1000):
            desk.submit(job("Steps", number, id=str(number), inputs={"count": 2, "seconds": 0.0002}))
        running_first = [*names[:400], *dice.sample(names, 600)]
        threads = [threading.Thread(target=cancel, args=(running_first[part::3],)) for part in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        records = finished(desk, *names)
    assert {name: [record.state] for name, record in zip(names, records, strict=True)} == ends
    assert {record.state for record in records} == {State.DONE, State.CANCELLED}
    never = {record.id for record in records if record.started is None}
    assert never
    assert not never & {line.split(":")[0] for line in bench.ran}
    assert all(record.state is State.CANCELLED for record in records if record.started is None)
