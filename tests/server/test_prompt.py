from __future__ import annotations

import json
from typing import Any

from tests.jobs.pack import graph_of

from .house import House


def test_a_graph_is_queued_runs_and_stands_in_the_history(house: House) -> None:
    answer = house.post("/prompt", {"prompt": graph_of(number=7), "client_id": "me", "extra_data": {"note": 1}})
    assert answer.status == 200
    assert set(answer.json) == {"prompt_id", "number", "node_errors"}
    assert (answer.json["number"], answer.json["node_errors"]) == (0, {})
    job_id = answer.json["prompt_id"]
    house.finish(job_id)
    entry = house.get(f"/history/{job_id}").json[job_id]
    assert entry["outputs"] == {"9": {"text": ["7"]}}
    assert entry["status"]["status_str"] == "success"
    assert entry["status"]["completed"] is True
    number, prompt_id, prompt, extra, targets = entry["prompt"]
    assert (number, prompt_id, targets, extra) == (0, job_id, ["9"], {"note": 1, "client_id": "me"})
    assert prompt["1"]["inputs"] == {"number": 7}
    assert entry["meta"]["9"] == {"node_id": "9", "display_node": "9", "parent_node": None, "real_node_id": "9"}


def test_values_are_kept_as_they_were_converted(idle: House) -> None:
    graph = graph_of()
    graph["1"]["inputs"]["number"] = "5"
    idle.queue_graph(graph)
    item = idle.get("/queue").json["queue_pending"][0]
    assert item[2]["1"]["inputs"]["number"] == 5


def test_the_count_goes_on_with_every_request_that_names_no_number(idle: House) -> None:
    def number(**fields: Any) -> Any:
        return idle.post("/prompt", {"prompt": graph_of(), **fields}).json.get("number")

    assert number() == 0
    assert number(prompt={}) is None
    assert number() == 2
    assert number(number=1.5) == 1.5
    assert number(front=True) == -3


def test_front_goes_before_what_waits(idle: House) -> None:
    first, second = idle.queue(), idle.queue()
    front = idle.post("/prompt", {"prompt": graph_of(), "front": True}).json["prompt_id"]
    assert [item[1] for item in idle.get("/queue").json["queue_pending"]] == [front, first, second]


def test_a_prompt_id_is_taken_over_and_one_that_waits_is_not_replaced(idle: House) -> None:
    assert idle.post("/prompt", {"prompt": graph_of(), "prompt_id": "mine"}).json["prompt_id"] == "mine"
    again = idle.post("/prompt", {"prompt": graph_of(), "prompt_id": "mine"})
    assert again.status == 400
    assert "mine" in again.text


def test_only_the_outputs_asked_for_run(house: House) -> None:
    graph = {**graph_of(number=1), "10": {"class_type": "Show", "inputs": {"value": ["1", 0]}}}
    job_id = house.post("/prompt", {"prompt": graph, "partial_execution_targets": ["10", "1"]}).json["prompt_id"]
    house.finish(job_id)
    entry = house.get(f"/history/{job_id}").json[job_id]
    assert set(entry["outputs"]) == {"10"}
    assert entry["prompt"][4] == ["10"]


def test_targets_that_are_no_outputs_leave_nothing_to_run(idle: House) -> None:
    for targets in ([], ["1"], ["nowhere"]):
        answer = idle.post("/prompt", {"prompt": graph_of(), "partial_execution_targets": targets})
        assert (answer.status, answer.json["error"]["type"]) == (400, "prompt_no_outputs")


def test_our_own_clients_may_run_to_any_node(house: House) -> None:
    job_id = house.post("/prompt", {"prompt": graph_of("Steps", count=1, seconds=0), "targets": ["2"]}).json[
        "prompt_id"
    ]
    house.finish(job_id)
    entry = house.get(f"/history/{job_id}").json[job_id]
    assert (entry["prompt"][4], entry["outputs"], entry["status"]["completed"]) == (["2"], {}, True)
    assert house.post("/prompt", {"prompt": graph_of(), "targets": "2"}).status == 400


def test_secrets_are_kept_from_history_and_queue(house: House) -> None:
    job_id = house.post(
        "/prompt",
        {"prompt": graph_of("Held"), "extra_data": {"api_key_comfy_org": "hush", "auth_token_comfy_org": "hush"}},
    ).json["prompt_id"]
    assert house.bench.held.wait(20)
    assert "hush" not in house.get("/queue").text
    house.bench.gate.set()
    house.finish(job_id)
    assert house.bench.secrets == [{"api_key_comfy_org": "hush", "auth_token_comfy_org": "hush"}]
    assert "hush" not in house.get("/history").text
    assert "hush" not in house.get(f"/jobs/{job_id}").text


def test_a_document_of_the_editor_is_a_graph_too(house: House) -> None:
    document = {
        "version": 0.4,
        "nodes": [
            {
                "id": 1,
                "type": "Value",
                "widgets_values": [42],
                "outputs": [{"name": "NUMBER", "type": "NUMBER", "links": [1]}],
            },
            {"id": 9, "type": "Show", "inputs": [{"name": "value", "type": "NUMBER", "link": 1}]},
        ],
        "links": [[1, 1, 0, 9, 0, "NUMBER"]],
    }
    job_id = house.post("/prompt", {"prompt": document}).json["prompt_id"]
    house.finish(job_id)
    entry = house.get(f"/history/{job_id}").json[job_id]
    assert entry["outputs"] == {"9": {"text": ["42"]}}
    assert entry["prompt"][3]["extra_pnginfo"]["workflow"]["nodes"][0]["widgets_values"] == [42]


def test_what_is_no_json_is_told_so(idle: House) -> None:
    answer = idle.ask("POST", "/prompt", raw=b"{nonsense")
    assert (answer.status, answer.json["error"]["type"], answer.json["node_errors"]) == (400, "invalid_json", {})


def test_numbers_that_are_none_are_refused(idle: House) -> None:
    for text in ("NaN", "1e999", '"soon"'):
        raw = b'{"number": %s, "prompt": %s}' % (text.encode(), json.dumps(graph_of()).encode())
        assert idle.ask("POST", "/prompt", raw=raw).status == 400
    assert idle.get("/prompt").json == {"exec_info": {"queue_remaining": 0}}
