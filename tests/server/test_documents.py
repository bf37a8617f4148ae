"""What a graph needs, and what it is as Python: asked of a server by its editor."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.cli.serve import _to_python
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.scripting.source_reader import read_source
from ldm_nodes.server.access import Access

from .house import House, serving

GRAPH = json.loads((Path(__file__).parents[2] / "graphs" / "txt2img.json").read_text())
FOREIGN = {
    "nodes": [
        {"id": 1, "type": "OddLoader", "properties": {"cnr_id": "odd-pack", "ver": "1.2"}, "widgets_values": ["a.png"]},
        {"id": 2, "type": "CheckpointLoaderSimple", "widgets_values": ["nowhere.safetensors"], "properties": {
            "models": [{"name": "nowhere.safetensors", "url": "https://example.org/nowhere.safetensors"}]}},
    ],
    "links": [],
    "version": 0.4,
}  # fmt: skip


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[House]:
    with serving(
        tmp_path, works=False, registry=builtin_registry(), to_python=functools.partial(_to_python, builtin_registry())
    ) as house:
        yield house


def test_a_graph_becomes_python_that_reads_back_to_it(writer: House) -> None:
    answer = writer.post("/export/python", GRAPH)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/x-python; charset=utf-8")
    assert read_source(answer.text, builtin_registry()).to_prompt().to_json() == GRAPH


def test_a_graph_that_is_none_is_refused_in_a_sentence(writer: House) -> None:
    answer = writer.post("/export/python", {"1": {"class_type": "VAEDecode", "inputs": {"vae": ["9", 0]}}})
    assert answer.status == 400
    assert "wire" in answer.text


def test_a_server_that_writes_no_python_says_so(idle: House) -> None:
    assert idle.post("/export/python", GRAPH).status == 501


def test_what_a_graph_needs_is_told_with_hints(writer: House) -> None:
    told = writer.post("/requirements", FOREIGN).json
    assert told["met"] is False
    assert told["classes"][0] | {"nearest": []} == {
        "name": "OddLoader", "nodes": ["1"], "here": False, "pack": "odd-pack 1.2", "nearest": []
    }  # fmt: skip
    (file,) = (file for file in told["files"] if file["kind"] == "checkpoints")
    assert file | {"nearest": []} == {
        "kind": "checkpoints", "name": "nowhere.safetensors", "used_by": ["2.ckpt_name"], "here": False,
        "source": "https://example.org/nowhere.safetensors", "nearest": [],
    }  # fmt: skip


def test_nothing_of_the_servers_paths_is_told(writer: House, tmp_path: Path) -> None:
    answer = writer.post("/requirements", GRAPH)
    assert answer.status == 200
    assert str(tmp_path) not in answer.text
    assert "/assets/" not in answer.text


def test_what_is_no_graph_needs_nothing_that_can_be_told(writer: House) -> None:
    assert writer.post("/requirements", {"1": {}}).status == 400


def test_a_browser_learns_whether_it_must_log_in(tmp_path: Path, house: House) -> None:
    assert house.get("/login").json == {"asks": False, "user": ""}
    (tmp_path / "b").mkdir()
    with serving(tmp_path / "b", works=False, access=Access(tokens={"t": "ann"})) as asking:
        assert asking.get("/login").json == {"asks": True, "user": None}
        assert asking.get("/login", Authorization="Bearer t").json == {"asks": True, "user": "ann"}


def test_of_two_who_write_over_one_version_one_is_refused(house: House) -> None:
    first = house.ask("POST", "/userdata/a.json", raw=b"1").headers["etag"]
    statuses: list[int] = []

    def store(number: int) -> None:
        answer = house.ask("POST", "/userdata/a.json", headers={"If-Match": first}, raw=b"%d" % number * 10)
        statuses.append(answer.status)

    threads = [threading.Thread(target=store, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [412] * 7
