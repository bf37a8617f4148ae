"""Requests that nobody would send, to every route there is: no failure without a logged cause, no hang, no stray file.

The routes are taken from the route table, so that a new one is tried too.
"""

from __future__ import annotations

import http.client
import json
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ldm_nodes.server.app import make_app
from tests.jobs.pack import PATIENCE, graph_of
from tests.server.house import House, nodes, serving

OURS = ("input", "output", "temp", "user")
"""The folders that requests may write into, beside the database."""
STREAMS = ("/jobs/events", "/api/jobs/events")
NAMES = [
    "..",
    "../secret",
    "%2e%2e/secret",
    "a/../../secret",
    "/etc/passwd",
    "C:\\x",
    "x\0",
    "con",
    "\ud800",
    "x" * 3000,
]
SECRET = "what nobody may read"  # no request spells it, so no answer can echo it
ODD = st.one_of(st.sampled_from(NAMES), st.text(max_size=20), st.integers().map(str))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["prompt", "delete", "clear", "prompt_id", "client_id", "extra_data", "number", "front", "before", "priority",
        "batch", "token", "clientId", "enabled", "partial_execution_targets", "unload_models", "reason"]  # fmt: skip
BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=5).map(lambda value: json.dumps(value).encode()),
)
QUERY = st.dictionaries(
    st.sampled_from(["filename", "type", "subfolder", "preview", "channel", "max_items", "offset", "dir", "path",
                     "limit", "before", "state", "overwrite", "full_info", "recurse", "split", "clientId"]), ODD,
    max_size=4,
)  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Type", "Range", "If-Modified-Since", "If-None-Match", "Last-Event-ID", "Accept-Encoding",
                     "Content-Encoding", "Cookie", "Authorization", "X-Forwarded-Host", "Upgrade", "Comfy-User"]),
    st.text(alphabet=string.printable.strip() + " ", max_size=40).map(str.strip)
    | st.sampled_from(["multipart/form-data; boundary=x", "gzip", "deflate", "bytes=0-", "bytes=9-1", "websocket"]),
    max_size=4,
)  # fmt: skip
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outside") / "base"
    folder.mkdir()
    (folder.parent / "secret").write_text(SECRET)
    return folder


@pytest.fixture(scope="module")
def house(base: Path) -> Iterator[House]:
    with serving(base, works=False) as house:
        (base / "input" / "there.txt").write_text("there")
        yield house


def _paths(site_of: House) -> list[str]:
    table = make_app(site_of.site).router.routes()
    found = {route.resource.canonical for route in table if isinstance(route, web.ResourceRoute) and route.resource}
    return sorted(found)


def _filled(path: str, draw: st.DataObject) -> str:
    """Put something into every part of a path that varies."""
    shown = ""
    for literal, name, *_ in string.Formatter().parse(path):
        shown += literal + ("" if name is None else quote(_spelled(draw.draw(ODD)), safe=""))
    return shown


