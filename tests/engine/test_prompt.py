"""What a graph may be written in, and how a wrong form is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ldm_nodes.engine import json_text
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.json_text import not_finite, read_json, too_deep
from ldm_nodes.engine.prompt import BadLink, Link, Prompt


def _rejected(source: Any) -> PromptRejected:
    with pytest.raises(PromptRejected) as caught:
        Prompt.parse(source)
    return caught.value


def _inputs(**inputs: Any) -> dict[str, Any]:
    parsed = Prompt.parse({"1": {"class_type": "A", "inputs": inputs}})
    return dict(parsed.nodes["1"].inputs)


def test_constants_and_links() -> None:
    text = '{"1": {"class_type": "A", "inputs": {"a": 1, "b": ["2:5", 0], "c": "x"}, "_meta": {"title": "T"}}}'
    node = Prompt.parse(text).nodes["1"]
    assert node.inputs == {"a": 1, "b": Link("2:5", 0), "c": "x"}
    assert node.links == {"b": Link("2:5", 0)}
    assert (node.class_type, node.title) == ("A", "T")


@pytest.mark.parametrize("form", [str, str.encode, lambda text: b"\xef\xbb\xbf" + text.encode(), json.loads])
def test_text_bytes_and_parsed_json_are_one(form: Any) -> None:
    text = '{"1": {"class_type": "A"}}'
    assert Prompt.parse(form(text)) == Prompt.parse(text)


def test_a_slot_may_be_written_as_a_float() -> None:
    assert _inputs(a=["2", 1.0]) == {"a": Link("2", 1)}


@pytest.mark.parametrize(
    "value", [[], ["2"], ["2", 0, 0], [2, 0], ["2", "0"], ["2", True], ["2", 0.5], ["2", float("nan")], [["2", 0]]]
)
def test_other_lists_are_bad_links(value: Any) -> None:
    assert _inputs(a=value) == {"a": BadLink(value)}


def test_lists_that_are_constants_are_wrapped() -> None:
    assert _inputs(a={"__value__": ["2", 0]}, b={"x": 1, "__value__": 2}) == {
        "a": ["2", 0],
        "b": {"x": 1, "__value__": 2},
    }


def test_json_comes_out_as_it_went_in() -> None:
    graph = {
        "1": {"inputs": {"a": {"__value__": [1]}, "b": ["2", 0], "c": [1, 2, 3]}, "class_type": "A", "is_changed": [1]},
        "2": {"inputs": {}, "class_type": "B", "_meta": {"title": "x"}},
    }
    assert Prompt.parse(graph).to_json() == graph
    assert Prompt.parse(graph).to_json({"1": {"a": 5, "new": 1}})["1"]["inputs"]["a"] == 5


@pytest.mark.parametrize(
    ("title", "seen"), [({"title": 5}, ""), ("x", ""), (None, ""), ({}, ""), ({"title": "y"}, "y")]
)
def test_a_strange_title_is_no_title(title: Any, seen: str) -> None:
    assert Prompt.parse({"1": {"class_type": "A", "_meta": title}}).nodes["1"].title == seen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON: Expecting property name"),
        ("{'1': 2}", "line 1 column 2"),
        (b"\xff\xfe{}", "not text in UTF-8"),
        ('{"1": ' + "[" * 100_000, "nested too deeply"),
        ('{"1": {"class_type": "A", "inputs": {"a": ' + "9" * 5000 + "}}}", "too many digits"),
    ],
)
def test_text_that_is_not_json(text: str | bytes, message: str) -> None:
    (problem,) = _rejected(text).problems
    assert problem.code == "invalid_json"
    assert message in str(problem)


def test_a_text_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_CHARACTERS", 1 << 20)
    (problem,) = _rejected(" " * (1 << 20) + "{}").problems
    assert "longer than 1 MiB" in str(problem)


def test_every_key_that_stands_twice_is_told() -> None:
    text = '{"1": {"class_type": "A", "inputs": {"a": 1, "a": 2}}, "1": {"class_type": "B"}, "1": {"class_type": "B"}}'
    problems = _rejected(text).problems
    assert [problem.message for problem in problems] == [
        "The key 'a' stands twice in one object", "The key '1' stands twice in one object",
    ]  # fmt: skip


@pytest.mark.parametrize("source", ["[]", "null", "5", '"x"'])
def test_a_graph_is_an_object(source: str) -> None:
    assert "The graph is not a JSON object" in str(_rejected(source))


def test_an_editor_workflow_is_recognised() -> None:
    text = str(_rejected({"nodes": [], "links": [], "version": 0.4}))
    assert "editor workflow" in text
    assert "API" in text


def test_every_node_of_wrong_form_is_told() -> None:
    graph = {"1": 5, "2": {}, "3": {"class_type": 5}, "4": {"class_type": "A", "inputs": []}, "5": {"class_type": "A"}}
    problems = _rejected(graph).problems
    assert [problem.node_id for problem in problems] == ["1", "2", "3", "4"]
    assert problems[0].message == "Cannot execute because a node is missing the class_type property."
    assert problems[0].details == "Node ID '#1'"
    assert {problem.code for problem in problems} == {"invalid_prompt"}


def test_a_python_graph_with_numbers_for_ids() -> None:
    assert "A node id is not a text. Received 1" in str(_rejected({1: {"class_type": "A"}}))


def test_constants_may_not_be_nested_endlessly() -> None:
    value: Any = 0
    for _ in range(json_text.MAX_DEPTH - 4):
        value = {"x": value}
    assert Prompt.parse({"1": {"class_type": "A", "inputs": {"a": value}}})
    for _ in range(100_000):
        value = {"x": value}
    (problem,) = _rejected({"1": {"class_type": "A", "inputs": {"a": value}}}).problems
    assert "at most 63 deep" in str(problem)
    while isinstance(value, dict):
        value = value.popitem()[1]  # else Python frees it by recursion


def test_depth_and_finiteness() -> None:
    assert not too_deep([])
    assert not_finite({"a": [1, {"b": float("inf")}]})
    assert not_finite(read_json("[1e400]"))
    assert not_finite(read_json("[NaN]"))
    assert not_finite(2**1025)
    assert not not_finite({"a": [1, 2.5, "inf", None, 2**64]})


def test_an_empty_graph_has_the_right_form() -> None:
    assert Prompt.parse("{}").nodes == {}
