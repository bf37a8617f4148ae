"""Arithmetic, switches and gates."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.engine.blocker import ExecutionBlocker
from ldm_nodes.engine.errors import InputError, NodeFailed
from ldm_nodes.engine.events import Event, Executed
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import logic
from ldm_nodes.nodes.arithmetic import Unreadable, calculate
from ldm_nodes.nodes.runtime import Runtime

Graph = dict[str, dict[str, Any]]


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def run(parts: Executor[Runtime], graph: Graph, *targets: str) -> tuple[dict[str, Any], set[str]]:
    """Return the outputs of the targets and the nodes that were executed."""
    told: list[Event] = []
    plan = make_plan(Prompt.parse(graph), parts.registry, parts.runtime.folders, targets)
    outputs = parts.run(plan, told.append).outputs
    return dict(outputs), {event.node_id for event in told if isinstance(event, Executed) and not event.reused}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a * 8 + min(b, 3)", 26.5),
        ("-a ** 2", -9),
        ("(a + 1) // 2 % 2", 0),
        ("a if a > b else b", 3),
        ("1 < a <= 3 and not b > a", True),
        ("a > 3 or b", 2.5),
        ("round(pi, 2)", 3.14),
        ("round(2.5)", 2),
        ("ceil(b) + floor(b)", 5),
        ("2 ** 64", 2**64),
        ("2 ** -1", 0.5),
        ("hypot(a, 4)", 5.0),
        ("0 and 1 / 0", False),
        ("  a  ", 3),
    ],
)
def test_expressions_come_to(expression: str, value: float) -> None:
    got = calculate(expression, {"a": 3, "b": 2.5})
    assert got == (bool(value) if expression == "a > 3 or b" else value)


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("", "no expression"),
        ("a +", "no expression"),
        ("a; b", "no expression"),
        ("x * 2", "Nothing is connected to 'x'; known are a"),
        ("1 / 0", "divides by zero"),
        ("0 ** -1", "divides by zero"),
        ("2 ** 65", "whole number larger"),
        ("9 ** 9 ** 9", "is larger than"),
        ("1e308 * 10", "infinity"),
        ("exp(1000)", "no result"),
        ("sqrt(-1)", "no result"),
        ("(-8) ** 0.5", "no real number"),
        ("round(5, -1000000000)", "at most 20"),
        ("sqrt()", "no result"),
        ("'a' * 10", "no arithmetic"),
        ("[1] * 10", "no arithmetic"),
        ("a.real", "no arithmetic"),
        ("a[0]", "no arithmetic"),
        ("(lambda: 1)()", "no arithmetic"),
        ("__import__('os')", "no arithmetic"),
        ("().__class__", "no arithmetic"),
        ("min(*a)", "no arithmetic"),
        ("round(number=a)", "no arithmetic"),
        ("a << 9999999999", "no arithmetic"),
        ("1j", "no arithmetic"),
        ("(a := 2)", "no arithmetic"),
        ("[x for x in 'a']", "no arithmetic"),
        ("-" * 60 + "1", "nested deeper than 50"),
        ("(" * 400 + "1" + ")" * 400, "no expression"),
        ("1+" * 500 + "1", "at most 1,000"),
    ],
)
def test_what_is_no_arithmetic_is_told(expression: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        calculate(expression, {"a": 3})


@given(st.text(max_size=30) | st.text("ab0123456789+-*/%().<>= ,", max_size=30))
def test_any_text_comes_to_a_number_or_is_refused(text: str) -> None:
    try:
        value = calculate(text, {"a": 3, "b": 0.5})
    except Unreadable:
        return
    assert isinstance(value, int | float)
    assert math.isfinite(value)


def test_the_node_gives_three_kinds_of_number() -> None:
    assert logic.calculate("a * 2 + 0.75", a=1) == (2, 2.75, True)
    with pytest.raises(InputError, match=r"Nothing is connected to 'b'; known are a") as caught:
        logic.calculate("b", a=1)
    assert caught.value.input_name == "expression"


@pytest.mark.parametrize(("condition", "made", "left"), [(True, "yes", "no"), (False, "no", "yes")])
def test_only_what_is_chosen_is_made(parts: Executor[Runtime], condition: bool, made: str, left: str) -> None:
    graph = {
        "yes": node("PrimitiveInt", value=100 + condition),
        "no": node("PrimitiveInt", value=200 + condition),
        "either": node("Switch", condition=condition, on_true=["yes", 0], on_false=["no", 0]),
    }
    outputs, executed = run(parts, graph, "either")
    assert outputs["either"] == (101 if condition else 200,)
    assert made in executed
    assert left not in executed


def test_one_of_several_is_chosen(parts: Executor[Runtime]) -> None:
    graph = {
        "index": node("Calculate", expression="1 + 1"),
        "first": node("PrimitiveString", value="unwanted"),
        "second": node("PrimitiveString", value="wanted"),
        "one": node("SwitchByNumber", index=["index", 0], value_1=["first", 0], value_2=["second", 0]),
    }
    outputs, executed = run(parts, graph, "one")
    assert outputs["one"] == ("wanted",)
    assert "first" not in executed
    graph["index"] = node("Calculate", expression="3")
    with pytest.raises(NodeFailed, match="its input 'value_3', which is connected to nothing"):
        run(parts, graph, "one")
    graph["index"] = node("Calculate", expression="7")
    with pytest.raises(NodeFailed, match=r"Received 7.*Expected the number of a value, 1 to 6"):
        run(parts, graph, "one")


def test_a_closed_gate_keeps_what_is_behind_from_running(parts: Executor[Runtime]) -> None:
    graph = {
        "value": node("PrimitiveString", value="behind the gate"),
        "gate": node("Gate", value=["value", 0], is_open=False),
        "behind": node("StringLength", string=["gate", 0]),
    }
    assert run(parts, graph, "behind")[0]["behind"] == (ExecutionBlocker(),)
    graph["gate"]["inputs"]["is_open"] = True
    assert run(parts, graph, "behind")[0]["behind"] == (15,)


def test_what_is_chosen_is_known_beforehand() -> None:
    foresee, pick = logic.switch.spec.foresee, logic.switch_by_number.spec.foresee
    assert foresee is not None
    assert pick is not None
    assert foresee(True, "a", "b") == "a"
    assert foresee(None, "a", "b") is None
    assert foresee(None, "a", "a") == "a"
    assert pick(2, value_1="a", value_2="b") == "b"
