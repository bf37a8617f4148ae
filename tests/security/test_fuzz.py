"""Anything at all, sent to every route: an answer comes, it is no failure of ours, and nothing is written outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ldm_nodes.server.routes import ROUTES, Route
from tests.jobs.pack import graph_of
from tests.server.house import House, serving

ASKED = [route for route in ROUTES if "events" not in route.path and route.path not in ("/ws", "/login")]
ALLOWED = ("input", "output", "temp", "user", "ldm_nodes.sqlite3")
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["..", "../x", "%2e%2e", "a/b", "\0", "checkpoints", "input", "true", "0", "-1", "9" * 30, "NaN", "x.png"]
    ),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
KEYS = st.sampled_from([
    "prompt", "number", "front", "extra_data", "client_id", "prompt_id", "partial_execution_targets", "batch",
    "priority", "clear", "delete", "before", "reason", "clientId", "enabled", "unload_models", "mode", "inputs",
])  # fmt: skip
BODIES = st.one_of(JSON, st.dictionaries(KEYS, JSON, max_size=4))
QUERIES = st.dictionaries(
    st.sampled_from([
        "filename", "subfolder", "type", "preview", "channel", "dir", "path", "recurse", "split", "full_info",
        "overwrite", "max_items", "offset", "limit", "before", "state", "kind", "batch",
    ]),
    TEXTS,
    max_size=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Path]]:
    base = tmp_path_factory.mktemp("outer") / "base"
    base.mkdir()
    with serving(base, works=False) as house:
        yield house, base


def _text(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "replace")


def _address(route: Route, part: str, query: dict[str, str]) -> str:
    filled = quote(part, safe="", errors="surrogatepass") or "x"
    path = route.path
    while "{" in path:
        path = path[: path.index("{")] + filled + path[path.index("}") + 1 :]
    pairs = (f"{name}={quote(value, safe='', errors='surrogatepass')}" for name, value in query.items())
    return f"{path}?{'&'.join(pairs)}"


def _check(house: House, base: Path, status: int, told: object) -> None:
    assert status < 500, told
    assert {path.name.removesuffix("-wal").removesuffix("-shm") for path in base.iterdir()} <= set(ALLOWED), told
    assert [path.name for path in base.parent.iterdir()] == ["base"], told
    assert house.get("/health").status == 200, told


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=st.sampled_from(ASKED), part=TEXTS, query=QUERIES, body=BODIES)
def test_whatever_is_sent_is_answered(
    fuzzed: tuple[House, Path], route: Route, part: str, query: dict[str, str], body: Any
) -> None:
    house, base = fuzzed
    raw = _text(body) if route.method in ("POST", "PATCH") else None
    answer = house.ask(route.method, _address(route, part, query), raw=raw)
    _check(house, base, answer.status, (route, part, query, body, answer))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=st.sampled_from(["1", "9"]), key=st.sampled_from(["class_type", "inputs", "_meta"]), value=JSON)
def test_graphs_that_are_wrong_somewhere_are_told_so(
    fuzzed: tuple[House, Path], node: str, key: str, value: Any
) -> None:
    house, base = fuzzed
    graph = graph_of()
    graph[node][key] = value
    for path in ("/prompt", "/jobs"):
        answer = house.ask("POST", path, raw=_text({"prompt": graph}))
        _check(house, base, answer.status, (graph, answer))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.binary(max_size=200),
    path=st.sampled_from(["/prompt", "/upload/image", "/upload/mask", "/settings/x", "/queue"]),
)
def test_bytes_that_are_no_text_are_told_so(fuzzed: tuple[House, Path], raw: bytes, path: str) -> None:
    house, base = fuzzed
    headers = {"Content-Type": "multipart/form-data; boundary=x"} if "upload" in path else {}
    answer = house.ask("POST", path, headers=headers, raw=b"--x\r\n" + raw if headers else raw)
    _check(house, base, answer.status, (raw, answer))
