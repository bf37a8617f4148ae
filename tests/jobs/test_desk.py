"""The parts of the queue put together: what a client sees when it connects, and that it misses nothing afterwards."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.errors import BadJob, StoreInUse, StoreUnavailable
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.updates import JobChanged, JobEvent, Update

from .pack import Bench, at_work, job, states


def test_an_overview_is_of_one_moment(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench) as desk:
        desk.submit(job("Held", id="a", owner="me"))
        assert bench.held.wait(5)
        desk.store.put(job(id="b", owner="you"), job(id="c", owner="me"))
        overview = desk.overview()
        assert [record.id for record in overview.running] == ["a"]
        assert overview.snapshots["a"].at_work == "2"
        assert overview.snapshots["a"].last_id == overview.last_id == desk.events.last_id()
        assert overview.waiting == ("b", "c")
        assert overview.counts[State.QUEUED] == 2
        assert overview.paused == ""
        assert desk.overview("you").running == ()
        assert desk.overview("you").waiting == ("b",)


def test_a_job_that_is_refused_leaves_no_secret(desk: JobDesk) -> None:
    desk.submit(Job("{}", id="a"))
    with pytest.raises(BadJob):
        desk.submit(Job("{}", id="a", extra_data={"api_key_comfy_org": "k"}))
    assert desk.secrets.of("a") == {}


def test_a_desk_that_cannot_be_opened_holds_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(store: object) -> None:
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("ldm_nodes.jobs.desk.recover", fail)
        with pytest.raises(StoreUnavailable):
            JobDesk.open(path)
    JobDesk.open(path).close()


def test_two_desks_on_one_file_are_refused(desk: JobDesk, path: Path) -> None:
    with pytest.raises(StoreInUse):
        JobDesk.open(path)


class _Client:
    """A client with an inbox, as a socket has one: it catches up when it connects, and then reads what has come."""

    def __init__(self, desk: JobDesk) -> None:
        self.desk = desk
        self.states: dict[str, State] = {}
        self.events: list[int] = []
        self.inbox: SimpleQueue[Update] = SimpleQueue()
        self._leave: Callable[[], None] = lambda: None

    def connect(self) -> None:
        self.inbox = SimpleQueue()
        self._leave = self.desk.subscribe(self.inbox.put)
        page = self.desk.events.since(self.events[-1] if self.events else 0, limit=1_000_000)
        assert page.complete
        self.events += [event.id for event in page if event.id]
        self.states = states(self.desk)

    def disconnect(self) -> None:
        self._leave()

    def read(self) -> None:
        while not self.inbox.empty():
            update = self.inbox.get()
            if isinstance(update, JobChanged):
                self.states[update.record.id] = update.record.state
            elif isinstance(update, JobEvent) and update.id and update.id > (self.events or [0])[-1]:
                self.events.append(update.id)


@pytest.mark.slow
def test_clients_that_come_and_go_see_what_the_queue_sees(path: Path) -> None:
    """Jobs from many threads, cancels, failures and disconnects: at the end every view equals the queue's."""
    dice, bench = random.Random(11), Bench()
    kinds = ["", "Steps", "Broken", "Steps"]

    def work(desk: JobDesk, part: int) -> None:
        own = random.Random(part)
        for number in range(60):
            middle = own.choice(kinds)
            inputs = {"count": 2, "seconds": 0.0} if middle == "Steps" else {}
            record = desk.submit(job(middle, part * 1000 + number, inputs=inputs, client_id=str(part)))
            if own.random() < 0.2:
                desk.queue.cancel(record.id)

    with at_work(path, bench) as desk:
        clients = [_Client(desk) for _ in range(6)]
        threads = [threading.Thread(target=work, args=(desk, part)) for part in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) or desk.store.remaining():
            client = dice.choice(clients)
            client.disconnect()
            client.connect()
            client.read()
        for client in clients:
            client.disconnect()
            client.connect()
            client.read()
        everything = [event.id for event in desk.events.since(0, limit=1_000_000)]
        assert len(states(desk)) == 240
        assert all(state.finished for state in states(desk).values())
        for client in clients:
            assert client.states == states(desk)
            assert client.events == everything
