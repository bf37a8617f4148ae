"""Which input changed, told for every way in which one can."""

from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.engine.explanation import Cause, NodeRecord
from ldm_nodes.engine.history import MOST_NODES, MOST_RUNS, History, Snapshot, causes
from ldm_nodes.engine.keys import UNCACHED, Key, Keys
from ldm_nodes.engine.prompt import Link, PromptNode

from .pack import FOLDERS, chain, plan_of, registry

PLAN = plan_of(chain(1))


def _keys(found: dict[str, Key]) -> Keys:
    keys = Keys(PLAN, registry().__getitem__, FOLDERS, lambda node_id, message: None)
    keys.update(found)
    return keys


def _snapshot(inputs: dict[str, Any], class_type: str = "Sampler", key: Key = b"k", **more: Any) -> Snapshot:
    """Return a run of node "3" with these inputs, behind the nodes "1" and "2"."""
    links = {name: value for name, value in inputs.items() if isinstance(value, Link)}
    literals = {name: value for name, value in inputs.items() if not isinstance(value, Link)}
    kinds = {"1": "Loader", "2": "Text", "3": class_type}
    return Snapshot(
        plan=PLAN,
        nodes={name: PromptNode(kind, {}) for name, kind in kinds.items()},
        literals={"1": {}, "2": {}, "3": literals},
        links={"1": {}, "2": {}, "3": links},
        keys=_keys({"1": b"1", "2": b"2", "3": key}),
        fingerprints=more.pop("fingerprints", {}),
        identities=more.pop("identities", {"1": (b"a",), "2": (b"b",)}),
        records={"3": NodeRecord("ran")},
        **more,
    )


BASE = {"seed": 1, "model": Link("1", 0), "text": "a fox"}


def _causes(now: Snapshot, before: Snapshot | None = None) -> list[str]:
    return list(map(str, causes("3", now, before or _snapshot(BASE))))


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"seed": 2}, ["seed: 1 → 2"]),
        ({"seed": 2, "text": "an owl"}, ["seed: 1 → 2", "text: 'a fox' → 'an owl'"]),
        ({"model": Link("2", 0)}, ["model now comes from node 2 (Text), before from node 1 (Loader)"]),
        ({"text": Link("2", 0)}, ["text now comes from node 2 (Text), before from 'a fox'"]),
        ({"model": "none"}, ["model now comes from 'none', before from node 1 (Loader)"]),
        ({"steps": 5}, ["steps: nothing → 5"]),
        ({"mask": Link("2", 0)}, ["mask now comes from node 2 (Text), before from nothing"]),
    ],
)
def test_every_input_that_changed_is_named(inputs: dict[str, Any], told: list[str]) -> None:
    assert _causes(_snapshot({**BASE, **inputs})) == told


def test_an_input_that_is_gone_is_named() -> None:
    assert _causes(_snapshot({"seed": 1, "text": "a fox"})) == [
        "model now comes from nothing, before from node 1 (Loader)"
    ]
    assert _causes(_snapshot({"model": Link("1", 0), "text": "a fox"})) == ["seed: 1 → nothing"]


def test_a_wire_is_as_it_was_if_its_bytes_are() -> None:
    moved = _snapshot({**BASE, "seed": 2, "model": Link("2", 0)}, identities={"1": (b"x",), "2": (b"a",)})
    assert _causes(moved) == ["seed: 1 → 2"]
    changed = _snapshot({**BASE, "seed": 2}, identities={"1": (b"x",)})
    changed.keys["1"] = b"another"
    assert _causes(changed) == ["seed: 1 → 2", "model: the result of node 1 (Loader) changed"]


def test_where_bytes_are_unknown_the_keys_decide() -> None:
    unknown = _snapshot({**BASE, "seed": 2}, identities={})
    assert _causes(unknown) == ["seed: 1 → 2"]
    assert _causes(unknown, Snapshot(**{**vars(_snapshot(BASE)), "keys": _keys({"1": b"other", "3": b"k"})})) == [
        "seed: 1 → 2",
        "model: the result of node 1 (Loader) changed",
    ]


def test_equal_constants_are_no_change() -> None:
    assert _causes(_snapshot({**BASE, "seed": 1.0}), _snapshot({**BASE, "seed": True})) == [
        "its result was no longer kept"
    ]


def test_an_object_is_never_equal() -> None:
    thing = object()
    (told,) = causes("3", _snapshot({"x": thing}), _snapshot({"x": thing}))
    assert (told.kind, told.input_name) == ("constant", "x")


def test_other_reasons() -> None:
    now = _snapshot(BASE)
    assert causes("3", now, None) == (Cause("new"),)
    assert _causes(now, _snapshot(BASE, "Loader")) == ["was Loader"]
    assert _causes(_snapshot(BASE, fingerprints={"3": "x"})) == ["its fingerprint changed"]
    never = _snapshot(BASE, key=UNCACHED, fingerprints={"3": UNCACHED})
    assert _causes(never, never) == ["it must run every time, or follows one that must"]
    before = _snapshot(BASE)
    assert _causes(now, before) == ["its result was no longer kept"]
    before.records = {"3": NodeRecord("skipped")}
    assert _causes(now, before) == ["it did not finish last time"]


def _of(name: str, size: int = 1) -> Snapshot:
    links = {f"{name}{index}": dict[str, Link]() for index in range(size)}
    return Snapshot(PLAN, {}, {}, links, _keys({}), {})


def test_the_last_run_with_a_node_is_found() -> None:
    history, runs = History(), [_of("a"), _of("b"), _of("a")]
    for run in runs:
        history.add(run)
    assert history.last_with("a0") is runs[2]
    assert history.last_with("b0") is runs[1]
    assert history.last_with("c0") is None


def test_few_runs_are_remembered_and_of_large_graphs_only_the_last() -> None:
    history = History()
    history.add(_of("old"))
    for _ in range(MOST_RUNS):
        history.add(_of("a"))
    assert history.last_with("old0") is None
    for _ in range(3):
        history.add(_of("large", MOST_NODES + 1))
    assert history.last_with("a0") is None
    assert history.last_with("large0") is not None
