"""What people do with the queue: every operation in every state."""

from __future__ import annotations

from pathlib import Path

import pytest

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.errors import BadJob, UnknownJob, WrongState
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.updates import CancelWished, QueueChanged, Update

from .pack import ids, run_one


def _put(desk: JobDesk, *names: str, **fields: str) -> None:
    desk.store.put(*(Job("{}", id=name, number=desk.store.next_number(), **fields) for name in names))  # type: ignore[arg-type]


def _order(desk: JobDesk) -> str:
    return "".join(ids(desk.store.waiting()))


def test_a_waiting_job_is_cancelled_at_once(desk: JobDesk) -> None:
    _put(desk, "a", "b")
    assert desk.queue.cancel("a").state is State.CANCELLED
    assert _order(desk) == "b"
    assert run_one(desk.store).id == "b"
    assert desk.store.get("a").started is None


def test_a_running_job_is_asked_to_stop(desk: JobDesk) -> None:
    heard: list[Update] = []
    _put(desk, "a")
    taken = desk.store.take()
    assert taken is not None
    desk.subscribe(heard.append)
    record = desk.queue.cancel("a")
    assert (record.state, record.cancelling) == (State.RUNNING, True)
    assert CancelWished(taken.job) in heard
    assert desk.store.requeue(taken, "stopped") is None, "a cancelled job does not come back"
    ended = desk.store.finish(taken, JobResult(State.CANCELLED))
    assert ended is not None
    assert (ended.state, ended.cancelling) == (State.CANCELLED, False)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
def test_a_finished_job_stays_what_it_is(desk: JobDesk, state: State) -> None:
    _put(desk, "a")
    ended = run_one(desk.store, state)
    assert desk.queue.cancel("a") == ended


def test_nothing_can_be_done_with_a_job_that_does_not_exist(desk: JobDesk) -> None:
    for operation in (desk.queue.cancel, desk.queue.move, desk.queue.retry):
        with pytest.raises(UnknownJob):
            operation("x")
    with pytest.raises(UnknownJob):
        desk.queue.prioritise("x", 1)


def test_nothing_can_be_done_with_another_users_job(desk: JobDesk) -> None:
    _put(desk, "a", owner="me")
    for operation in (desk.queue.cancel, desk.queue.move, desk.queue.retry):
        with pytest.raises(UnknownJob):
            operation("a", owner="you")
    assert desk.queue.withdraw("a", owner="you") == desk.queue.cancel_all("you") == ()
    assert desk.store.get("a").state is State.QUEUED


def test_withdrawing_passes_over_what_runs_and_interrupting_what_waits(desk: JobDesk) -> None:
    _put(desk, "a", "b")
    desk.store.take()
    assert desk.queue.withdraw("a", "x") == ()
    assert desk.queue.interrupt("b", "x") == ()
    assert ids(desk.queue.withdraw("a", "b")) == ["b"]
    assert ids(desk.queue.interrupt()) == ["a"]
    assert desk.store.get("a").cancelling


def test_all_that_waits_can_be_cancelled(desk: JobDesk) -> None:
    _put(desk, "a", *map(str, range(120)))
    desk.store.take()
    assert ids(desk.queue.cancel_all()) == list(map(str, range(120)))
    assert not desk.store.get("a").cancelling
    assert desk.store.remaining() == 1


def test_a_batch_can_be_cancelled_the_running_item_too(desk: JobDesk) -> None:
    desk.store.put(*(Job("{}", id=name, batch_id="x", item=item) for item, name in enumerate("abc")), Job("{}", id="d"))
    run_one(desk.store)
    desk.store.take()
    desk.queue.cancel_all(batch_id="x")
    assert [record.state for record in desk.store.batch("x")] == [State.DONE, State.RUNNING, State.CANCELLED]
    assert desk.store.get("b").cancelling
    assert _order(desk) == "d"


@pytest.mark.parametrize(
    ("moved", "before", "expected"),
    [
        ("d", "a", "dabc"),
        ("a", "d", "bcad"),
        ("b", "c", "abcd"),
        ("a", None, "bcda"),
        ("d", None, "abcd"),
        ("b", "b", "abcd"),
    ],
)
def test_a_waiting_job_is_moved(desk: JobDesk, moved: str, before: str | None, expected: str) -> None:
    _put(desk, *"abcd")
    desk.queue.move(moved, before)
    assert _order(desk) == expected


def test_jobs_of_one_number_are_moved_and_new_ones_come_after(desk: JobDesk) -> None:
    desk.store.put(*(Job("{}", id=name) for name in "abcd"))
    desk.queue.move("d", "b")
    desk.queue.move("c", "a")
    desk.queue.move("a", "a")
    assert _order(desk) == "cadb"
    desk.store.put(Job("{}", id="e"))
    assert _order(desk) == "cadbe"


