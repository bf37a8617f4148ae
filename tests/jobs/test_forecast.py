"""When a waiting job will be done: what is before it counts, and what was made before does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import ldm_nodes.jobs.forecast as module
from ldm_nodes.engine.cost_model import CostModel, Span, Work
from ldm_nodes.engine.events import Estimate
from ldm_nodes.jobs.costs import Costs
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.forecast import Forecast
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.recorder import Recorder
from ldm_nodes.settings import Folders

from .pack import graph_of, job, registry


def _costs(**seconds: float) -> Costs:
    costs = Costs()
    for name, took in seconds.items():
        for _ in range(2):
            costs.model.learn(Work(name), took)
    return costs


KNOWN = {"Value": 2.0, "Show": 1.0, "Steps": 5.0}


def _forecast(desk: JobDesk, **seconds: float) -> Forecast:
    return Forecast(desk, registry(), Folders.under(Path("nowhere")), _costs(**(seconds or KNOWN)))


def _seconds(told: Any) -> dict[str, float]:
    return {job_id: span.seconds for job_id, span in told.items()}


def test_jobs_wait_for_those_before_them(desk: JobDesk) -> None:
    desk.store.put(job(number=1, id="a"), job(number=2, id="b"), job(number=3, id="c", owner="me"))
    assert _seconds(_forecast(desk)()) == {"a": 3.0, "b": 6.0, "c": 9.0}
    assert _seconds(_forecast(desk)("me")) == {"c": 9.0}, "those of others before it count, and are not told"


def test_what_a_job_before_makes_is_made_once(desk: JobDesk) -> None:
    steps = {"seconds": 0.0}
    desk.store.put(
        job("Steps", id="a", inputs={"count": 1, **steps}),
        job("Steps", id="b", inputs={"count": 2, **steps}),
        job("Steps", id="c", inputs={"count": 1, **steps}),
    )
    assert _seconds(_forecast(desk)()) == {"a": 8.0, "b": 14.0, "c": 14.0}


def test_the_running_job_comes_first_and_what_it_makes_is_made(desk: JobDesk) -> None:
    desk.store.put(job(number=1, id="a"), job("Steps", number=1, id="b", inputs={"count": 1, "seconds": 0.0}))
    record = desk.store.take()
    assert record is not None
    forecast = _forecast(desk)
    assert forecast() == {}, "it has not said yet how long it will take"
    told = Recorder(desk.database, record)
    told.emit(Estimate("a", 0.5, 10.0, 8.0, 12.0))
    b = forecast()["b"]
    assert (b.seconds, b.low, b.high) == pytest.approx((16.0, 12.0, 20.0)), "two runs of each: a third either way"
    told.emit(Estimate("a", 0.5, 10.0, 8.0, None))
    assert forecast() == {}, "it has no end in sight"


def test_behind_what_nobody_knows_nothing_is_told(desk: JobDesk) -> None:
    desk.store.put(job(number=1, id="a"), job("Held", id="b"), job(number=2, id="c"))
    assert _seconds(_forecast(desk)()) == {"a": 3.0}
    desk.store.put(Job(json.dumps({"1": {"class_type": "Nowhere"}}), id="d", number=-1))
    assert _forecast(desk)() == {}


def test_a_paused_queue_has_no_end_in_sight(desk: JobDesk) -> None:
    desk.store.put(job(id="a"))
    forecast = _forecast(desk)
    desk.queue.pause()
    assert forecast() == {}
    desk.queue.resume()
    assert list(forecast()) == ["a"]


def test_what_is_learned_counts_at_once(desk: JobDesk) -> None:
    desk.store.put(job(id="a"))
    costs = Costs()
    forecast = Forecast(desk, registry(), Folders.under(Path("nowhere")), costs)
    assert forecast() == {}
    for name in ("Value", "Show"):
        costs.model.learn(Work(name), 1.0)
    assert forecast() == {"a": Span(2.0, 1.0, 3.0)}


def test_a_long_queue_is_read_a_part_at_a_time(desk: JobDesk) -> None:
    desk.store.put(*(job(number=number, id=str(number)) for number in range(10)))
    now = iter(range(1000))
    forecast = Forecast(desk, registry(), Folders.under(Path("nowhere")), _costs(**KNOWN), lambda: float(next(now)))
    assert [len(forecast()) for _ in range(12)] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10], "one at least every time"
    assert len(_forecast(desk)()) == 10


def test_a_queue_of_many_nodes_is_told_as_far_as_there_is_room(desk: JobDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.store.put(*(job(number=number, id=str(number)) for number in range(10)))
    monkeypatch.setattr(module, "MOST_NODES", 7)
    assert list(_forecast(desk)()) == ["0", "1", "2", "3"]
    monkeypatch.setattr(module, "LONGEST_GRAPH", len(json.dumps(graph_of())) - 1)
    assert _forecast(desk)() == {}


def test_the_model_is_asked_and_not_changed(desk: JobDesk) -> None:
    desk.store.put(job(id="a"))
    costs = _costs(**KNOWN)
    before = CostModel({name: list(points) for name, points in costs.model.lines.items()})
    Forecast(desk, registry(), Folders.under(Path("nowhere")), costs)()
    assert costs.model.lines == before.lines
