"""What was running when the process ended runs once more; what ends the process twice is parked."""

from __future__ import annotations

from pathlib import Path

from ldm_nodes.engine.events import Cached, Event, Executed, Executing, Failed, Interrupted, Started
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.state import State

from .pack import ids, run_one

TOLD: list[Event] = [
    Started("a", ("1", "2", "9")),
    Cached("a", ()),
    Executing("a", "1", "Show", ""),
    Executed("a", "1", {"text": ["x"]}, 0.1, reused=False),
    Executing("a", "2", "KSampler", "My sampler"),
]


def _die(path: Path, *, cancel: bool = False) -> None:
    """Take a job, have it tell what it does, and leave as a process that was killed does."""
    desk = JobDesk.open(path)
    record = desk.store.take()
    assert record is not None
    for event in TOLD:
        desk.events.append(record.job, event)
    if cancel:
        desk.queue.cancel(record.id)
    desk.close()


def _put(path: Path, *names: str) -> None:
    desk = JobDesk.open(path)
    desk.store.put(*(Job("{}", id=name) for name in names))
    desk.close()


def test_a_running_job_goes_back_to_its_place(path: Path) -> None:
    _put(path, "a", "b")
    _die(path)
    desk = JobDesk.open(path)
    assert ids(desk.store.waiting()) == ["a", "b"]
    assert ids(desk.recovery.requeued) == ["a"]
    record = desk.store.get("a")
    assert (record.deaths, record.attempts, record.started) == (1, 1, None)
    assert record.reason == (
        'The process ended while this job ran (node 2 "My sampler" (KSampler) was at work); it runs again.'
    )
    assert run_one(desk.store).reason == ""
    desk.close()


def test_a_job_that_ended_the_process_twice_is_parked_with_its_reason(path: Path) -> None:
    _put(path, "a", "b")
    _die(path)
    _die(path)
    desk = JobDesk.open(path)
    assert ids(desk.recovery.parked) == ["a"]
    assert ids(desk.store.waiting()) == ["b"]
    record = desk.store.get("a")
    assert (record.state, record.deaths) == (State.PARKED, 2)
    assert 'node 2 "My sampler" (KSampler)' in record.reason
    assert "2 times" in record.reason
    assert "retry it by hand" in record.reason
    assert record.outputs == {"1": {"text": ["x"]}}
    last = desk.events.since(0, job_id="a").events[-1].event
    assert isinstance(last, Failed)
    assert last.problem.code == "job_parked"
    desk.close()


def test_a_parked_job_ends_in_history_as_an_error(path: Path) -> None:
    _put(path, "a")
    _die(path)
    _die(path)
    desk = JobDesk.open(path)
    status = desk.history.get("a")["a"]["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)
    assert [name for name, _ in status["messages"]] == ["execution_start", "execution_cached", "execution_error"]
    error = status["messages"][-1][1]
    assert (error["node_id"], error["node_type"], error["executed"]) == ("2", "KSampler", ["1"])
    desk.close()


def test_a_parked_job_can_be_tried_again_and_has_two_lives_again(path: Path) -> None:
    _put(path, "a")
    _die(path)
    _die(path)
    desk = JobDesk.open(path)
    new = desk.queue.retry("a")
    assert (new.state, new.deaths) == (State.QUEUED, 0)
    desk.close()
    _die(path)
    desk = JobDesk.open(path)
    assert ids(desk.recovery.requeued) == [new.id]
    desk.close()


def test_a_job_that_was_to_be_cancelled_does_not_come_back(path: Path) -> None:
    _put(path, "a")
    _die(path, cancel=True)
    desk = JobDesk.open(path)
    assert ids(desk.recovery.cancelled) == ["a"]
    assert desk.store.get("a").state is State.CANCELLED
    assert desk.events.since(0, job_id="a").events[-1].event == Interrupted("a", "2")
    desk.close()


def test_a_shutdown_is_no_death(path: Path) -> None:
    _put(path, "a")
    for _ in range(5):
        desk = JobDesk.open(path)
        record = desk.store.take()
        assert record is not None
        assert desk.store.requeue(record, "stopped") is not None
        desk.close()
    desk = JobDesk.open(path)
    assert desk.store.get("a").deaths == 0
    assert desk.recovery.requeued == ()
    desk.close()


def test_nothing_is_recovered_where_nothing_ran(path: Path) -> None:
    _put(path, "a")
    desk = JobDesk.open(path)
    assert (desk.recovery.requeued, desk.recovery.parked, desk.recovery.cancelled) == ((), (), ())
    desk.close()
