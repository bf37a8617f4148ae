from __future__ import annotations

from typing import Any

from tests.jobs.pack import graph_of

from .house import House


def test_jobs_come_in_pages_with_their_states(idle: House) -> None:
    ids = [idle.queue(number=number) for number in range(5)]
    idle.post(f"/jobs/{ids[0]}/cancel")
    first = idle.get("/jobs?limit=2").json
    assert [job["id"] for job in first["jobs"]] == [ids[4], ids[3]]
    assert (first["total"], first["counts"]["queued"], first["counts"]["cancelled"], first["paused"]) == (5, 4, 1, "")
    second = idle.get(f"/jobs?limit=2&before={first['before']}").json
    assert [job["id"] for job in second["jobs"]] == [ids[2], ids[1]]
    last = idle.get(f"/jobs?limit=2&before={second['before']}").json
    assert ([job["id"] for job in last["jobs"]], last["before"]) == ([ids[0]], None)
    assert [job["id"] for job in idle.get("/jobs?state=cancelled,failed").json["jobs"]] == [ids[0]]
    for query in ("state=lost", "limit=0", "limit=5000", "limit=x"):
        assert idle.get(f"/jobs?{query}").status == 400


def test_an_unknown_job_is_not_found_and_never_done(idle: House) -> None:
    for method, path in (
        ("GET", "/jobs/nothing"), ("DELETE", "/jobs/nothing"), ("POST", "/jobs/nothing/cancel"),
        ("GET", "/batches/nothing"),
        ("POST", "/jobs/nothing/retry"), ("GET", "/jobs/nothing/events"), ("POST", "/batches/nothing/cancel"),
    ):  # fmt: skip
        assert idle.ask(method, path).status == 404, path


def test_a_job_tells_all_of_itself(house: House) -> None:
    job_id = house.queue("Held", number=3, client_id="me")
    assert house.bench.held.wait(20)
    running = house.get(f"/jobs/{job_id}").json
    assert (running["state"], running["live"]["node"], running["attempts"]) == ("running", "2", 1)
    house.bench.gate.set()
    house.finish(job_id)
    done = house.get(f"/jobs/{job_id}").json
    assert (done["state"], done["live"], done["outputs"]) == ("done", None, {"9": {"text": ["3"]}})
    assert done["prompt"]["1"]["inputs"]["number"] == 3


def test_a_running_job_is_cancelled_by_its_id(house: House) -> None:
    job_id = house.queue("Held")
    assert house.bench.held.wait(20)
    assert house.post(f"/jobs/{job_id}/cancel").json["cancelling"] is True
    assert house.finish(job_id)[0].state == "cancelled"
    assert house.post(f"/jobs/{job_id}/cancel").json["state"] == "cancelled"


def test_a_failed_job_says_why_and_is_tried_again(house: House) -> None:
    job_id = house.queue("Broken")
    house.finish(job_id)
    failed = house.get(f"/jobs/{job_id}").json
    assert failed["state"] == "failed"
    assert "cannot divide" in failed["reason"]
    answer = house.post(f"/jobs/{job_id}/retry", {"client_id": "other"})
    assert (answer.status, answer.json["retry_of"], answer.json["client_id"]) == (201, job_id, "other")
    house.finish(answer.json["id"])


def test_what_has_not_ended_is_neither_retried_nor_deleted(idle: House) -> None:
    job_id = idle.queue()
    assert idle.post(f"/jobs/{job_id}/retry").status == 409
    assert idle.ask("DELETE", f"/jobs/{job_id}").status == 409
    idle.post(f"/jobs/{job_id}/cancel")
    assert idle.ask("DELETE", f"/jobs/{job_id}").status == 204
    assert idle.get(f"/jobs/{job_id}").status == 404


def test_waiting_jobs_are_put_in_order(idle: House) -> None:
    one, two, three = (idle.queue(number=number) for number in range(3))

    def order() -> list[str]:
        return [item[1] for item in idle.get("/queue").json["queue_pending"]]

    assert idle.post(f"/jobs/{three}/move", {"before": one}).status == 200
    assert order() == [three, one, two]
    assert idle.post(f"/jobs/{three}/move", {"before": None}).status == 200
    assert order() == [one, two, three]
    assert idle.post(f"/jobs/{two}/priority", {"priority": 5}).json["priority"] == 5
    assert order() == [two, one, three]
    assert idle.post(f"/jobs/{two}/priority", {"priority": "high"}).status == 400


def test_the_queue_is_paused_and_goes_on(house: House) -> None:
    assert house.post("/jobs/pause", {"reason": "lunch"}).json == {"paused": "lunch"}
    job_id = house.queue()
    assert house.get("/jobs").json["paused"] == "lunch"
    assert house.get(f"/jobs/{job_id}").json["state"] == "queued"
    assert house.post("/jobs/resume").json == {"paused": ""}
    assert house.finish(job_id)[0].state == "done"


def _batch(mode: str, inputs: Any) -> dict[str, Any]:
    return {"prompt": graph_of(), "batch": {"mode": mode, "inputs": inputs}}


def test_a_batch_is_one_job_for_each_item(house: House) -> None:
    answer = house.post("/jobs", _batch("product", {"1.number": [1, 2, 3]}))
    assert answer.status == 201
    jobs = answer.json["jobs"]
    house.finish(*(job["id"] for job in jobs))
    batch = house.get(f"/batches/{jobs[0]['batch']}").json
    assert batch["states"] == {"done": 3}
    shown = [house.get(f"/jobs/{job['id']}").json["outputs"]["9"]["text"] for job in batch["jobs"]]
    assert shown == [["1"], ["2"], ["3"]]


def test_a_batch_with_an_unfit_item_is_refused_as_a_whole(idle: House) -> None:
    for batch in (
        _batch("product", {"1.number": [1, "many"]}), _batch("zip", {"1.number": [1], "1.other": [2]}),
        _batch("shuffle", {}), {"prompt": graph_of(), "batch": 7},
    ):  # fmt: skip
        assert idle.post("/jobs", batch).status == 400
    assert idle.get("/jobs").json["total"] == 0


def test_a_batch_is_cancelled_as_a_whole(idle: House) -> None:
    jobs = idle.post("/jobs", _batch("map", [{"1.number": 1}, {"1.number": 2}])).json["jobs"]
    answer = idle.post(f"/batches/{jobs[0]['batch']}/cancel").json
    assert [job["state"] for job in answer["jobs"]] == ["cancelled", "cancelled"]


def test_one_graph_is_put_in_as_by_prompt(house: House) -> None:
    answer = house.post("/jobs", {"prompt": graph_of(number=4), "priority": 3})
    assert (answer.status, answer.json["jobs"][0]["priority"]) == (201, 3)
    house.finish(answer.json["jobs"][0]["id"])
    assert house.post("/jobs", {"prompt": {}}).json["error"]["type"] == "prompt_no_outputs"
