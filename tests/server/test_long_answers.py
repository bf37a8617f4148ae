"""Long answers come in pieces, and say the same as short ones."""

from __future__ import annotations

import json

from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from tests.jobs.pack import graph_of

from .house import House

LARGE = {"extra_pnginfo": {"workflow": "x" * 20_000}}


def _put(house: House, count: int, prefix: str = "job") -> list[str]:
    names = [f"{prefix}{number}" for number in range(count)]
    house.desk.store.put(*(Job(json.dumps(graph_of()), id=name, extra_data=LARGE, number=1) for name in names))
    return names


def _run(house: House) -> None:
    while (record := house.desk.store.take()) is not None:
        house.desk.store.finish(record, JobResult(State.DONE, {"9": {"text": ["1"]}}))


def test_a_long_history_is_complete_and_in_order(idle: House) -> None:
    names = _put(idle, 95)
    _run(idle)
    answer = idle.get("/history")
    assert answer.headers["transfer-encoding"] == "chunked"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert list(answer.json) == names
    assert answer.json == json.loads(json.dumps(idle.desk.history.entries()))
    assert list(idle.get("/history?max_items=64").json) == names[-64:]
    assert list(idle.get("/history?max_items=64&offset=10").json) == names[10:74]
    assert idle.get("/history?max_items=0").body == b"{}"


def test_a_short_history_comes_at_once(idle: House) -> None:
    assert idle.get("/history").body == b"{}"
    (name,) = _put(idle, 1)
    _run(idle)
    answer = idle.get("/history")
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert list(answer.json) == [name]


def test_a_long_queue_is_complete_and_in_order(idle: House) -> None:
    names = _put(idle, 95)
    record = idle.desk.store.take()
    assert record is not None
    told = idle.get("/queue").json
    assert [item[1] for item in told["queue_running"]] == names[:1]
    assert [item[1] for item in told["queue_pending"]] == names[1:]
    assert told["queue_pending"][0] == [1, names[1], graph_of(), LARGE, []]


def test_the_head_of_a_long_answer_has_no_body(idle: House) -> None:
    _put(idle, 30)
    answer = idle.ask("HEAD", "/queue")
    assert (answer.status, answer.body) == (200, b"")
