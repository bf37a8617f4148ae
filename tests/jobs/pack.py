"""Small nodes, graphs and queues for the tests of the jobs."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Float, Int, Socket
from ldm_nodes.engine.spec import Node, NodeOutput, node
from ldm_nodes.jobs.database import Database
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.jobs.record import JobBrief, JobRecord
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.retention import Retention
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.store import JobStore
from ldm_nodes.settings import Folders

Number = Annotated[Any, Socket("NUMBER")]
Graph = dict[str, dict[str, Any]]
PATIENCE = 20.0


class Bench:
    """The runtime of these tests: what ran, and a gate that holds some nodes until it opens."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.gate = threading.Event()
        self.held = threading.Event()
        self.secrets: list[Mapping[str, str]] = []


@node("Value", category="test")
def value(number: Annotated[int, Int(min=-1000, max=1_000_000)] = 1, *, context: Context[Bench]) -> Number:
    context.runtime.ran.append(f"{context.run_id}:{context.node_id}")
    return number


@node("Show", category="test", output=True)
def show(value: Number) -> NodeOutput[None]:
    return NodeOutput(None, {"text": [str(value)]})


@node("Steps", category="test")
def steps(
    value: Number,
    count: Annotated[int, Int(min=0, max=100_000)],
    seconds: Annotated[float, Float(min=0, max=10)],
    *,
    context: Context[Bench],
) -> Number:
    for step in range(count):
        context.progress(step + 1, count)
        time.sleep(seconds)
    return value


@node("Held", category="test")
def held(value: Number, *, context: Context[Bench]) -> Number:
    context.runtime.secrets.append(dict(context.secrets))
    context.runtime.held.set()
    while not context.runtime.gate.wait(0.002):
        context.check_cancelled()
    return value


@node("Deaf", category="test")
def deaf(value: Number, *, context: Context[Bench]) -> Number:
    context.runtime.held.set()
    while not context.runtime.gate.wait(0.002):
        pass
    return value


@node("Broken", category="test")
def broken(value: Number) -> Number:
    raise ZeroDivisionError(f"cannot divide {value}")


@node("Exits", category="test")
def exits(value: Number) -> Number:
    raise SystemExit("a node that ends the program")


def registry() -> Registry:
    return Registry(value, show, steps, held, deaf, broken, exits)


def graph_of(middle: str = "", number: int = 1, **inputs: Any) -> Graph:
    """Return a value, a node of class `middle` if any, and a node that shows what came out."""
    graph: Graph = {"1": {"class_type": "Value", "inputs": {"number": number}}}
    if middle:
        graph["2"] = {"class_type": middle, "inputs": {"value": ["1", 0], **inputs}, "_meta": {"title": "The middle"}}
    graph["9"] = {"class_type": "Show", "inputs": {"value": ["2" if middle else "1", 0]}}
    return graph


def job(middle: str = "", number: int = 1, *, inputs: dict[str, Any] | None = None, **fields: Any) -> Job:
    return Job(json.dumps(graph_of(middle, number, **(inputs or {}))), **fields)


def executor_of(bench: Bench, *nodes: Node[..., Any]) -> Callable[[], Executor[Bench]]:
    """Return what makes an executor of these nodes and some more."""

    def make() -> Executor[Bench]:
        found = registry()
        found.register(*nodes)
        return Executor(found, OutputCache(Memory(1000)), bench)

    return make


def backend(
    bench: Bench, grace: float = 5.0, secrets: Callable[[str], Mapping[str, str]] = lambda _: {}
) -> LocalBackend[Bench]:
    return LocalBackend(executor_of(bench), Folders.under(Path("nowhere")), grace, secrets)


@contextmanager
def at_work(path: Path, bench: Bench, grace: float = 5.0) -> Iterator[JobDesk]:
    """Give a queue with a dispatcher that takes its jobs."""
    desk = JobDesk.open(path)
    dispatcher = Dispatcher(desk.store, backend(bench, grace, desk.secrets.of))
    dispatcher.start()
    try:
        yield desk
    finally:
        bench.gate.set()
        dispatcher.close()
        desk.close()


@contextmanager
def opened(
    path: Path, retention: Retention | None = None, clock: Callable[[], float] = time.time
) -> Iterator[JobStore]:
    """Give a store that nothing takes jobs from."""
    database = Database.open(path, clock=clock)
    try:
        yield JobStore(database, retention)
    finally:
        database.close()


def run_one(store: JobStore, state: State = State.DONE, **result: Any) -> JobRecord:
    """Take the next job and bring it to an end."""
    record = store.take()
    assert record is not None
    ended = store.finish(record, JobResult(state, **result))
    assert ended is not None
    return ended


def wait_for(true: Callable[[], bool], what: str = "it") -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.002)


def finished(desk: JobDesk, *job_ids: str) -> list[JobRecord]:
    """Wait until jobs have ended and return them."""
    wait_for(lambda: all(desk.store.get(job_id).state.finished for job_id in job_ids), "the end of the jobs")
    return [desk.store.get(job_id) for job_id in job_ids]


def states(desk: JobDesk) -> dict[str, State]:
    return {record.id: record.state for record in desk.store.page(limit=1000)}


def ids(records: Iterable[JobRecord | JobBrief]) -> list[str]:
    return [record.id for record in records]
