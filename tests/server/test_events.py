from __future__ import annotations

import http.client
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from ldm_nodes.engine import events
from ldm_nodes.engine.cost_model import Span
from ldm_nodes.engine.events import Progress
from ldm_nodes.jobs.event_json import KINDS, from_text, to_text
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.recorder import Recorder
from ldm_nodes.server.routes import events as route
from tests.jobs.pack import PATIENCE

from .house import House, serving

Event = tuple[str, int | None, Any]
DOCUMENTED = re.compile(r"^    (\w+) +(\{.*?\})$(?=\n    \w|\n\n|\n\Z)", re.MULTILINE | re.DOTALL)


def _documented() -> dict[str, Any]:
    """Return the JSON that the route's documentation promises, by name of event; capitals that stand for values too."""
    assert route.__doc__ is not None
    texts = {name: re.sub(r"\n +", " ", text) for name, text in DOCUMENTED.findall(route.__doc__)}
    return {name: json.loads(re.sub(r"\bDATA\b|(?<=\[)JOB(?=\])", "0", text)) for name, text in texts.items()}


def _shape(value: Any) -> Any:
    """Return which keys an object has, all the way down; lists and values alone have none."""
    return {key: _shape(member) for key, member in value.items()} if isinstance(value, dict) else ...


class Stream:
    """A stream of events as a browser's `EventSource` reads it."""

    def __init__(self, house: House, path: str = "/jobs/events", last: int | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
        self._connection.request("GET", path, headers={} if last is None else {"Last-Event-ID": str(last)})
        self._answer = self._connection.getresponse()
        assert self._answer.headers["Content-Type"] == "text/event-stream"

    def next(self) -> Event:
        """Return the next event: name, id and data."""
        name, number, data = "", None, None
        while (line := self._line()) or not name:
            kind, _, value = line.partition(": ")
            if kind == "event":
                name = value
            elif kind == "id":
                number = int(value)
            elif kind == "data":
                data = json.loads(value)
        return name, number, data

    def _line(self) -> str:
        line = self._answer.readline()
        assert line, "the stream has ended"
        return line.decode().rstrip("\n")

    def until(self, name: str, job_id: str = "") -> list[Event]:
        found = [self.next()]
        while found[-1][0] != name or job_id not in json.dumps(found[-1][2]):
            found.append(self.next())
        return found

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def test_a_stream_begins_with_how_things_stand(idle: House) -> None:
    job_id = idle.queue()
    stream = Stream(idle)
    name, number, data = stream.next()
    stream.close()
    assert (name, number) == ("snapshot", 0)
    assert (data["waiting"], data["counts"]["queued"], data["running"]) == ([job_id], 1, [])


def test_a_run_is_told_step_by_step(house: House) -> None:
    stream = Stream(house)
    stream.next()
    job_id = house.queue("Steps", count=1, seconds=0)
    told = stream.until("succeeded", job_id)
    stream.close()
    assert [name for name, _, _ in told if name != "estimate"] == [
        "job", "job", "started", "cached", "executing", "executed", "executing", "progress", "executed", "executing",
        "executed", "explained", "succeeded",
    ]  # fmt: skip
    numbers = [number for _, number, _ in told if number is not None]
    assert numbers == sorted(set(numbers))
    assert [data["state"] for name, _, data in told if name == "job"] == ["queued", "running"]


def test_a_client_that_was_away_hears_what_it_missed_and_goes_on(house: House) -> None:
    first = house.queue(number=1)
    house.finish(first)
    stream = Stream(house, last=2)
    missed = stream.until("succeeded", first)
    assert missed[0][1] == 3
    second = house.queue(number=2)
    told = stream.until("succeeded", second)
    stream.close()
    numbers = [number for _, number, _ in (*missed, *told) if number is not None]
    assert numbers == list(range(3, numbers[-1] + 1)), "nothing twice, nothing left out"


def test_an_id_that_is_no_longer_kept_begins_with_how_things_stand(house: House) -> None:
    house.finish(house.queue())
    for last in (10_000, None):
        stream = Stream(house, last=last)
        assert stream.next()[0] == "snapshot"
        stream.close()


def test_the_stream_of_one_job_tells_of_no_other(house: House) -> None:
    house.post("/jobs/pause")
    other, job_id = house.queue(number=1), house.queue(number=2)
    stream = Stream(house, f"/jobs/{job_id}/events")
    assert stream.next()[2]["job"]["id"] == job_id
    house.post("/jobs/resume")
    told = stream.until("succeeded", job_id)
    stream.close()
    assert other not in json.dumps(told)


def test_every_event_is_documented_as_it_is_told() -> None:
    told = _documented()
    kinds = {kind.__name__.lower(): kind.__name__ for kind in get_args(events.Event)}
    assert told.keys() == {*kinds, "envelope", "job", "removed", "queue", "snapshot"} - {"preview"}
    for name in told.keys() & kinds.keys():
        event = from_text(kinds[name], json.dumps(told[name]))
        assert isinstance(event, KINDS[kinds[name]]), name
        assert json.loads(to_text(event)) == told[name], name


def test_frames_are_documented_as_they_are_sent(tmp_path: Path) -> None:
    told = _documented()
    spans: dict[str, Span] = {}
    with serving(tmp_path, forecast=lambda user: spans) as house:
        stream = Stream(house)
        job_id = house.queue("Held")
        frames = {name: data for name, _, data in stream.until("estimate", job_id)}
        assert house.bench.held.wait(PATIENCE)
        waits = house.queue(number=2)
        spans[waits] = Span(20.0, 15.0, 30.0)
        second = Stream(house)
        snapshot = second.next()[2]
        assert house.get(f"/jobs/{waits}").json["estimate"] == told["snapshot"]["estimates"]["JOB2"]
        house.bench.gate.set()
        frames |= {name: data for name, _, data in stream.until("succeeded", waits)}
        house.ask("DELETE", f"/jobs/{job_id}")
        house.post("/jobs/pause")
        frames |= {name: data for name, _, data in stream.until("queue")}
        stream.close()
        second.close()
    for name in ("started", "cached", "executing", "executed", "estimate", "explained", "succeeded"):
        assert frames[name].keys() == told["envelope"].keys(), name
        assert frames[name]["data"].keys() == told[name].keys(), name
    for name in ("job", "removed", "queue"):
        assert _shape(frames[name]) == _shape(told[name]), name
    assert snapshot["estimates"] == {waits: told["snapshot"]["estimates"]["JOB2"]}
    assert [job["id"] for job in snapshot["running"]] == [job_id]
    assert snapshot["live"][job_id].keys() == told["snapshot"]["live"]["JOB"].keys()
    assert snapshot["live"][job_id]["estimate"].keys() == told["snapshot"]["live"]["JOB"]["estimate"].keys()
    del snapshot["live"], snapshot["estimates"], told["snapshot"]["live"], told["snapshot"]["estimates"]
    assert _shape(snapshot) == _shape(told["snapshot"])


def test_a_failure_names_the_node_and_the_remedy(house: House) -> None:
    stream = Stream(house)
    job_id = house.queue("Broken")
    (_, number, failed) = stream.until("failed", job_id)[-1]
    stream.close()
    problem = failed["data"]["problem"]
    assert number is not None
    assert (problem["node_id"], problem["title"], problem["class_type"]) == ("2", "The middle", "Broken")
    assert problem["text"] == 'node 2 "The middle" (Broken): cannot divide 1.'


def test_why_nodes_ran_is_told_once_and_kept(house: House) -> None:
    first, second = house.queue(number=1), house.queue(number=2)
    house.finish(first, second)
    stream = Stream(house, f"/jobs/{second}/events?after=0")
    told = [data for name, _, data in stream.until("succeeded", second) if name == "explained"]
    stream.close()
    assert len(told) == 1
    nodes = told[0]["data"]["explanation"]["nodes"]
    assert [node["status"] for node in nodes.values()] == ["ran", "ran"]
    assert nodes["1"]["causes"] == [
        {"kind": "constant", "input_name": "number", "before": "1", "after": "2", "text": "number: 1 → 2"}
    ]


def test_estimates_pass_and_are_not_kept(house: House) -> None:
    stream = Stream(house)
    job_id = house.queue("Steps", count=3, seconds=0.01)
    told = [(number, data) for name, number, data in stream.until("succeeded", job_id) if name == "estimate"]
    stream.close()
    assert {number for number, _ in told} == {None}
    last = told[-1][1]["data"]
    assert (last["fraction"], last["seconds_left"], last["seconds_low"], last["seconds_high"]) == (1.0, 0.0, 0.0, 0.0)
    assert house.desk.events.since(0).events
    assert "Estimate" not in {type(event.event).__name__ for event in house.desk.events.since(0)}


@pytest.mark.parametrize("query", ["after=2", "after=2&other=x"])
def test_a_stream_goes_on_after_the_id_in_its_address(house: House, query: str) -> None:
    house.finish(house.queue())
    stream = Stream(house, f"/jobs/events?{query}")
    assert stream.next()[1] == 3
    stream.close()


def test_numbers_that_no_browser_reads_are_null(idle: House) -> None:
    idle.desk.submit(Job("{}", id="a"))
    record = idle.desk.store.take()
    assert record is not None
    stream = Stream(idle)
    stream.next()
    Recorder(idle.desk.database, record).emit(Progress("a", "NaN", float("nan"), float("inf")))
    name, _, data = stream.next()
    stream.close()
    assert (name, data["data"]) == ("progress", {"run_id": "a", "node_id": "NaN", "value": None, "total": None})
