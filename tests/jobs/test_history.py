"""`/history` as ComfyUI's contract has it (sections 1.4, 4.8, 4.10)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.dynamic_prompt import Place
from ldm_nodes.engine.events import Cached, Event, Executing, Expanded, Interrupted, Started
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.transcript import Transcript

from .pack import Bench, at_work, finished, graph_of, job, run_one


def _ran(path: Path, *jobs: Job) -> list[dict[str, Any]]:
    """Run jobs and return their entries as a client reads them."""
    with at_work(path, Bench()) as desk:
        for one in jobs:
            desk.submit(one)
        finished(desk, *(one.id for one in jobs))
        entries = json.loads(json.dumps(desk.history.entries()))
        return [entries[one.id] for one in jobs]


def _names(entry: dict[str, Any]) -> list[str]:
    return [name for name, _ in entry["status"]["messages"]]


def test_a_job_that_succeeded(path: Path) -> None:
    (entry,) = _ran(path, job(number=5, id="a", targets=("9",), client_id="c", extra_data={"extra_pnginfo": {"x": 1}}))
    assert entry.keys() == {"prompt", "outputs", "status", "meta"}
    assert entry["prompt"] == [0, "a", graph_of(number=5), {"extra_pnginfo": {"x": 1}, "client_id": "c"}, ["9"]]
    assert entry["outputs"] == {"9": {"text": ["5"]}}
    assert entry["meta"] == {"9": {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}}
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("success", True)
    assert _names(entry) == ["execution_start", "execution_cached", "execution_success"]
    start, cached, success = (data for _, data in entry["status"]["messages"])
    assert start.keys() == success.keys() == {"prompt_id", "timestamp"}
    assert cached.keys() == {"nodes", "prompt_id", "timestamp"}
    assert 1.6e12 < start["timestamp"] <= cached["timestamp"] <= success["timestamp"], "milliseconds since 1970"


def test_a_job_that_was_done_before_has_the_same_outputs(path: Path) -> None:
    first, second = _ran(path, job(id="a"), job(id="b"))
    assert second["outputs"] == first["outputs"] == {"9": {"text": ["1"]}}
    assert second["status"]["messages"][1][1]["nodes"] == ["1", "9"]


def test_a_job_that_failed(path: Path) -> None:
    (entry,) = _ran(path, job("Broken", id="a"))
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert _names(entry) == ["execution_start", "execution_cached", "execution_error"]
    error = entry["status"]["messages"][-1][1]
    assert error.keys() == {
        "prompt_id", "node_id", "node_type", "executed", "exception_message", "exception_type", "traceback",
        "current_inputs", "current_outputs", "timestamp",
    }  # fmt: skip
    assert (error["node_id"], error["node_type"], error["executed"]) == ("2", "Broken", ["1"])
    assert (error["exception_type"], error["exception_message"]) == ("ZeroDivisionError", "cannot divide 1\n")
    assert "raise ZeroDivisionError" in error["traceback"][-1]
    assert error["current_inputs"] == {"value": [1]}


def test_a_job_that_cannot_run_here(path: Path) -> None:
    (entry,) = _ran(path, Job('{"1": {"class_type": "Nowhere"}}', id="a"))
    assert _names(entry) == ["execution_start", "execution_error"]
    assert "Nowhere" in entry["status"]["messages"][-1][1]["exception_message"]


def test_a_job_that_was_interrupted(path: Path) -> None:
    bench = Bench()
    with at_work(path, bench) as desk:
        desk.submit(job("Held", id="a"))
        assert bench.held.wait(20)
        desk.queue.interrupt("a")
        finished(desk, "a")
        entry = desk.history.get("a")["a"]
    assert (entry["status"]["status_str"], entry["status"]["completed"]) == ("error", False)
    assert _names(entry) == ["execution_start", "execution_cached", "execution_interrupted"]
    data = entry["status"]["messages"][-1][1]
    assert data.keys() == {"prompt_id", "node_id", "node_type", "executed", "timestamp"}
    assert (data["node_id"], data["node_type"], data["executed"]) == ("2", "Held", ["1"])


def test_only_jobs_that_ran_and_ended_are_in_it(desk: JobDesk) -> None:
    desk.store.put(*(Job("{}", id=name) for name in "abcd"), Job("u", id="load", kind="download"))
    run_one(desk.store)
    desk.store.take()
    desk.queue.cancel("c")
    assert list(desk.history.entries()) == ["a"]
    assert desk.history.get("a").keys() == {"a"}
    for name in ("b", "c", "d", "load", "unknown"):
        assert desk.history.get(name) == {}


@pytest.mark.parametrize(
    ("max_items", "offset", "expected"),
    [
        (None, None, "abcdef"),
        (2, None, "ef"),
        (2, -1, "ef"),
        (100, None, "abcdef"),
        (2, 0, "ab"),
        (2, 3, "de"),
        (2, 5, "f"),
        (2, 6, ""),
        (2, 99, ""),
        (0, None, ""),
        (0, 1, ""),
        (None, 4, "ef"),
        (-3, None, ""),
    ],
)
def test_parts_of_it(desk: JobDesk, max_items: int | None, offset: int | None, expected: str) -> None:
    for name in "abcdef":
        desk.store.put(Job("{}", id=name))
        run_one(desk.store)
    assert "".join(desk.history.entries(max_items, offset)) == expected


def test_it_is_in_the_order_in_which_jobs_ended(desk: JobDesk) -> None:
    desk.store.put(Job("{}", id="a"), Job("{}", id="b"))
    first, second = desk.store.take(), desk.store.take()
    assert first is not None
    assert second is not None
    desk.store.finish(second, JobResult(State.DONE))
    desk.store.finish(first, JobResult(State.DONE))
    assert list(desk.history.entries()) == ["b", "a"]


def test_each_user_sees_and_deletes_his_own(desk: JobDesk) -> None:
    for name, owner in (("a", "me"), ("b", "you"), ("c", "me")):
        desk.store.put(Job("{}", id=name, owner=owner))
        run_one(desk.store)
    assert list(desk.history.entries(owner="me")) == ["a", "c"]
    assert desk.history.get("b", owner="me") == {}
    desk.history.delete(["a", "b", "unknown"], owner="me")
    assert list(desk.history.entries()) == ["b", "c"]
    desk.history.clear(owner="me")
    assert list(desk.history.entries()) == ["b"]
    desk.history.clear()
    assert desk.history.entries() == {}


def test_clearing_leaves_what_waits_and_runs(desk: JobDesk) -> None:
    desk.store.put(*(Job("{}", id=name) for name in "abc"))
    run_one(desk.store)
    desk.store.take()
    desk.history.clear()
    desk.history.delete(["b", "c"])
    assert [record.id for record in desk.store.page()] == ["c", "b"]


def test_nothing_in_it_tells_a_secret(path: Path) -> None:
    (entry,) = _ran(path, job(id="a", extra_data={"api_key_comfy_org": "CANARY", "extra_pnginfo": {}}))
    assert not re.search("CANARY|api_key", json.dumps(entry))


# what a run tells, folded


def _told(*events: Event) -> Transcript:
    transcript = Transcript("a")
    for event in events:
        transcript.hear(event, 1.5)
    return transcript


def test_a_second_run_begins_anew() -> None:
    told = _told(Started("a", ()), Interrupted("a", None), Started("a", ()), Cached("a", ("1",)))
    assert [name for name, _ in told.messages] == ["execution_start", "execution_cached"]


def test_twins_met_in_mid_run_are_not_told_as_cached() -> None:
    told = _told(Started("a", ()), Cached("a", ("1",)), Executing("a", "2", "X", ""), Cached("a", ("3",)))
    assert told.messages[-1] == ("execution_cached", {"nodes": ["1"], "prompt_id": "a", "timestamp": 1500})
    assert len(told.messages) == 2


def test_a_node_put_in_by_another_is_told_as_the_node_of_the_prompt() -> None:
    place = Place("7.0.0.x", "7", "7", "7")
    told = _told(
        Started("a", ()), Expanded("a", "7", (place,)), Executing("a", "7.0.0.x", "X", ""), Interrupted("a", "7.0.0.x")
    )
    assert told.messages[-1][1]["node_id"] == "7"


def test_where_a_node_put_in_by_another_stands_is_told(desk: JobDesk) -> None:
    desk.store.put(Job("{}", id="a"))
    run_one(desk.store, outputs={"7.0.0.x": {"text": ["x"]}}, places={"7.0.0.x": Place("7.0.0.x", "7", "7", "7")})
    meta = desk.history.get("a")["a"]["meta"]
    assert meta == {"7.0.0.x": {"node_id": "7.0.0.x", "display_node": "7", "parent_node": "7", "real_node_id": "7"}}