def _spelled(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _asked(house: House, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        endless = answer.status == 200 and answer.headers.get_content_type() == "text/event-stream"
        return answer.status, b"" if endless else answer.read()
    finally:
        connection.close()


def _files(base: Path) -> dict[str, str]:
    """Return everything around the base folder that requests may not touch."""
    found = {}
    for path in base.parent.rglob("*"):
        part = path.relative_to(base).parts[0] if path.is_relative_to(base) and path != base else ""
        if part not in OURS and not part.startswith("ldm_nodes.sqlite3"):
            found[str(path.relative_to(base.parent))] = path.read_text() if path.is_file() else "folder"
    return found


def _no_fault(house: House, status: int, body: bytes, asked: object) -> None:
    """Nothing of what fails may fail without a cause in the log; none is known that fails at all."""
    assert status < 500, (asked, body.decode(errors="replace"), house.site.logs.lines())


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_request_to_any_route(house: House, base: Path, data: st.DataObject) -> None:
    before = _files(base)
    path = _filled(data.draw(st.sampled_from(_paths(house))), data)
    query = urlencode({name: _spelled(value) for name, value in data.draw(QUERY).items()})
    method, body, headers = data.draw(st.sampled_from(METHODS)), data.draw(BODIES), data.draw(HEADERS)
    address = f"{path}?{query}" if query else path
    status, answer = _asked(house, method, address, body, headers)
    _no_fault(house, status, answer, (method, address, body, headers))
    assert SECRET.encode() not in answer
    assert _files(base) == before


@pytest.mark.slow
@given(fields=st.dictionaries(st.sampled_from(["type", "subfolder", "overwrite", "original_ref"]), ODD, max_size=4),
       filename=ODD, content=st.binary(max_size=50), kind=st.sampled_from(["image", "mask"]))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_upload(house: House, base: Path, fields: dict[str, str], filename: str, content: bytes, kind: str) -> None:
    before = _files(base)
    edge = b"--edge"
    parts = [b'\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), _spelled(value))
             for name, value in fields.items()]  # fmt: skip
    head = b'\r\nContent-Disposition: form-data; name="image"; filename="%s"\r\n\r\n' % _spelled(filename)
    raw = b"".join(edge + part for part in (*parts, head + content + b"\r\n")) + edge + b"--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    status, answer = _asked(house, "POST", f"/upload/{kind}", raw, headers)
    _no_fault(house, status, answer, raw)
    assert _files(base) == before


CLASSES = sorted(nodes())
LINK = st.tuples(st.sampled_from(["1", "2", "3", "9", "7"]) | JSON, st.integers(-2, 3) | JSON).map(list)
VALUE = st.one_of(LINK, JSON, st.just("there.txt"), st.sampled_from([0, 1, -5, 10**30, 1e308, "1", True]))
INPUTS = st.dictionaries(st.sampled_from(["number", "value", "count", "seconds", "name", "x"]), VALUE, max_size=4)
NODE = st.fixed_dictionaries(
    {"class_type": st.sampled_from(CLASSES) | JSON, "inputs": INPUTS | JSON}, optional={"_meta": JSON}
)
GRAPH = st.dictionaries(st.sampled_from(["1", "2", "3", "9"]) | st.text(max_size=3), NODE | JSON, max_size=5)
CANVAS = st.fixed_dictionaries({
    "nodes": st.lists(st.fixed_dictionaries({
        "id": st.integers(0, 3) | JSON, "type": st.sampled_from(CLASSES) | JSON,
        "mode": st.sampled_from([0, 2, 4]) | JSON,
        "inputs": JSON | st.lists(st.fixed_dictionaries({"name": st.just("value"), "link": st.integers(0, 3)})),
        "outputs": JSON, "widgets_values": JSON,
    }) | JSON, max_size=4),
    "links": st.lists(st.tuples(*[st.integers(0, 3)] * 5, st.just("*")).map(list) | JSON, max_size=4) | JSON,
}, optional={"version": JSON, "extra": JSON, "definitions": JSON})  # fmt: skip


@pytest.mark.slow
@given(graph=GRAPH | CANVAS | JSON, more=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3))
@settings(max_examples=250, deadline=None)
def test_any_graph(house: House, base: Path, graph: Any, more: dict[str, Any]) -> None:
    before = _files(base)
    body = json.dumps({**more, "prompt": graph}).encode()
    for path in ("/prompt", "/jobs"):
        status, answer = _asked(house, "POST", path, body, {})
        _no_fault(house, status, answer, body)
        assert status in (200, 201, 400), answer
        if status == 400 and path == "/prompt" and answer.startswith(b"{"):
            assert json.loads(answer).keys() == {"error", "node_errors"}
    assert _files(base) == before


def test_the_server_works_as_before(house: House) -> None:
    assert house.ask("POST", "/prompt", {"prompt": graph_of()}).status == 200
