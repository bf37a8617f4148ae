"""Every fault of a graph is found at once and told in ComfyUI's terms."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.sockets import Choice, Hidden, Int, Socket
from ldm_nodes.engine.spec import node
from ldm_nodes.settings import Folders

from .pack import FOLDERS, Graph, Number, chain, plan_of, problems_of, registry, settings_node

CONSTANT: dict[str, Any] = {"class_type": "Constant", "inputs": {"value": 1}}


def _show(link: Any) -> dict[str, Any]:
    return {"class_type": "Show", "inputs": {"value": link}}


def test_constants_are_converted() -> None:
    plan = plan_of(settings_node(steps="5", strength=1, name=7, enabled="false", file="sub\\a.bin", unknown=1))
    assert plan.literals["1"] == {
        "steps": 5, "strength": 1.0, "name": "7", "enabled": True, "method": "heun", "file": "sub/a.bin",
    }  # fmt: skip
    assert isinstance(plan.literals["1"]["strength"], float)
    assert plan.to_json()["1"]["inputs"]["steps"] == 5


@pytest.mark.parametrize(
    ("changes", "code", "message", "details"),
    [
        ({"steps": "x"}, "invalid_input_type", "Failed to convert an input value to a INT value", "steps, x, "),
        ({"steps": None}, "invalid_input_type", "Failed to convert an input value to a INT value", "steps, None, "),
        ({"strength": {}}, "invalid_input_type", "Failed to convert an input value to a FLOAT value", "strength, {}, "),
        (
            {"strength": 1e999},
            "invalid_input_type",
            "Failed to convert an input value to a FLOAT value",
            "strength, inf",
        ),
        (
            {"strength": "nan"},
            "invalid_input_type",
            "Failed to convert an input value to a FLOAT value",
            "strength, nan",
        ),
        (
            {"steps": float("nan")},
            "invalid_input_type",
            "Failed to convert an input value to a INT value",
            "steps, nan",
        ),
        ({"steps": 0}, "value_smaller_than_min", "Value 0 smaller than min of 1", "steps"),
        ({"steps": 10**9}, "value_bigger_than_max", "Value 1000000000 bigger than max of 100", "steps"),
        ({"strength": -0.1}, "value_smaller_than_min", "Value -0.1 smaller than min of 0.0", "strength"),
        ({"method": "eular"}, "value_not_in_list", "Value not in list", "method: 'eular' not in ['euler', 'heun']"),
        ({"method": {}}, "value_not_in_list", "Value not in list", "method: '{}' not in ['euler', 'heun']"),
        ({"file": "c.bin"}, "value_not_in_list", "Value not in list", "file: 'c.bin' not in ['sub/a.bin', 'b.bin']"),
        (
            {"steps": [1, 2, 3]},
            "bad_linked_input",
            "Bad linked input, must be a length-2 list of [node_id, slot_index]",
            "steps",
        ),
    ],
)
def test_wrong_constants(changes: dict[str, Any], code: str, message: str, details: str) -> None:
    (problem,) = problems_of(settings_node(**changes))
    assert (problem.code, problem.message) == (code, message)
    assert problem.details.startswith(details)
    (name,) = changes
    assert (problem.node_id, problem.title, problem.class_type, problem.input_name) == ("1", "Mine", "Settings", name)
    assert problem.expected
    assert problem.extra_info["input_name"] == name
    assert repr(problem.extra_info["received_value"]) == repr(changes[name])
    assert problem.extra_info["input_config"][0] in ("INT", "FLOAT", ["euler", "heun"], ["sub/a.bin", "b.bin"])


def test_a_problem_reads_well() -> None:
    (steps,) = problems_of(settings_node(steps=0))
    assert str(steps) == (
        'node 1 "Mine" (Settings), input "steps": Value 0 smaller than min of 1. Received 0. '
        "Expected a whole number from 1 up to 100."
    )
    (method,) = problems_of(settings_node(method="eular"))
    assert str(method).endswith("Received 'eular'. Expected one of euler, heun. Did you mean euler?")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_json_numbers_that_are_not_finite(number: str) -> None:
    text = json.dumps(settings_node()).replace("0.5", number)
    with pytest.raises(PromptRejected, match=r"Expected a finite number from 0\.0 up to 1\.0"):
        make_plan(Prompt.parse(text), registry(), FOLDERS)


def test_a_number_that_is_not_finite_inside_a_constant() -> None:
    (problem,) = problems_of({"1": _show({"a": [1e999]})})
    assert problem.code == "invalid_input_type"


NAMES = tuple(f"name{index}" for index in range(30))


@node("Long", category="x", output=True)
def long(name: Annotated[str, Choice(NAMES)]) -> None: ...


def test_a_long_list_is_not_printed() -> None:
    (problem,) = problems_of({"1": {"class_type": "Long", "inputs": {"name": "x"}}}, long)
    assert problem.details == "name: 'x' not in (list of length 30)"
    assert problem.extra_info["input_config"] is None
    assert "name19 and 10 more" in problem.expected


def test_an_empty_list_says_so() -> None:
    @node("Empty", category="x", output=True)
    def empty(name: Annotated[str, Choice(lambda folders: ())]) -> None: ...

    (problem,) = problems_of({"1": {"class_type": "Empty", "inputs": {"name": "x"}}}, empty)
    assert "empty" in problem.expected


def test_missing_inputs() -> None:
    problems = problems_of({"1": {"class_type": "Settings", "inputs": {}}})
    assert [problem.input_name for problem in problems] == ["steps", "strength", "name", "enabled", "method", "file"]
    assert {problem.code for problem in problems} == {"required_input_missing"}
    assert problems[0].message == "Required input is missing"
    assert problems[0].extra_info == {"input_name": "steps"}
    assert "Expected a whole number from 1 up to 100" in str(problems[0])


def test_the_class_is_unknown() -> None:
    problems = problems_of({"1": CONSTANT, "2": {"class_type": "Shw"}, "3": {"class_type": "Settings"}})
    assert problems[0].code == "invalid_prompt"
    assert problems[0].message == "Cannot execute because node Shw does not exist."
    assert problems[0].details == "Node ID '#2'"
    assert problems[0].remedy == "Did you mean Show?"
    assert len(problems) == 7, "the faults of the other nodes are told as well"


def test_a_link_from_a_node_of_unknown_class_is_no_second_fault() -> None:
    (problem,) = problems_of({"1": {"class_type": "Mystery"}, "2": _show(["1", 3])})
    assert problem.node_id == "1"
    assert "Install the pack" in problem.remedy


def test_there_is_no_output() -> None:
    (problem,) = problems_of({"1": CONSTANT})
    assert (problem.code, problem.message) == ("prompt_no_outputs", "Prompt has no outputs")
    assert problems_of({})[0].code == "prompt_no_outputs"
    with pytest.raises(PromptRejected, match="None of the nodes asked for is in it: 9"):
        plan_of({"1": CONSTANT}, targets=["9"])


@pytest.mark.parametrize(
    ("link", "message"), [(["7", 0], "There is no node 7"), (["1", 1], "Node 1 (Constant) has no output 1"),
                          (["1", -1], "Node 1 (Constant) has no output -1")]
)  # fmt: skip
def test_dangling_links(link: Any, message: str) -> None:
    (problem,) = problems_of({"1": CONSTANT, "2": _show(link)})
    assert (problem.node_id, problem.input_name, problem.sentence) == ("2", "value", message)
    assert (problem.code, problem.message) == ("exception_during_validation", "Exception when validating node")
    assert problem.details == ("'7'" if link[0] == "7" else "tuple index out of range")
    assert problem.extra_info["linked_node"] == link
    assert problem.extra_info["exception_type"] == ("KeyError" if link[0] == "7" else "IndexError")


def test_a_dangling_link_of_an_inner_node_is_told_by_the_way_to_it() -> None:
    graph = {"1": {"class_type": "Sum", "inputs": {"a": ["7", 0]}}, "2": _show(["1", 0])}
    (problem,) = problems_of(graph)
    assert (problem.node_id, problem.input_name) == ("1", "a")
    assert (problem.code, problem.message) == (
        "exception_during_inner_validation",
        "Exception when validating inner node",
    )
    assert problem.details == "'7'"
    assert problem.extra_info == {
        "input_name": "value", "input_config": ["*", {}], "linked_node": ["1", 0], "exception_message": "'7'",
        "exception_type": "KeyError", "traceback": [],
    }  # fmt: skip
    assert str(problem).startswith('node 1 (Sum), input "a": There is no node 7. Received')


def test_an_id_that_is_a_number_is_no_link() -> None:
    (problem,) = problems_of({"1": CONSTANT, "2": _show([1, 0])})
    assert (problem.code, problem.details) == ("exception_during_validation", "1")
    assert str(problem).startswith('node 2 (Show), input "value": Bad linked input, must be a length-2 list')


def test_types_must_match() -> None:
    graph = {
        "1": CONSTANT,
        "2": {"class_type": "Split", "inputs": {"a": ["1", 0]}, "_meta": {"title": "Digits"}},
        "3": {"class_type": "Sum", "inputs": {"a": ["2", 2]}},
        "4": _show(["3", 0]),
    }
    (problem,) = problems_of(graph)
    assert problem.code == "return_type_mismatch"
    assert problem.message == "Return type mismatch between linked nodes"
    assert problem.details == "a, received_type(TEXT) mismatch input_type(NUMBER)"
    assert problem.extra_info["received_type"] == "TEXT"
    assert problem.extra_info["linked_node"] == ["2", 2]
    assert str(problem) == (
        'node 3 (Sum), input "a": Return type mismatch between linked nodes. Received a wire of type TEXT. '
        'It came from output 2 of node 2 "Digits" (Split). Expected a wire of type NUMBER. Its output 0 would fit.'
    )


def test_a_constant_where_only_a_wire_fits() -> None:
    graph: Graph = {"1": {"class_type": "Sum", "inputs": {"a": 5, "b": None}}, "2": _show(["1", 0])}
    (problem,) = problems_of(graph)
    assert problem.code == "bad_linked_input"
    assert problem.input_name == "a"
    assert '["4", 0]' in problem.remedy
    assert plan_of({"1": _show(5)}).literals["1"] == {"value": 5}


def test_a_wire_into_an_input_that_is_not_there() -> None:
    graph = {"1": CONSTANT, "2": {"class_type": "Show", "inputs": {"value": ["1", 0], "valve": ["1", 0]}}}
    (problem,) = problems_of(graph)
    assert problem.code == "undeclared_input"
    assert "Expected one of value" in str(problem)


def test_a_cycle_names_its_nodes() -> None:
    graph: Graph = {
        "1": {"class_type": "Sum", "inputs": {"a": ["3", 0]}},
        "2": {"class_type": "Sum", "inputs": {"a": ["1", 0]}},
        "3": {"class_type": "Sum", "inputs": {"a": ["2", 0]}},
        "4": {"class_type": "Sum", "inputs": {"a": ["4", 0], "b": ["3", 0]}},
        "5": _show(["4", 0]),
    }
    problems = problems_of(graph)
    assert {frozenset(problem.extra_info["nodes"]) for problem in problems} == {frozenset("123"), frozenset("4")}
    assert {problem.message for problem in problems} == {"Exception when validating node"}
    rings = {"4 → 4", "2 → 3 → 1 → 2"}
    assert {problem.details for problem in problems} == {f"Dependency cycle detected: {ring}" for ring in rings}
    assert f"Dependency cycle detected ({problems[0].details.partition(': ')[2]})" in str(problems[0])


def test_a_huge_cycle_is_shown_in_part() -> None:
    graph = chain(5000)
    graph["0"] = {"class_type": "Sum", "inputs": {"a": ["4999", 0]}}
    (problem,) = problems_of(graph)
    assert len(problem.extra_info["nodes"]) == 5000
    assert len(problem.details) < 200
    assert "…" in problem.details


def test_valid_outputs_survive_invalid_ones() -> None:
    graph = {
        "1": CONSTANT,
        "2": _show(["1", 0]),
        "3": {"class_type": "Constant", "inputs": {"value": -1}},
        "4": {"class_type": "Sum", "inputs": {"a": ["3", 0], "b": ["1", 0]}},
        "5": _show(["4", 0]),
    }
    plan = plan_of(graph)
    assert plan.order == ("1", "2")
    assert (plan.targets, plan.invalid_targets) == (("2",), ("5",))
    assert [problem.node_id for problem in plan.problems] == ["3"]


def test_nodes_that_nothing_needs_are_not_looked_at() -> None:
    plan = plan_of({"1": CONSTANT, "2": _show(["1", 0]), "3": {"class_type": "Settings"}}, targets=["2"])
    assert plan.order == ("1", "2")
    assert plan.problems == ()


def test_any_node_may_be_the_target() -> None:
    assert plan_of({"1": CONSTANT, "2": _show(["1", 0])}, targets=["1", "1"]).order == ("1",)


def _check(value: int | None, folders: Folders, other: int = 4) -> bool | str:
    if value == 13:
        raise RuntimeError("bad luck")
    return True if value is None or value < other else f"{value} is not below {other}"


@node("Checked", category="x", check=_check)
def checked(value: Annotated[int, Int(min=0, max=10)], other: Annotated[int, Int(max=5, optional=True)] = 0) -> Number:
    return value


def _checked(**inputs: Any) -> Graph:
    return {"1": {"class_type": "Checked", "inputs": inputs}, "2": _show(["1", 0])}


def test_a_node_s_own_check_speaks_for_its_inputs() -> None:
    assert plan_of(_checked(value=-5), checked).problems == (), "the check replaces the range"
    (problem,) = problems_of(_checked(value=5), checked)
    assert problem.code == "custom_validation_failed"
    assert problem.message == "Custom validation failed for node"
    assert problem.details == "value - 5 is not below 4"
    assert str(problem) == 'node 1 (Checked), input "value": 5 is not below 4.'
    assert len(problems_of(_checked(value=5, other=1), checked)) == 2, "as in ComfyUI each input that it got complains"


def test_a_check_that_raises_is_told() -> None:
    (problem,) = problems_of(_checked(value=13), checked)
    assert (problem.node_id, problem.code, problem.details) == ("1", "exception_during_inner_validation", "bad luck")
    assert problem.extra_info["exception_type"] == "RuntimeError"
    assert problem.extra_info["linked_node"] == ["1", 0]
    assert "in _check" in problem.extra_info["traceback"][-1]
    with pytest.raises(PromptRejected) as rejected:
        plan_of(_checked(value=13), checked, targets=["1"])
    assert rejected.value.problems[0].code == "exception_during_validation"


def test_what_a_check_raises_because_of_a_fault_told_already_is_no_news() -> None:
    (problem,) = problems_of(_checked(value="x"), checked)
    assert problem.code == "invalid_input_type"


def _refuses(**inputs: Any) -> Any:
    return inputs["verdict"]


@node("Refusing", category="x", output=True, check=_refuses)
def refusing(verdict: Annotated[Any, Socket("*")], size: Annotated[int, Int(max=3)]) -> None: ...


@pytest.mark.parametrize(
    ("verdict", "details"), [(False, "size"), ("too big", "size - too big"), (None, "size - None"), (1, "size - 1")]
)
def test_a_check_runs_although_there_are_other_errors_and_counts_for_every_input(verdict: Any, details: str) -> None:
    inputs = {"verdict": verdict, "size": "x"}
    problems = problems_of({"1": {"class_type": "Refusing", "inputs": inputs}}, refusing)
    codes = [problem.code for problem in problems]
    assert codes == ["invalid_input_type", "custom_validation_failed", "custom_validation_failed"]
    assert [problem.input_name for problem in problems] == ["size", "verdict", "size"]
    assert problems[2].details == details
    assert problems[2].extra_info == {"input_name": "size"}


def test_a_check_that_takes_everything_answers_for_every_range() -> None:
    assert plan_of({"1": {"class_type": "Refusing", "inputs": {"verdict": True, "size": 99}}}, refusing).targets == (
        "1",
    )


def test_a_check_that_takes_nothing_is_not_asked() -> None:
    @node("Mute", category="x", output=True, check=lambda: False)
    def mute(size: int) -> None: ...

    assert plan_of({"1": {"class_type": "Mute", "inputs": {"size": 1}}}, mute).targets == ("1",)


def test_a_check_may_be_asynchronous_and_see_the_id() -> None:
    async def check(size: int, me: str) -> str | bool:
        return True if size == 1 else f"node {me} is not one"

    @node("Async", category="x", output=True, check=check)
    def later(size: int, me: Annotated[str, Hidden.UNIQUE_ID]) -> None: ...

    assert plan_of({"7": {"class_type": "Async", "inputs": {"size": 1}}}, later).targets == ("7",)
    problems = problems_of({"7": {"class_type": "Async", "inputs": {"size": 2}}}, later)
    assert [problem.details for problem in problems] == ["size - node 7 is not one", "me - node 7 is not one"]


def test_a_check_of_a_node_that_takes_lists_gets_lists() -> None:
    seen: list[Any] = []

    def check(values: list[Any], input_types: list[dict[str, Any]]) -> bool:
        seen.extend((values, input_types))
        return True

    @node("Lists", category="x", output=True, check=check)
    def lists(values: list[Annotated[int, Int()]]) -> None: ...

    plan_of({"1": CONSTANT, "2": {"class_type": "Lists", "inputs": {"values": ["1", 0]}}}, lists)
    plan_of({"2": {"class_type": "Lists", "inputs": {"values": 5}}}, lists)
    assert seen == [[None], [{"values": "NUMBER"}], [5], [{}]]


def test_a_check_gets_none_for_wires() -> None:
    number = {"class_type": "Number", "inputs": {}}

    @node("Number", category="x")
    def number_node() -> Annotated[int, Int()]:
        return 99

    graph = {**_checked(value=["0", 0]), "0": number}
    assert plan_of(graph, checked, number_node).problems == ()


def test_a_check_may_answer_for_the_types() -> None:
    seen: dict[str, Any] = {}

    def types(input_types: dict[str, Any]) -> bool:
        seen.update(input_types)
        return "a" in input_types

    @node("Typed", category="x", output=True, check=types)
    def typed(a: Annotated[int, Int()]) -> None: ...

    assert plan_of({"1": CONSTANT, "2": {"class_type": "Typed", "inputs": {"a": ["1", 0]}}}, typed).problems == ()
    assert seen == {"a": "NUMBER"}
    (problem,) = problems_of({"2": {"class_type": "Typed", "inputs": {"a": 1}}}, typed)
    assert (problem.code, problem.details) == ("custom_validation_failed", "input_types")


LOOKS: list[Folders] = []


def _look(folders: Folders) -> tuple[str, ...]:
    LOOKS.append(folders)
    return ("x",)


@node("File", category="x", output=True)
def file(name: Annotated[str, Choice(_look)]) -> None: ...


def test_a_file_list_is_looked_up_once_per_graph() -> None:
    LOOKS.clear()
    plan_of({str(index): {"class_type": "File", "inputs": {"name": "x"}} for index in range(20)}, file)
    assert LOOKS == [FOLDERS]
