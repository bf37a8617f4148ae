"""How much a client may ask of a server: sizes, counts and times (threats 28, 29, 39)."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ldm_nodes.engine.rejection import MOST_DEPENDENTS, MOST_TOLD
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.server.routes.ws import LARGEST_FRAME, LONGEST_ID
from ldm_nodes.server.site import Limits
from tests.jobs.pack import Graph, graph_of
from tests.server.house import House, serving

LIMITS = Limits(upload=1 << 20, sockets=2, read_seconds=0.5, nodes=1000, jobs=3)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """A server that takes little of everything."""
    with serving(tmp_path, works=False, limits=LIMITS) as house:
        yield house


@pytest.fixture
def real(tmp_path: Path) -> Iterator[House]:
    """A server with the nodes that come with the package."""
    with serving(tmp_path, works=False, registry=builtin_registry(), limits=Limits(upload=100 << 20)) as house:
        yield house


def _chain(length: int, end: str | None = None) -> Graph:
    """Return nodes in a row; with `end` the first one is wired to that one, which makes a circle."""
    graph: Graph = {
        str(number): {"class_type": "Steps", "inputs": {"value": [str(number - 1), 0], "count": 0, "seconds": 0.0}}
        for number in range(2, length)
    }
    first: dict[str, Any] = {"class_type": "Value", "inputs": {"number": 1}}
    wired: dict[str, Any] = {"class_type": "Steps", "inputs": {"value": [end, 0], "count": 0, "seconds": 0.0}}
    graph["1"] = first if end is None else wired
    graph["last"] = {"class_type": "Show", "inputs": {"value": [str(length - 1), 0]}}
    return graph


def test_line_28_graphs_of_too_many_nodes_are_refused(small: House) -> None:
    answer = small.post("/prompt", {"prompt": _chain(1100)})
    assert (answer.status, small.desk.store.remaining()) == (400, 0)
    assert "at most 1,000" in answer.text


@pytest.mark.slow
def test_line_28_deep_chains_are_taken_and_circles_are_not(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, limits=Limits()) as house:
        assert house.post("/prompt", {"prompt": _chain(10_000)}).status == 200
        circle = house.post("/prompt", {"prompt": _chain(10_000, end="9999")})
        assert circle.status == 400
        assert len(circle.body) < 100_000, "the answer is bounded too"


def test_line_28_graphs_of_too_many_wires_are_refused(tmp_path: Path) -> None:
    wires = {f"x{number}": ["1", 0] for number in range(1000)}
    with serving(tmp_path, works=False, limits=Limits(inputs=5000)) as house:
        answer = house.post("/prompt", {"prompt": {str(number): _show(wires) for number in range(10)}})
        assert (answer.status, house.desk.store.remaining()) == (400, 0)
        assert "at most 5,000" in answer.text


def test_line_28_what_is_wrong_with_a_graph_is_told_within_bounds(house: House) -> None:
    wires = {f"x{number}": ["1", 0] for number in range(3)}
    answer = house.post("/prompt", {"prompt": {str(number): _show(wires) for number in range(2000)}})
    assert answer.status == 400
    told = answer.json["node_errors"]
    assert sum(len(node["errors"]) for node in told.values()) == MOST_TOLD
    assert max(len(node["dependent_outputs"]) for node in told.values()) == MOST_DEPENDENTS
    assert len(answer.body) < 1_000_000


def _show(wires: Graph | dict[str, list[Any]]) -> dict[str, Any]:
    return {"class_type": "Show", "inputs": {"value": ["nowhere", 0], **wires}}


@pytest.mark.parametrize(
    ("name", "value"),
    [("width", 10**9), ("height", 10**9), ("batch_size", 10**6), ("width", -8), ("width", float("nan")),
     ("width", float("inf")), ("batch_size", "1e400"), ("width", 10**400), ("height", [1, 2, 3]), ("width", None)],
)  # fmt: skip
def test_line_29_sizes_beyond_all_measure_are_refused_before_anything_is_made(
    real: House, name: str, value: object
) -> None:
    inputs = {"width": 64, "height": 64, "batch_size": 1, name: value}
    graph = {
        "1": {"class_type": "EmptyLatentImage", "inputs": inputs},
        "2": {"class_type": "SaveLatent", "inputs": {"samples": ["1", 0], "filename_prefix": "x"}},
    }
    answer = real.post("/prompt", {"prompt": graph})
    assert answer.status == 400, answer.text
    assert answer.json["node_errors"]["1"]["errors"][0]["extra_info"]["input_name"] == name
    assert real.desk.store.remaining() == 0


def test_line_39_the_queue_takes_so_many_graphs_and_no_more(small: House) -> None:
    statuses = [small.post("/prompt", {"prompt": graph_of(number=number)}).status for number in range(5)]
    assert statuses == [200, 200, 200, 400, 400]
    small.post("/queue", {"clear": True})
    assert small.post("/prompt", {"prompt": graph_of()}).status == 200


def test_line_39_batches_that_multiply_are_refused(small: House) -> None:
    graph = _chain(900)
    batch = {"mode": "zip", "inputs": {"1.number": list(range(200))}}
    answer = small.post("/jobs", {"prompt": graph, "batch": batch})
    assert (answer.status, small.desk.store.remaining()) == (400, 0)
    assert "characters together" in answer.text
    batch = {"mode": "product", "inputs": {"1.number": [0] * 5000, "9.value": [0] * 5000}}
    assert small.post("/jobs", {"prompt": graph_of(), "batch": batch}).status == 400


def test_line_39_a_body_that_does_not_come_is_not_waited_for(small: House) -> None:
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as slow:
        slow.sendall(f"POST /prompt HTTP/1.1\r\nHost: {small.host}\r\nContent-Length: 1000\r\n\r\n{{".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 408")
    with socket.create_connection(("127.0.0.1", small.port), timeout=20) as slow:
        head = f"POST /upload/image HTTP/1.1\r\nHost: {small.host}\r\nContent-Length: 1000\r\n"
        slow.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n".encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_line_39_long_lines_and_many_headers_are_refused(small: House) -> None:
    for lines in (f"X: {'x' * 100_000}\r\n", "X: y\r\n" * 50_000):
        with socket.create_connection(("127.0.0.1", small.port), timeout=20) as client:
            client.sendall(f"GET /prompt HTTP/1.1\r\nHost: {small.host}\r\n".encode())
            try:
                client.sendall(f"{lines}\r\n".encode())
                assert client.recv(100)[9:12] == b"400"
            except ConnectionError:
                pass  # refused before it was all there
    assert small.get("/prompt").status == 200


def test_line_39_bodies_that_unfold_are_refused(small: House) -> None:
    bomb = gzip.compress(b" " * (20 << 20))
    headers = {"Content-Encoding": "gzip"}
    assert small.ask("POST", "/prompt", headers=headers, raw=bomb).status == 415


def test_line_39_so_many_sockets_and_streams_and_no_more(small: House) -> None:
    first, second = small.socket("a"), small.socket("b")
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        small.socket("c")
    assert refusal.value.status == 503
    streams = [socket.create_connection(("127.0.0.1", small.port), timeout=20) for _ in range(3)]
    told = []
    for stream in streams:
        stream.sendall(f"GET /jobs/events HTTP/1.1\r\nHost: {small.host}\r\n\r\n".encode())
        told.append(stream.recv(12))
    assert told == [b"HTTP/1.1 200", b"HTTP/1.1 200", b"HTTP/1.1 503"]
    for stream in streams:
        stream.close()
    first.close()
    second.close()


def test_line_39_what_a_socket_says_is_short(small: House) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        small.socket("x" * (LONGEST_ID + 1))
    assert refusal.value.status == 400
    talker = small.socket("talker")
    talker.receive()
    talker.send("x" * (LARGEST_FRAME + 1))
    with pytest.raises(AssertionError, match="CLOSE"):
        talker.receive()


def test_line_39_names_and_numbers_have_a_length(small: House) -> None:
    long = "x" * 10_000
    assert small.post("/prompt", {"prompt": graph_of(), "prompt_id": long}).status == 400
    assert small.post("/settings", {long: 1}).status == 400
    assert small.get(f"/jobs?limit={10**6}").status == 400
    assert small.get(f"/history?max_items={'9' * 4000}").status in (200, 400)
    assert small.post("/settings", {f"name{number}": 1 for number in range(10_001)}).status == 400
    assert json.loads(small.get("/settings").body) == {}


def test_a_subfolder_that_is_a_file_is_told_so(small: House) -> None:
    assert small.upload("/upload/image", {}, "x", b"1").status == 200
    answer = small.upload("/upload/image", {"subfolder": "x"}, "y", b"2")
    assert answer.status == 400
    assert "subfolder" in answer.text
