"""Foresight: what nodes say of their outputs goes along the wires, and complaints come before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.errors import InputError, PromptRejected
from ldm_nodes.engine.foresight import Foresight, look_ahead
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Int, Socket
from ldm_nodes.engine.spec import node
from ldm_nodes.settings import Folders

FOLDERS = Folders.under(Path("nowhere"))
Gear = Annotated[Any, Socket("GEAR")]
Maybe = Annotated[Any, Socket("GEAR", lazy=True, optional=True)]
Graph = dict[str, dict[str, Any]]
Notice = Callable[[str], None]


def _cut_ahead(teeth: int | None) -> int | None:
    return teeth


@node("Cut", category="test", foresee=_cut_ahead)
def cut(teeth: Annotated[int, Int(min=1, max=100)]) -> Gear:
    raise AssertionError("nothing may run")


@node("Strange", category="test")
def strange(gear: Gear) -> Gear:
    raise AssertionError("nothing may run")


def _mesh_ahead(a: int | None, b: int | None, notice: Notice) -> tuple[int | None, int | None]:
    if a is not None and b is not None and a != b:
        raise InputError(
            "b", received=f"{b} teeth", expected=f"{a} teeth", remedy="Cut it again.", origin="odd.stl" * (b == 9)
        )
    if a == 1:
        notice("One tooth turns badly.")
    return b, a


@node("Mesh", category="test", outputs=("first", "second"), foresee=_mesh_ahead)
def mesh(a: Gear, b: Gear) -> tuple[Gear, Gear]:
    raise AssertionError("nothing may run")


def _broken_ahead(gear: int | None) -> None:
    raise ZeroDivisionError("no luck")


@node("Broken", category="test", foresee=_broken_ahead)
def broken(gear: Gear) -> Gear:
    raise AssertionError("nothing may run")


@node("Fetch", category="test", foresee=lambda name: 9)
def fetch(name: str) -> Gear:
    raise AssertionError("nothing may run")


@node("Either", category="test", needs=lambda first, second: [])
def either(first: Maybe = None, second: Maybe = None) -> Gear:
    raise AssertionError("nothing may run")


@node("Use", category="test", output=True)
def use(gear: Gear) -> None:
    raise AssertionError("nothing may run")


def _registry() -> Registry:
    registry = Registry()
    for made in (cut, strange, mesh, broken, fetch, either, use):
        registry.register(made)
    return registry


def _node(class_type: str, title: str = "", **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs, "_meta": {"title": title}}


def _look(graph: Graph, *targets: str) -> Foresight:
    registry = _registry()
    return look_ahead(make_plan(Prompt.parse(graph), registry, FOLDERS, targets or None), registry)


def _meshed(first: int, second: int) -> Graph:
    return {
        "1": _node("Cut", teeth=first),
        "2": _node("Cut", "Second gear", teeth=second),
        "3": _node("Mesh", a=["1", 0], b=["2", 0]),
        "4": _node("Use", gear=["3", 1]),
    }


def test_what_is_foreseen_goes_along_the_wires() -> None:
    ahead = _look({**_meshed(5, 5), "5": _node("Mesh", a=["3", 0], b=["3", 1]), "6": _node("Use", gear=["5", 0])})
    assert ahead.outputs == {"1": (5,), "2": (5,), "3": (5, 5), "5": (5, 5)}
    assert (ahead.notices, ahead.plan.problems) == ((), ())


def test_a_complaint_names_place_producer_and_remedy_and_nothing_behind_it_complains() -> None:
    graph = {**_meshed(5, 7), "5": _node("Cut", teeth=6), "6": _node("Mesh", a=["5", 0], b=["3", 0])}
    with pytest.raises(PromptRejected) as caught:
        _look({**graph, "4": _node("Use", gear=["6", 0])})
    (problem,) = caught.value.problems
    assert str(problem) == (
        'node 3 (Mesh), input "b": The node cannot use this value. Received 7 teeth. It came from output 0 of node 2 '
        '"Second gear" (Cut). Expected 5 teeth. Cut it again.'
    )
    assert problem.extra_info == {"input_name": "b", "linked_node": ["2", 0]}
    assert caught.value.invalid_outputs == ("4",)


def test_a_complaint_goes_back_to_the_node_that_chose_the_file() -> None:
    graph = _meshed(5, 9)
    graph |= {"0": _node("Fetch", "The file", name="odd.stl"), "2": _node("Mesh", a=["0", 0], b=["0", 0])}
    with pytest.raises(PromptRejected, match=r'output 0 of node 2 \(Mesh\), which goes back to node 0 "The file" \(Fe'):
        _look(graph)


def test_a_node_that_says_nothing_ends_what_is_known() -> None:
    graph = _meshed(5, 7) | {"9": _node("Strange", gear=["2", 0]), "3": _node("Mesh", a=["1", 0], b=["9", 0])}
    ahead = _look(graph)
    assert ahead.outputs["3"] == (None, 5)


def test_what_can_run_is_left_when_a_part_cannot() -> None:
    graph = {**_meshed(5, 7), "5": _node("Use", gear=["1", 0])}
    plan = _look(graph).plan
    assert (plan.targets, plan.invalid_targets, plan.order) == (("5",), ("4",), ("1", "5"))
    assert set(plan.literals) == set(plan.links) == set(plan.graph) == {"1", "5"}
    assert [problem.node_id for problem in plan.problems] == ["3"]


def test_notices_name_their_node() -> None:
    assert _look(_meshed(1, 1)).notices == ("node 3 (Mesh): One tooth turns badly.",)


def test_a_hook_that_fails_is_told_and_stops_nothing() -> None:
    ahead = _look({"1": _node("Cut", teeth=5), "2": _node("Broken", gear=["1", 0]), "3": _node("Use", gear=["2", 0])})
    assert ahead.notices == ("node 2 (Broken): What the node will do could not be foreseen: no luck.",)
    assert ahead.plan.targets == ("3",)


def test_what_runs_on_demand_only_is_told_and_not_refused() -> None:
    graph = _meshed(5, 7) | {"5": _node("Either", first=["3", 0], second=["1", 0]), "4": _node("Use", gear=["5", 0])}
    ahead = _look(graph)
    assert ahead.plan.targets == ("4",)
    assert ahead.plan.problems == ()
    assert ahead.notices[0].startswith('Should it run: node 3 (Mesh), input "b": ')


def test_a_long_chain_is_walked_without_recursion() -> None:
    graph: Graph = {"0": _node("Cut", teeth=2)}
    for number in range(1, 3000):
        graph[str(number)] = _node("Mesh", a=[str(number - 1), 0], b=[str(number - 1), 0])
    graph["end"] = _node("Use", gear=["2999", 0])
    assert _look(graph).outputs["2999"] == (2, 2)
