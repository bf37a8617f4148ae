"""Inputs of a graph replaced from the command line: `NODE.INPUT=VALUE`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..engine.errors import Problem, PromptRejected
from ..engine.prompt import Prompt
from ..engine.registry import Registry, close_names, did_you_mean
from ..engine.sockets import String
from ..engine.spec import NodeSpec

SHOWN_NODES = 12


def with_overrides(prompt: Prompt, overrides: Sequence[str], registry: Registry) -> Prompt:
    """Return the graph with inputs replaced.

    Args:
        prompt: the graph.
        overrides: `NODE.INPUT=VALUE` each. VALUE is JSON where it can be read as such, else text; what goes into a text
            input is the text itself, so that a prompt of `1.10` or `true` stays one.
        registry: knows which inputs there are.

    Raises:
        PromptRejected: with every override that cannot be read or names what is not there.
    """
    data = prompt.to_json()
    problems = [problem for text in overrides if (problem := _apply(data, text, registry))]
    if problems:
        raise PromptRejected(tuple(problems))
    return Prompt.parse(data)


def _apply(data: dict[str, Any], override: str, registry: Registry) -> Problem | None:
    """Replace one input in `data`, or say why that cannot be."""
    target, equals, text = override.partition("=")
    node_id, _, name = target.rpartition(".")
    if not (equals and node_id and name):
        expected = "NODE.INPUT=VALUE, as 3.seed=7"
        return Problem("invalid_override", "An override cannot be read", received=override, expected=expected)
    if node_id not in data:
        nodes = ", ".join(f"{key} ({node['class_type']})" for key, node in list(data.items())[:SHOWN_NODES])
        message = "An override names a node that the graph does not have"
        return Problem("invalid_override", message, received=override, expected=f"one of {nodes}")
    spec = registry.get(data[node_id]["class_type"])
    if spec and name not in spec.inputs and not spec.accepts_any:
        return _unknown_input(override, node_id, name, spec)
    is_text = spec is not None and name in spec.inputs and isinstance(spec.inputs[name].field, String)
    data[node_id]["inputs"][name] = _value(text, is_text)
    return None


def _unknown_input(override: str, node_id: str, name: str, spec: NodeSpec) -> Problem:
    return Problem(
        "invalid_override",
        "An override names an input that the node does not have",
        node_id=node_id,
        class_type=spec.name,
        received=override,
        expected=f"one of {', '.join(spec.inputs) or 'none'}",
        remedy=did_you_mean(close_names(name, spec.inputs)),
    )


def _value(text: str, is_text: bool) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if is_text and not isinstance(value, str | list) else value
