"""What has been is kept within limits; what waits or runs is never dropped."""

from __future__ import annotations

from pathlib import Path

from ldm_nodes.engine.events import Executing, Started
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.event_log import EventLog
from ldm_nodes.jobs.history import History
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.retention import DAY, Retention
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.store import JobStore
from ldm_nodes.jobs.updates import JobRemoved, Update

from .pack import ids, opened, run_one


def _run(store: JobStore, job: Job, events: int = 0) -> None:
    """Run one job that tells so many events."""
    store.put(job)
    record = store.take()
    assert record is not None
    log = EventLog(store.database)
    for number in range(events):
        log.append(job, Executing(job.id, str(number), "Show", ""))
    store.finish(record, JobResult(State.DONE), [("execution_start", {})])


def test_the_oldest_finished_jobs_go_and_are_told(path: Path) -> None:
    heard: list[Update] = []
    with opened(path, Retention(jobs=3)) as store:
        store.database.feed.subscribe(heard.append)
        for number in range(5):
            _run(store, Job("{}", id=str(number), owner="me"), events=2)
        assert ids(store.page()) == ["4", "3", "2"]
        assert [update for update in heard if isinstance(update, JobRemoved)] == [
            JobRemoved("0", "me"),
            JobRemoved("1", "me"),
        ]
        assert len(EventLog(store.database).since(0).events) == 6


def test_what_ended_first_goes_first_whenever_it_came(path: Path) -> None:
    with opened(path, Retention(jobs=1)) as store:
        store.put(Job("{}", id="early", number=9), Job("{}", id="late", number=1))
        assert [run_one(store).id, run_one(store).id] == ["late", "early"]
        assert ids(store.page()) == ["early"]


def test_what_waits_or_runs_stays(path: Path) -> None:
    with opened(path, Retention(jobs=0, days=0, size=0, events=0)) as store:
        store.put(*(Job("{}", id=name) for name in "abc"))
        ended, running = store.take(), store.take()
        assert ended is not None
        assert running is not None
        EventLog(store.database).append(running.job, Started("b", ()))
        store.finish(ended, JobResult(State.DONE))
        assert ids(store.page()) == ["c", "b"]
        assert len(EventLog(store.database).since(0, job_id="b").events) == 1


def test_jobs_go_after_so_many_days(path: Path) -> None:
    now = [1e9]
    with opened(path, Retention(days=7), clock=lambda: now[0]) as store:
        _run(store, Job("{}", id="a"))
        now[0] += 6 * DAY
        _run(store, Job("{}", id="b"))
        assert ids(store.page()) == ["b", "a"]
        now[0] += 2 * DAY
        _run(store, Job("{}", id="c"))
        assert ids(store.page()) == ["c", "b"]


def test_limits_count_from_the_start(path: Path) -> None:
    with opened(path) as store:
        for name in "abc":
            _run(store, Job("{}", id=name))
    desk = JobDesk.open(path, Retention(jobs=1))
    try:
        assert ids(desk.store.page()) == ["c"]
    finally:
        desk.close()


def test_the_file_stays_within_its_size(path: Path) -> None:
    limit = 1 << 20
    with opened(path, Retention(size=limit)) as store:
        for number in range(200):
            _run(store, Job("{}" + " " * 20_000, id=str(number)))
        assert "199" in ids(store.page())
        assert 20 < store.page().total < 60
    assert path.stat().st_size < 1.2 * limit


def test_events_of_finished_jobs_go_but_their_history_stays(path: Path) -> None:
    with opened(path, Retention(events=25)) as store:
        for number in range(6):
            _run(store, Job("{}", id=str(number)), events=10)
        log = EventLog(store.database)
        kept = [len(log.since(0, job_id=str(number)).events) for number in range(6)]
        assert kept == [0, 0, 0, 0, 10, 10]
        assert all(entry["status"]["messages"] for entry in History(store).entries().values())
        assert not log.since(0, job_id="0").complete
        assert log.since(0, job_id="4").complete
        assert not log.since(39).complete
        assert log.since(40).complete
