from __future__ import annotations

import http.client
import json
from typing import Any

from tests.jobs.pack import PATIENCE

from .house import House

Event = tuple[str, int | None, Any]


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
        while (line := self._answer.readline().decode().rstrip("\n")) or not name:
            kind, _, value = line.partition(": ")
            if kind == "event":
                name = value
            elif kind == "id":
                number = int(value)
            elif kind == "data":
                data = json.loads(value)
        return name, number, data

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
