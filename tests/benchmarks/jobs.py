"""`python -m tests.benchmarks.jobs`: what the queue costs, on this disk, beside the same runs without it."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from ldm_nodes.engine.events import Executed, Executing
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.updates import JobChanged, Update

from ..jobs.pack import Bench, Graph, backend

ROUNDS = 300
WORKFLOW = {"extra_pnginfo": {"workflow": "x" * 60_000}}
"""About what the editor sends along."""


def main() -> None:
    """Measure and print one line per question."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        _round_trips(Path(folder))
        _many_jobs(Path(folder))


def _round_trips(folder: Path) -> None:
    """An unchanged graph of 7 nodes, from its acceptance to its end, and a changed one of 3,000 nodes."""
    desk = JobDesk.open(folder / "trips.sqlite3")
    runner = backend(Bench())
    dispatcher = Dispatcher(desk.store, runner)
    dispatcher.start()
    ended = threading.Event()

    def listen(update: Update) -> None:
        if isinstance(update, JobChanged) and update.record.state.finished:
            ended.set()

    def trip(prompt: str) -> None:
        ended.clear()
        desk.submit(Job(prompt))
        ended.wait()

    desk.subscribe(listen)
    small, alone = json.dumps(_chain(7)), backend(Bench())
    queued = _milliseconds(lambda: trip(small))
    direct = _milliseconds(lambda: alone.run(Job(small), lambda event: None))
    print(f"7 unchanged nodes: {queued:.2f} ms through the queue, {direct:.2f} ms without it")
    large = json.dumps(_chain(3000))
    queued = _milliseconds(lambda: trip(large), 1)
    direct = _milliseconds(lambda: alone.run(Job(large), lambda event: None), 1)
    print(f"3,000 nodes that do nothing, the first time: {queued:.0f} ms through the queue, {direct:.0f} ms without it")
    job = desk.store.get(desk.store.page(limit=1).records[0].id).job
    events = (Executing(job.id, "1", "KSampler", ""), Executed(job.id, "1", None, 0.0, reused=False))
    print(f"an event: {_milliseconds(lambda: [desk.events.append(job, event) for event in events]) * 500:.0f} µs")
    dispatcher.close()
    alone.close()
    desk.close()


def _many_jobs(folder: Path) -> None:
    """5,000 jobs that wait, each with the editor's workflow."""
    desk = JobDesk.open(folder / "many.sqlite3")
    prompt = json.dumps(_chain(7))
    for _ in range(50):
        desk.store.put(*(Job(prompt, extra_data=WORKFLOW) for _ in range(100)))
    print("with 5,000 jobs waiting:")
    questions: dict[str, Callable[[], object]] = {
        "accept one more": lambda: desk.store.put(Job(prompt, extra_data=WORKFLOW)),
        "take and finish one": lambda: _finish_one(desk),
        "how many remain": desk.store.remaining,
        "a page of 50": desk.store.page,
        "overview": desk.overview,
    }
    for name, question in questions.items():
        print(f"  {name}: {_milliseconds(question, 50):.2f} ms")
    desk.close()
    began = time.perf_counter()
    JobDesk.open(folder / "many.sqlite3").close()
    size = (folder / "many.sqlite3").stat().st_size >> 20
    print(f"  open the file of {size} MB and look for damage: {(time.perf_counter() - began) * 1000:.0f} ms")


def _finish_one(desk: JobDesk) -> None:
    record = desk.store.take()
    assert record is not None
    desk.store.finish(record, JobResult(State.DONE))


def _chain(length: int) -> Graph:
    graph: Graph = {"1": {"class_type": "Value", "inputs": {"number": 1}}}
    for index in range(2, length):
        wire = {"value": [str(index - 1), 0]}
        graph[str(index)] = {"class_type": "Steps", "inputs": {**wire, "count": 0, "seconds": 0.0}}
    graph[str(length)] = {"class_type": "Show", "inputs": {"value": [str(length - 1), 0]}}
    return graph


def _milliseconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times) * 1000


if __name__ == "__main__":
    main()
