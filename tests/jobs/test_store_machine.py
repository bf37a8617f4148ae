"""Whatever is done in whatever order, with restarts in between: no job is lost, none runs twice, the order holds."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.errors import WrongState
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.record import JobRecord
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State

from .pack import ids


@dataclass
class Model:
    """What a job should be like."""

    state: State
    deaths: int = 0
    wished: bool = False


class Queue(RuleBasedStateMachine):
    """The store beside a list and a dictionary that say what it should hold."""

    jobs = Bundle("jobs")
    runs = Bundle("runs")

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "jobs.sqlite3"
        self.desk = JobDesk.open(self.path)
        self.model: dict[str, Model] = {}
        self.order: list[tuple[int, float, str]] = []  # the waiting jobs: priority, number, id
        self.count = 0

    def teardown(self) -> None:
        self.desk.close()
        self.folder.cleanup()

    @rule(target=jobs, number=st.sampled_from([0, 1, 2.5, -1]), priority=st.sampled_from([0, 0, 5]))
    def put(self, number: float, priority: int) -> str:
        name = f"job{self.count}"
        self.count += 1
        self.desk.submit(Job("{}", id=name, number=number, priority=priority))
        self.model[name] = Model(State.QUEUED)
        self._wait(name, priority, number)
        return name

    def _wait(self, name: str, priority: int, number: float) -> None:
        """Put a job behind all that go before it."""
        place = sum((-other[0], other[1]) <= (-priority, number) for other in self.order)
        self.order.insert(place, (priority, number, name))

    @rule(target=runs)
    def take(self) -> Any:
        record = self.desk.store.take()
        if not self.order:
            assert record is None
            return multiple()
        assert record is not None
        assert record.id == self.order.pop(0)[2]
        self.model[record.id].state = State.RUNNING
        self.model[record.id].wished = False
        return record

    @rule(record=consumes(runs), state=st.sampled_from([State.DONE, State.FAILED, State.CANCELLED]))
    def finish(self, record: JobRecord, state: State) -> None:
        ended = self.desk.store.finish(record, JobResult(state))
        if self._current(record):
            assert ended is not None
            self.model[record.id].state = state
        else:
            assert ended is None

    def _current(self, record: JobRecord) -> bool:
        now = self.desk.store.get(record.id)
        return self.model[record.id].state is State.RUNNING and now.attempts == record.attempts

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        self.desk.queue.cancel(job)
        known = self.model[job]
        if known.state is State.QUEUED:
            known.state = State.CANCELLED
            self.order = [entry for entry in self.order if entry[2] != job]
        elif known.state is State.RUNNING:
            known.wished = True

    @rule(job=jobs, before=jobs)
    def move(self, job: str, before: str) -> None:
        names = [entry[2] for entry in self.order]
        if job not in names or before not in names:
            try:
                self.desk.queue.move(job, before)
            except WrongState:
                return
            raise AssertionError("a job that does not wait was moved")
        self.desk.queue.move(job, before)
        if job != before:
            priority, number, _ = self.order[names.index(before)]
            del self.order[names.index(job)]
            names.remove(job)
            self.order.insert(names.index(before), (priority, number, job))

    @rule(target=jobs, job=jobs)
    def retry(self, job: str) -> Any:
        if not self.model[job].state.finished:
            return multiple()
        record = self.desk.queue.retry(job)
        self.model[record.id] = Model(State.QUEUED)
        self._wait(record.id, record.job.priority, record.job.number)
        return record.id

    @rule()
    def die_and_restart(self) -> None:
        """Close the file as if the process had been killed: what runs is neither finished nor put back."""
        self._restart()
        back: list[str] = []
        for name, known in self.model.items():
            if known.state is not State.RUNNING:
                continue
            known.deaths += 1
            if known.wished:
                known.state = State.CANCELLED
            elif known.deaths == 2:
                known.state = State.PARKED
            else:
                known.state = State.QUEUED
                back.append(name)
        self._expect_back(back)

    def _expect_back(self, back: list[str]) -> None:
        """Take the places of jobs that came back from the store, after looking that the others kept their order."""
        waiting = ids(self.desk.store.waiting())
        assert [name for name in waiting if name not in back] == [entry[2] for entry in self.order]
        assert set(back) <= set(waiting)
        known = {name: (priority, number) for priority, number, name in self.order}
        for name in back:
            record = self.desk.store.get(name)
            known[name] = (record.job.priority, self._rank(name))
        self.order = [(*known[name], name) for name in waiting]

    def _rank(self, name: str) -> float:
        with self.desk.database.read() as connection:
            return float(connection.execute("SELECT rank FROM jobs WHERE id = ?", (name,)).fetchone()[0])

    def _restart(self) -> None:
        self.desk.close()
        self.desk = JobDesk.open(self.path)

    @precondition(lambda self: not any(known.state is State.RUNNING for known in self.model.values()))
    @rule()
    def restart(self) -> None:
        self._restart()

    @invariant()
    def every_job_is_there_once_in_its_state(self) -> None:
        if hasattr(self, "desk"):
            assert {record.id: record.state for record in self.desk.store.page(limit=1000)} == {
                name: known.state for name, known in self.model.items()
            }

    @invariant()
    def the_order_holds(self) -> None:
        if hasattr(self, "desk"):
            assert ids(self.desk.store.waiting()) == [entry[2] for entry in self.order]


TestQueue = Queue.TestCase
TestQueue.settings = settings(deadline=None, max_examples=15, stateful_step_count=30)
