from __future__ import annotations

from .house import House
from .test_events import Stream


def test_the_overview_is_what_a_stream_begins_with(idle: House) -> None:
    jobs = [idle.queue(number=number) for number in range(3)]
    stream = Stream(idle)
    _, newest, data = stream.next()
    stream.close()
    answer = idle.get("/jobs/overview").json
    assert answer == {**data, "last_event_id": newest}
    assert answer["waiting"] == jobs


def test_the_overview_tells_the_order_that_a_move_made(idle: House) -> None:
    first, second = idle.queue(number=1), idle.queue(number=2)
    idle.post(f"/jobs/{second}/move", {"before": first})
    assert idle.get("/jobs/overview").json["waiting"] == [second, first]


def test_the_log_of_a_job_is_what_its_stream_told(house: House) -> None:
    job_id = house.queue("Steps", count=1, seconds=0)
    house.finish(job_id)
    stream = Stream(house, f"/jobs/{job_id}/events", last=0)
    streamed = stream.until("succeeded", job_id)
    stream.close()
    answer = house.get(f"/jobs/{job_id}/log").json
    assert [(event["event"], event["id"]) for event in answer["events"]] == [(name, at) for name, at, _ in streamed]
    assert answer["events"][0]["data"] == streamed[0][2]["data"]
    assert (answer["job"]["state"], answer["complete"], answer["more"], answer["live"]) == ("done", True, False, None)


def test_the_log_can_be_read_on_from_an_event(house: House) -> None:
    job_id = house.queue(number=1)
    house.finish(job_id)
    whole = house.get(f"/jobs/{job_id}/log").json
    third = whole["events"][2]["id"]
    rest = house.get(f"/jobs/{job_id}/log?since={third}").json
    assert rest["events"] == whole["events"][3:]
    assert rest["last_event_id"] == whole["last_event_id"]


def test_the_log_of_an_unknown_job_is_not_found(house: House) -> None:
    assert house.get("/jobs/nothing/log").status == 404
