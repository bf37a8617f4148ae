"""A client that was away catches up from the last event it saw, or learns that it cannot."""

from __future__ import annotations

import pytest

from ldm_nodes.engine.events import Cached, Executing, Started
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.errors import UnknownJob
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.updates import JobEvent, Update

from .pack import run_one


def _tell(desk: JobDesk, *job_ids: str) -> list[int]:
    events = [desk.events.append(desk.store.get(job_id).job, Started(job_id, (job_id,))) for job_id in job_ids]
    return [event.id or 0 for event in events]


def _put(desk: JobDesk) -> None:
    desk.store.put(Job("{}", id="a", owner="me", client_id="c"), Job("{}", id="b", owner="you", client_id="d"))


def test_events_are_on_the_disk_when_they_are_told(desk: JobDesk) -> None:
    _put(desk)
    heard: list[JobEvent] = []

    def listen(update: Update) -> None:
        if isinstance(update, JobEvent):
            assert desk.events.since((update.id or 0) - 1).events == (update,)
            heard.append(update)

    desk.subscribe(listen)
    told = desk.events.append(desk.store.get("a").job, Started("a", ("1",)))
    assert heard == [told]
    assert (told.job_id, told.client_id, told.owner, told.event) == ("a", "c", "me", Started("a", ("1",)))


def test_a_client_resumes_after_any_event(desk: JobDesk) -> None:
    _put(desk)
    numbers = _tell(desk, *"abababab")
    assert numbers == sorted(set(numbers))
    assert desk.events.last_id() == numbers[-1]
    for index, number in enumerate(numbers):
        page = desk.events.since(number)
        assert [event.id for event in page] == numbers[index + 1 :]
        assert page.complete
        assert page.last_id == numbers[-1]


def test_events_of_a_job_a_user_or_a_client(desk: JobDesk) -> None:
    _put(desk)
    first, second, third = _tell(desk, "a", "b", "a")
    assert [event.id for event in desk.events.since(0, job_id="a")] == [first, third]
    assert [event.id for event in desk.events.since(0, owner="you")] == [second]
    assert [event.id for event in desk.events.since(first, client_id="c")] == [third]
    assert not desk.events.since(0, job_id="a", client_id="d").events


def test_pages_of_events_hold_each_once(desk: JobDesk) -> None:
    _put(desk)
    numbers = _tell(desk, *"aabbaab")
    seen: list[int | None] = []
    last_id, more = 0, True
    while more:
        page = desk.events.since(last_id, limit=3)
        seen += [event.id for event in page]
        last_id, more = page.last_id, page.more
    assert seen == numbers


def test_the_events_of_a_job_that_waits_are_none_and_complete(desk: JobDesk) -> None:
    _put(desk)
    page = desk.events.since(0, job_id="a")
    assert (page.events, page.complete, page.more) == ((), True, False)


def test_events_of_unknown_jobs_are_not_empty_but_unknown(desk: JobDesk) -> None:
    _put(desk)
    with pytest.raises(UnknownJob):
        desk.events.since(0, job_id="x")
    with pytest.raises(UnknownJob):
        desk.events.since(0, job_id="a", owner="you")


def test_a_client_of_a_lost_queue_is_told_to_begin_anew(desk: JobDesk) -> None:
    assert desk.events.since(0).complete
    assert not desk.events.since(1234).complete


def test_deleting_a_job_leaves_a_gap_that_is_told(desk: JobDesk) -> None:
    _put(desk)
    first, second = _tell(desk, "a", "b")
    run_one(desk.store)
    desk.history.delete(["a"])
    assert not desk.events.since(0).complete
    assert desk.events.since(first).complete
    assert [event.id for event in desk.events.since(first)] == [second]
    assert _tell(desk, "b")[0] > second


def test_an_event_of_another_version_is_passed_over(desk: JobDesk) -> None:
    _put(desk)
    job = desk.store.get("a").job
    desk.events.append(job, Cached("a", ()))
    with desk.database.write() as transaction:
        transaction.execute("UPDATE events SET kind = 'Levitated'")
    last = desk.events.append(job, Executing("a", "1", "Show", ""))
    page = desk.events.since(0)
    assert page.events == (last,)
    assert page.last_id == last.id
