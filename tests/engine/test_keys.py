"""What two nodes must share to share a result."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.keys import UNCACHED, Key, cache_keys, canonical
from ldm_nodes.engine.sockets import Hidden, Int, Socket
from ldm_nodes.engine.spec import Node, node
from ldm_nodes.settings import Folders

from .pack import Graph, Number, Text, plan_of, registry


def _keys(graph: Graph, *nodes: Any, targets: list[str] | None = None) -> tuple[dict[str, Key], list[tuple[str, str]]]:
    warnings: list[tuple[str, str]] = []
    catalogue = registry()
    catalogue.register(*nodes)
    plan = plan_of(graph, *nodes, targets=targets or list(graph))
    return cache_keys(plan, catalogue, lambda *warning: warnings.append(warning)), warnings


def _key(graph: Graph, node_id: str, *nodes: Any) -> Key:
    return _keys(graph, *nodes)[0][node_id]


BASE: Graph = {
    "1": {"class_type": "Constant", "inputs": {"value": 1}},
    "2": {"class_type": "Constant", "inputs": {"value": 2}},
    "3": {"class_type": "Sum", "inputs": {"a": ["1", 0], "b": ["2", 0]}},
}


def _with(node_id: str, **inputs: Any) -> Graph:
    return {**BASE, node_id: {**BASE[node_id], "inputs": inputs}}


def test_ids_titles_and_the_order_of_inputs_play_no_part() -> None:
    renamed: Graph = {
        "z": {"class_type": "Sum", "inputs": {"b": ["y", 0], "a": ["x", 0]}, "_meta": {"title": "T"}},
        "y": {"class_type": "Constant", "inputs": {"value": 2}},
        "x": {"class_type": "Constant", "inputs": {"value": 1}},
    }
    assert _key(BASE, "3") == _key(renamed, "z")


@pytest.mark.parametrize(
    "changed",
    [
        _with("3", a=["2", 0], b=["1", 0]),
        _with("3", a=["1", 0]),
        _with("3", a=["1", 0], c=["2", 0]),
        _with("2", value=3),
    ],
)
def test_everything_upstream_plays_a_part(changed: Graph) -> None:
    assert _key(BASE, "3") != _key(changed, "3")


def test_the_slot_plays_a_part() -> None:
    graph = {**BASE, "4": {"class_type": "Split", "inputs": {"a": ["1", 0]}}}
    first = _key({**graph, "5": {"class_type": "Sum", "inputs": {"a": ["4", 0]}}}, "5")
    second = _key({**graph, "5": {"class_type": "Sum", "inputs": {"a": ["4", 1]}}}, "5")
    assert first != second


def test_class_and_version_play_a_part() -> None:
    def make(name: str, version: int, not_idempotent: bool = False) -> Node[..., Any]:
        return node(name, category="x", version=version, not_idempotent=not_idempotent)(_nothing)

    graphs: dict[str, Graph] = {name: {"1": {"class_type": name}} for name in "AB"}
    assert _key(graphs["A"], "1", make("A", 1)) != _key(graphs["A"], "1", make("A", 2))
    assert _key(graphs["A"], "1", make("A", 1)) != _key(graphs["B"], "1", make("B", 1))
    twins: Graph = {"1": {"class_type": "A"}, "2": {"class_type": "A"}}
    assert len(set(_keys(twins, make("A", 1))[0].values())) == 1
    assert len(set(_keys(twins, make("A", 1, not_idempotent=True))[0].values())) == 2


def _nothing() -> Number: ...


def _show(value: Any) -> Key:
    return _key({"1": {"class_type": "Show", "inputs": {"value": value}}}, "1")


@pytest.mark.parametrize(
    "equal",
    [(1, 1.0, True), (0, False, -0.0), (2**70, 2.0**70), ({"a": 1, "b": [2]}, {"b": [2.0], "a": True}), (None, None)],
)
def test_values_that_python_calls_equal_have_one_key(equal: tuple[Any, ...]) -> None:
    assert equal.count(equal[0]) == len(equal)
    assert len({_show(value) for value in equal}) == 1


def test_values_that_python_calls_unequal_have_keys_of_their_own() -> None:
    values = [0, 1, 1.5, "1", "", None, {}, {"a": 1}, {"a": "1"}, {"__value__": []}, {"__value__": [1]}, "é", "\ud800"]
    assert len({_show(value) for value in values}) == len(values)


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1: 2}, b"x", {"a": {3}}])
def test_what_json_cannot_hold_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(TypeError, match="cannot be compared"):
        canonical(value)


def test_a_constant_that_is_an_object_is_never_equal() -> None:
    keys, ((warned, message),) = _keys({"1": {"class_type": "Show", "inputs": {"value": object()}}})
    assert keys == {"1": UNCACHED}
    assert (warned, message.endswith("The node will run every time.")) == ("1", True)


def _fingerprinted(value: Any) -> Node[..., Any]:
    def fingerprint(path: str, number: int | None, folders: Folders) -> Any:
        assert folders.base.name == "nowhere"
        assert number is None
        if isinstance(value, Exception):
            raise value
        return (path, value)[1]

    return node("File", category="x", fingerprint=fingerprint)(_file)


def _file(path: str, number: Annotated[Any, Socket("NUMBER")], size: Annotated[int, Int(optional=True)] = 1) -> Text:
    return path


FILE: Graph = {
    "0": BASE["1"],
    "1": {"class_type": "File", "inputs": {"path": "a", "number": ["0", 0]}},
    "2": {"class_type": "Show", "inputs": {"value": ["1", 0]}},
}


def test_a_fingerprint_plays_a_part() -> None:
    same, other = _fingerprinted("x"), _fingerprinted("y")
    assert _key(FILE, "2", same) == _key(FILE, "2", same)
    assert _key(FILE, "2", same) != _key(FILE, "2", other)
    assert _key(FILE, "0", same) == _key(FILE, "0", other)


def test_a_fingerprint_of_nan_spoils_everything_below_silently() -> None:
    keys, warnings = _keys(FILE, _fingerprinted(math.nan))
    assert (keys["1"], keys["2"]) == (UNCACHED, UNCACHED)
    assert isinstance(keys["0"], bytes)
    assert warnings == []


def test_nan_in_a_list_says_the_same() -> None:
    keys, warnings = _keys(FILE, _fingerprinted([1, math.nan]))
    assert (keys["1"], warnings) == (UNCACHED, [])


def test_a_fingerprint_may_be_asynchronous_and_ask_for_hidden_values() -> None:
    seen = []

    async def fingerprint(path: str, me: str, graph: Any, extra: Any) -> str:
        seen.append((path, me, graph, extra))
        return path

    @node("Known", category="x", fingerprint=fingerprint)
    def known(
        path: str,
        me: Annotated[str, Hidden.UNIQUE_ID],
        graph: Annotated[Any, Hidden.PROMPT],
        extra: Annotated[Any, Hidden.EXTRA_PNGINFO],
    ) -> Text:
        return path

    graph: Graph = {"7": {"class_type": "Known", "inputs": {"path": "p"}}}
    assert isinstance(_key(graph, "7", known), bytes)
    assert seen == [("p", "7", {}, None)]
    assert _key(graph, "7", known) != _key({"8": graph["7"]}, "8", known), "it knows its id"


def test_a_fingerprint_of_a_node_that_takes_lists_gets_lists() -> None:
    seen = []

    def fingerprint(values: list[Any], size: list[int]) -> int:
        seen.append((values, size))
        return 1

    @node("Lists", category="x", fingerprint=fingerprint)
    def lists(values: list[Number], size: list[int]) -> Number:
        return values

    _keys({**BASE, "4": {"class_type": "Lists", "inputs": {"values": ["1", 0], "size": 5}}}, lists)
    assert seen == [([None], [5])]


@pytest.mark.parametrize("value", [OSError("disk"), object(), b"bytes"])
def test_a_fingerprint_that_fails_is_told_and_never_equal(value: Any) -> None:
    keys, warnings = _keys(FILE, _fingerprinted(value))
    assert (keys["1"], keys["2"]) == (UNCACHED, UNCACHED)
    ((node_id, message),) = warnings
    assert node_id == "1"
    assert "fingerprint" in message


def test_a_fingerprint_may_take_everything() -> None:
    seen = []

    def fingerprint(**inputs: Any) -> int:
        seen.append(inputs)
        return 1

    _keys(FILE, node("File", category="x", fingerprint=fingerprint)(_file))
    assert seen == [{"path": "a"}]
