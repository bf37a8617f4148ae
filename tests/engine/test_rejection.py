"""A refused graph as ComfyUI's clients are told of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ldm_nodes.engine.errors import Problem, PromptRejected, Words
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.rejection import no_prompt, node_errors, problem_json, rejection_json

from .pack import FOLDERS, Graph, plan_of, registry

CONSTANT: dict[str, Any] = {"class_type": "Constant", "inputs": {"value": 1}}


def _show(link: Any) -> dict[str, Any]:
    return {"class_type": "Show", "inputs": {"value": link}}


def _rejection(graph: Any, targets: list[str] | None = None) -> dict[str, Any]:
    prompt = None
    try:
        prompt = Prompt.parse(graph)
        make_plan(prompt, registry(), FOLDERS, targets)
    except PromptRejected as rejected:
        return rejection_json(rejected, prompt)
    raise AssertionError("the graph was not rejected")


def test_there_is_no_graph() -> None:
    error = {"type": "no_prompt", "message": "No prompt provided", "details": "No prompt provided", "extra_info": {}}
    assert rejection_json(no_prompt()) == {"error": error, "node_errors": {}}


@pytest.mark.parametrize(
    ("graph", "kind", "message", "details"),
    [
        (
            {"1": CONSTANT, "2": {"inputs": {}}},
            "invalid_prompt",
            "Cannot execute because a node is missing the class_type property.",
            "Node ID '#2'",
        ),
        (
            {"1": CONSTANT, "2": {"class_type": "Nope"}},
            "invalid_prompt",
            "Cannot execute because node Nope does not exist.",
            "Node ID '#2'",
        ),
        ({"1": CONSTANT}, "prompt_no_outputs", "Prompt has no outputs", ""),
    ],
)
def test_faults_of_the_whole(graph: Graph, kind: str, message: str, details: str) -> None:
    error = {"type": kind, "message": message, "details": details, "extra_info": {}}
    assert _rejection(graph) == {"error": error, "node_errors": {}}


def test_no_target_is_in_the_graph() -> None:
    assert _rejection({"1": CONSTANT, "2": _show(["1", 0])}, [])["error"]["type"] == "prompt_no_outputs"


def test_a_fault_of_the_output_itself_is_told_at_the_top_too() -> None:
    told = _rejection({"1": _show([1, 2, 3]), "2": {"class_type": "Show"}})
    assert told["error"] == {
        "type": "prompt_outputs_failed_validation",
        "message": "Prompt outputs failed validation",
        "details": "Bad linked input, must be a length-2 list of [node_id, slot_index]: value\n"
        "Required input is missing: value",
        "extra_info": {},
    }
    assert told["node_errors"]["2"] == {
        "errors": [
            {
                "type": "required_input_missing",
                "message": "Required input is missing",
                "details": "value",
                "extra_info": {"input_name": "value"},
            }
        ],
        "dependent_outputs": ["2"],
        "class_type": "Show",
    }
    assert json.loads(json.dumps(told)) == told


def test_a_fault_upstream_is_told_of_its_node_only() -> None:
    graph = {
        "1": {"class_type": "Constant", "inputs": {"value": -1}}, "2": {"class_type": "Sum", "inputs": {"a": ["1", 0]}},
        "3": _show(["2", 0]), "4": _show(["1", 0]),
    }  # fmt: skip
    told = _rejection(graph)
    assert told["error"]["details"] == ""
    assert list(told["node_errors"]) == ["1"]
    assert told["node_errors"]["1"]["dependent_outputs"] == ["3", "4"]
    (error,) = told["node_errors"]["1"]["errors"]
    assert error == {
        "type": "value_smaller_than_min",
        "message": "Value -1 smaller than min of 0",
        "details": "value",
        "extra_info": {
            "input_name": "value",
            "input_config": ["INT", {"default": 1, "min": 0, "max": 1000}],
            "received_value": -1,
        },
    }


def test_what_a_person_can_do_is_told_beside_what_comfyui_tells() -> None:
    problem = Problem(
        "bad_input",
        "It is unfit",
        "details",
        received=Words("8 wide"),
        expected="12 wide",
        producer="node 4",
        remedy="Do.",
    )
    assert problem_json(problem) == {
        "type": "bad_input", "message": "It is unfit", "details": "details", "extra_info": {}, "remedy": "Do.",
        "producer": "node 4", "received": "8 wide", "expected": "12 wide",
    }  # fmt: skip


def test_valid_outputs_run_although_errors_of_others_are_told() -> None:
    graph = {"1": CONSTANT, "2": _show(["1", 0]), "3": _show(["9", 0]), "4": {"class_type": "Settings"}}
    plan = plan_of(graph)
    told = node_errors(plan.problems, plan.invalid_targets, plan.prompt)
    assert plan.targets == ("2",)
    assert {node_id: entry["dependent_outputs"] for node_id, entry in told.items()} == {"3": ["3", "4"], "4": ["4"]}
