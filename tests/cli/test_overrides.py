"""`--set`: what replaces an input, and what is refused instead of being overlooked."""

from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.cli.overrides import with_overrides
from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.prompt import Link, Prompt
from ldm_nodes.nodes import builtin_registry

GRAPH = {
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["4", 1]}},
    "sub.5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64}},
}


def _replaced(override: str, node_id: str, name: str) -> Any:
    return with_overrides(Prompt.parse(GRAPH), [override], builtin_registry()).nodes[node_id].inputs[name]


@pytest.mark.parametrize(
    "text", ["1.10", "true", "null", "NaN", "", "a=b", "(cat:1.3)", '{"a": 1}', "[" * 100_000, "9" * 5000]
)
def test_a_text_stays_the_text_that_was_typed(text: str) -> None:
    assert _replaced(f"6.text={text}", "6", "text") == text


def test_a_quoted_text_loses_its_quotes() -> None:
    assert _replaced('6.text="a red fox"', "6", "text") == "a red fox"


def test_other_values_are_read_as_json() -> None:
    assert _replaced("sub.5.width=128", "sub.5", "width") == 128
    assert _replaced("4.ckpt_name=b.ckpt", "4", "ckpt_name") == "b.ckpt"
    assert _replaced('6.clip=["4", 0]', "6", "clip") == Link("4", 0)


def test_an_input_that_the_graph_leaves_out_can_be_set() -> None:
    assert _replaced("sub.5.height=128", "sub.5", "height") == 128


def test_a_misspelt_input_is_refused_with_a_suggestion() -> None:
    with pytest.raises(PromptRejected, match="Did you mean width") as caught:
        _replaced("sub.5.widht=128", "sub.5", "width")
    assert "EmptyLatentImage" in str(caught.value)


def test_all_wrong_overrides_are_told_at_once() -> None:
    wrong = ["x", "9.a=1", "sub.5.nothing=1", "=1"]
    with pytest.raises(PromptRejected) as caught:
        with_overrides(Prompt.parse(GRAPH), wrong, builtin_registry())
    assert [problem.received for problem in caught.value.problems] == wrong
