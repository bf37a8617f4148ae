"""A client that connects in mid-run is shown how far the job is."""

from __future__ import annotations

from pathlib import Path

from ldm_nodes.engine.events import Cached, Event, Executed, Executing, Progress, Started
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.live import Snapshot
from ldm_nodes.jobs.recorder import Recorder
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State

from .pack import Bench, at_work, job, wait_for


def _told(desk: JobDesk, *events: Event) -> Snapshot | None:
    desk.store.put(Job("{}", id="a"))
    record = desk.store.take()
    assert record is not None
    recorder = Recorder(desk.database, record)
    for event in events:
        recorder.emit(event)
    return desk.live.snapshot("a")


RUN: tuple[Event, ...] = (
    Started("a", ("1", "2", "3")),
    Cached("a", ("1",)),
    Executing("a", "2", "KSampler", ""),
    Progress("a", "2", 3, 20),
    Executed("a", "2", None, 1.0, reused=False),
    Executing("a", "3", "KSampler", ""),
    Progress("a", "3", 1, 20),
    Progress("a", "3", 2, 20),
)


def test_how_far_a_job_is(desk: JobDesk) -> None:
    snapshot = _told(desk, *RUN)
    assert snapshot == Snapshot("a", desk.events.last_id(), "3", {"2": (3, 20), "3": (2, 20)}, ("1",), ("2",))
    assert desk.events.since(snapshot.last_id).events == ()


def test_a_run_that_begins_anew(desk: JobDesk) -> None:
    snapshot = _told(desk, *RUN, Started("a", ()))
    assert snapshot == Snapshot("a", desk.events.last_id(), None, {}, (), ())


def test_jobs_that_do_not_run_have_none(desk: JobDesk) -> None:
    desk.store.put(Job("{}", id="a"))
    assert desk.live.snapshot("a") is None
    record = desk.store.take()
    assert record is not None
    assert desk.live.snapshot("a") == Snapshot("a", 0, None, {}, (), ())
    desk.store.finish(record, JobResult(State.DONE))
    assert desk.live.snapshot("a") is None


def test_a_snapshot_does_not_change_afterwards(desk: JobDesk) -> None:
    snapshot = _told(desk, *RUN[:4])
    assert snapshot is not None
    record = desk.store.get("a")
    Recorder(desk.database, record).emit(RUN[4])
    assert snapshot.executed == ()
    assert desk.live.snapshot("a") != snapshot


def test_a_real_run_is_seen_in_the_middle_and_continued_from_there(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench) as desk:
        desk.submit(job("Held", id="a"))
        assert bench.held.wait(5)
        snapshot = desk.live.snapshot("a")
        assert snapshot is not None
        assert (snapshot.at_work, snapshot.executed) == ("2", ("1",))
        bench.gate.set()
        wait_for(lambda: desk.store.get("a").state is State.DONE)
        after = [type(event.event).__name__ for event in desk.events.since(snapshot.last_id, job_id="a")]
        assert after == ["Executed", "Executing", "Executed", "Explained", "Succeeded"]
