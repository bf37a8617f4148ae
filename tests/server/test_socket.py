from __future__ import annotations

import json
import struct
from typing import Any

import pytest

from tests.jobs.pack import wait_for

from .house import House, Socket


def _open(house: House, sid: str, **features: Any) -> Socket:
    socket = house.socket(sid)
    greeting = socket.receive()
    assert isinstance(greeting, dict)
    assert greeting["data"]["sid"] == sid
    if features:
        socket.send({"type": "feature_flags", "data": features})
        answer = socket.receive()
        assert isinstance(answer, dict)
        assert answer["type"] == "feature_flags"
    return socket


def _types(told: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in told]


def test_the_greeting_tells_the_length_of_the_queue_and_the_id(idle: House) -> None:
    idle.queue()
    assert idle.socket("me").receive() == {
        "type": "status",
        "data": {"status": {"exec_info": {"queue_remaining": 1}}, "sid": "me"},
    }


def test_a_socket_without_an_id_is_given_one(idle: House) -> None:
    greeting = idle.socket().receive()
    assert isinstance(greeting, dict)
    assert len(greeting["data"]["sid"]) == 32
    int(greeting["data"]["sid"], 16)


def test_features_are_exchanged(idle: House) -> None:
    socket = idle.socket("me")
    socket.receive()
    socket.send({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    assert socket.receive() == {
        "type": "feature_flags",
        "data": {"supports_preview_metadata": True, "max_upload_size": 1 << 20},
    }


def test_a_run_is_told_in_the_order_of_the_contract(house: House) -> None:
    socket = _open(house, "me")
    job_id = house.queue("Steps", client_id="me", count=2, seconds=0.05)
    told = socket.until_end()
    assert _types(told) == [
        "status", "status", "execution_start", "execution_cached",
        "progress_state", "executing", "progress_state",
        "progress_state", "executing", "progress_state", "progress", "progress_state", "progress", "progress_state",
        "progress_state", "executing", "executed", "progress_state",
        "execution_success", "status", "executing",
    ]  # fmt: skip
    counts = [message["data"]["status"]["exec_info"] for message in told if message["type"] == "status"]
    assert counts == [{"queue_remaining": count} for count in (1, 1, 0)]
    assert told[3]["data"]["nodes"] == []
    assert told[5]["data"] == {"node": "1", "display_node": "1", "prompt_id": job_id}
    progress = [message["data"] for message in told if message["type"] == "progress"]
    assert progress == [{"value": step, "max": 2, "prompt_id": job_id, "node": "2"} for step in (1, 2)]
    executed = next(message["data"] for message in told if message["type"] == "executed")
    assert executed == {"node": "9", "display_node": "9", "output": {"text": ["1"]}, "prompt_id": job_id}
    assert told[-1]["data"] == {"node": None, "prompt_id": job_id}
    states = [message["data"]["nodes"] for message in told if message["type"] == "progress_state"]
    assert states[0]["1"] == {
        "value": 0, "max": 1, "state": "running", "node_id": "1", "prompt_id": job_id,
        "display_node_id": "1", "parent_node_id": None, "real_node_id": "1",
    }  # fmt: skip
    assert {node["state"] for node in states[-1].values()} == {"finished"}


def test_the_result_stands_in_the_history_before_the_end_is_told(house: House) -> None:
    socket = _open(house, "me")
    job_id = house.queue(client_id="me")
    socket.until_end()
    assert job_id in house.get(f"/history/{job_id}").json


def test_what_is_known_already_is_shown_again(house: House) -> None:
    socket = _open(house, "me")
    house.queue(client_id="me")
    socket.until_end()
    job_id = house.queue(client_id="me")
    told = socket.until_end()
    cached = next(message["data"] for message in told if message["type"] == "execution_cached")
    assert set(cached["nodes"]) == {"1", "9"}
    shown = [message["data"] for message in told if message["type"] == "executed"]
    assert shown == [{"node": "9", "display_node": "9", "output": {"text": ["1"]}, "prompt_id": job_id}]
    assert "executing" not in _types(told)[:-1]


def test_a_failure_names_the_node_and_what_it_raised(house: House) -> None:
    socket = _open(house, "me")
    job_id = house.queue("Broken", client_id="me")
    told = socket.until_end()
    error = next(message["data"] for message in told if message["type"] == "execution_error")
    assert (error["node_id"], error["node_type"], error["prompt_id"]) == ("2", "Broken", job_id)
    assert error["exception_type"] == "ZeroDivisionError"
    assert "cannot divide 1" in error["exception_message"]
    assert error["executed"] == ["1"]
    assert "execution_success" not in _types(told)
    assert _types(told)[-3:] == ["execution_error", "status", "executing"]
    assert house.get(f"/history/{job_id}").json[job_id]["status"]["status_str"] == "error"


def test_an_interrupted_run_is_told_as_one(house: House) -> None:
    socket = _open(house, "me")
    job_id = house.queue("Held", client_id="me")
    assert house.bench.held.wait(20)
    assert house.post("/interrupt", {"prompt_id": "another"}).status == 200
    assert house.ask("POST", "/interrupt", raw=b"no json").body == b""
    told = socket.until_end()
    stopped = next(message["data"] for message in told if message["type"] == "execution_interrupted")
    assert (stopped["node_id"], stopped["node_type"], stopped["prompt_id"]) == ("2", "Held", job_id)
    assert house.get(f"/history/{job_id}").json[job_id]["status"]["completed"] is False


def test_two_clients_hear_their_own_runs_only(house: House) -> None:
    one, two = _open(house, "one"), _open(house, "two")
    first = house.queue(number=1, client_id="one")
    heard_by_one = one.until_end()
    second = house.queue(number=2, client_id="two")
    heard_by_two = two.until_end()
    assert {message["data"]["prompt_id"] for message in heard_by_one if message["type"] != "status"} == {first}
    assert {message["data"]["prompt_id"] for message in heard_by_two if message["type"] != "status"} == {second}
    assert _types(heard_by_two)[:3] == ["status"] * 3


def test_progress_of_a_prompt_without_a_client_is_everyones(house: House) -> None:
    socket = _open(house, "me")
    job_id = house.queue("Steps", count=1, seconds=0)
    house.finish(job_id)
    own = house.queue(number=5, client_id="me")
    told = [message for message in socket.until_end() if message["data"].get("prompt_id") == job_id]
    assert own
    assert set(_types(told)) == {"progress", "progress_state"}


def test_a_client_that_comes_back_is_shown_what_runs(house: House) -> None:
    socket = _open(house, "me")
    job_id = house.queue("Held", client_id="me")
    assert house.bench.held.wait(20)
    socket.close()
    again = house.socket("me")
    again.receive()
    assert again.receive() == {"type": "executing", "data": {"node": "2"}}
    state = again.receive()
    assert isinstance(state, dict)
    assert state["data"]["nodes"]["2"]["state"] == "running"
    house.bench.gate.set()
    assert again.until_end()[-1]["data"]["prompt_id"] == job_id


def test_another_client_is_not_shown_it(house: House) -> None:
    house.queue("Held", client_id="me")
    assert house.bench.held.wait(20)
    other = house.socket("other")
    other.receive()
    house.queue(client_id="other")
    assert other.receive() == {"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 2}}}}


def test_the_end_of_an_old_socket_leaves_the_newer_one_of_the_same_id(house: House) -> None:
    old = _open(house, "me")
    new = _open(house, "me")
    old.close()
    wait_for(lambda: len(house.site.hub.clients) == 1, "the end of the old socket")
    job_id = house.queue(client_id="me")
    assert new.until_end()[-1]["data"]["prompt_id"] == job_id


def test_a_notice_is_a_text_at_the_node(house: House) -> None:
    socket = _open(house, "me")
    house.queue("Drawn", client_id="me")
    frame = _binary(socket)
    kind, length = struct.unpack(">II", frame[:8])
    assert (kind, frame[8 : 8 + length], frame[8 + length :]) == (3, b"2", b"as you see")


@pytest.mark.parametrize("metadata", [True, False])
def test_previews_come_in_the_form_that_the_client_understands(house: House, metadata: bool) -> None:
    socket = _open(house, "me", supports_preview_metadata=metadata)
    job_id = house.queue("Drawn", client_id="me")
    _binary(socket)
    frame = _binary(socket)
    if metadata:
        kind, length = struct.unpack(">II", frame[:8])
        assert kind == 4
        assert json.loads(frame[8 : 8 + length]) == {
            "node_id": "2", "prompt_id": job_id, "display_node_id": "2", "parent_node_id": None, "real_node_id": "2",
            "image_type": "image/jpeg",
        }  # fmt: skip
        image = frame[8 + length :]
    else:
        assert struct.unpack(">II", frame[:8]) == (1, 1)
        image = frame[8:]
    assert image.startswith(b"\xff\xd8\xff")


def _binary(socket: Socket) -> bytes:
    while isinstance(frame := socket.receive(), dict):
        pass
    return frame