def test_a_moved_job_takes_over_the_priority_and_keeps_its_number(desk: JobDesk) -> None:
    _put(desk, "a", "b", "c")
    desk.queue.prioritise("a", 5)
    moved = desk.queue.move("c", "a")
    assert (moved.job.priority, moved.job.number) == (5, 2)
    assert _order(desk) == "cab"


def test_moving_is_told(desk: JobDesk) -> None:
    heard: list[Update] = []
    _put(desk, "a", "b")
    desk.subscribe(heard.append)
    desk.queue.move("b", "a")
    desk.queue.pause("for lunch")
    desk.queue.move("a", "b")
    told = [update for update in heard if isinstance(update, QueueChanged)]
    assert told == [QueueChanged(paused=False), *[QueueChanged(paused=True, reason="for lunch")] * 2]


def test_a_priority_goes_before_a_number(desk: JobDesk) -> None:
    _put(desk, "a", "b", "c")
    assert desk.queue.prioritise("c", 1).job.priority == 1
    desk.queue.prioritise("a", -1)
    assert _order(desk) == "cba"
    with pytest.raises(BadJob, match="between"):
        desk.queue.prioritise("a", 10**30)


@pytest.mark.parametrize("state", [None, State.DONE, State.CANCELLED])
def test_only_what_waits_can_be_moved(desk: JobDesk, state: State | None) -> None:
    _put(desk, "a", "b")
    desk.store.take() if state is None else run_one(desk.store, state)
    word = state or State.RUNNING
    with pytest.raises(WrongState, match=f"Job a is {word}"):
        desk.queue.move("a", "b")
    with pytest.raises(WrongState, match=f"Job a is {word}"):
        desk.queue.move("b", "a")
    with pytest.raises(WrongState, match=f"Job a is {word}"):
        desk.queue.prioritise("a", 1)


def test_a_paused_queue_gives_nothing_and_stays_so_over_a_restart(path: Path) -> None:
    desk = JobDesk.open(path)
    heard: list[Update] = []
    desk.subscribe(heard.append)
    _put(desk, "a")
    desk.queue.pause("for lunch")
    assert desk.store.take() is None
    desk.close()
    desk = JobDesk.open(path)
    assert desk.queue.paused == "for lunch"
    assert desk.store.take() is None
    desk.subscribe(heard.append)
    desk.queue.resume()
    assert desk.queue.paused == ""
    assert desk.store.take() is not None
    desk.close()
    assert [update for update in heard if isinstance(update, QueueChanged)] == [
        QueueChanged(paused=True, reason="for lunch"),
        QueueChanged(paused=False),
    ]


def test_a_queue_can_be_told_how_to_start(path: Path) -> None:
    JobDesk.open(path, on_start="paused").close()
    desk = JobDesk.open(path, on_start="last")
    assert desk.queue.paused == "started paused"
    desk.close()
    desk = JobDesk.open(path, on_start="run")
    assert desk.queue.paused == ""
    desk.close()


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
def test_a_finished_job_is_run_again_as_a_new_one(desk: JobDesk, state: State) -> None:
    _put(desk, "a", client_id="c", owner="me")
    old = run_one(desk.store, state)
    new = desk.queue.retry("a", client_id="other")
    assert new.state is State.QUEUED
    assert (new.job.retry_of, new.job.number, new.job.client_id, new.job.owner) == ("a", 1, "other", "me")
    assert new.job.digest == old.job.digest
    assert desk.store.get("a") == old
    assert desk.queue.retry("a").job.client_id == "c"


def test_a_job_that_has_not_ended_is_not_run_again(desk: JobDesk) -> None:
    _put(desk, "a")
    with pytest.raises(WrongState, match="queued"):
        desk.queue.retry("a")
    desk.store.take()
    with pytest.raises(WrongState, match="running"):
        desk.queue.retry("a")


def test_a_retried_item_stands_for_its_place_in_the_batch(desk: JobDesk) -> None:
    desk.store.put(Job("{}", id="a", batch_id="x", item=0), Job("{}", id="b", batch_id="x", item=1))
    run_one(desk.store, State.FAILED)
    new = desk.queue.retry("a")
    assert ids(desk.store.batch("x")) == [new.id, "b"]
    assert desk.store.batch_items("x") == ((0, new.id, State.QUEUED), (1, "b", State.QUEUED))
    with pytest.raises(UnknownJob):
        desk.store.batch("y")
    with pytest.raises(UnknownJob):
        desk.store.batch("")
    for missing in ("y", ""):
        with pytest.raises(UnknownJob):
            desk.store.batch_items(missing)
    with pytest.raises(UnknownJob):
        desk.store.batch_items("x", owner="you")
