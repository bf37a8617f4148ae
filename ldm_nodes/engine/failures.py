"""An exception of a node, told as a problem: which node, which input, whose value, what to do."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .errors import InputError, Problem, Words, named
from .plan import Plan
from .run_graph import RunGraph

FRAMES = 50
LONGEST_VALUE = 2000
MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")
LESS_MEMORY = "Make the picture or the batch smaller, choose a lower precision, or close other programs."


def problem_of(error: Exception, node_id: str, plan: Plan | RunGraph) -> Problem:
    """Describe what a node raised.

    An `InputError` names the node that made the value, a lack of memory gets advice, all else is told as it came.
    """
    node = plan.node(node_id)
    return Problem(
        node_id=node_id,
        title=node.title,
        class_type=node.class_type,
        extra_info=_raised(error),
        **_told(error, node_id, plan),
    )


def run_failure(
    error: Exception,
    node_id: str,
    graph: RunGraph,
    inputs: Mapping[str, Sequence[Any]],
    finished: Sequence[str],
) -> Problem:
    """Describe what a node raised in a run, with what ComfyUI's clients want to know of the run.

    A node that another put in its place is told as the node of the prompt that it belongs to.

    Args:
        error: what was raised.
        node_id: the node.
        graph: the graph of the run.
        inputs: what came to the node.
        finished: the nodes that have results.
    """
    info = {
        "current_inputs": {name: [_as_text(value) for value in values] for name, values in inputs.items()},
        "current_outputs": list(finished),
    }
    return _placed(problem_of(error, node_id, graph), node_id, graph, info)


def deadlock(ring: Sequence[str], graph: RunGraph) -> Problem:
    """Describe nodes that wait for each other, of which at least one was put in while the graph ran."""
    first = next((node_id for node_id in ring if graph.dynamic.get_parent_node_id(node_id) is not None), ring[0])
    message, shown = "Dependency cycle detected", graph.dynamic.get_display_node_id(first)
    info = {"exception_type": "graph.DependencyCycleError", "exception_message": message, "traceback": []}
    return Problem(
        "node_failed",
        message,
        " → ".join([*ring[:FRAMES], ring[0]]),
        node_id=shown,
        class_type=graph.node(first).class_type,
        title=graph.node(shown).title if shown in graph.nodes else "",
        extra_info=info,
    )


def _placed(problem: Problem, node_id: str, graph: RunGraph, info: Mapping[str, Any]) -> Problem:
    place = graph.dynamic.place(node_id)
    if place.parent_id is not None:
        info = {**info, "runtime_node_id": node_id}
        problem = replace(problem, node_id=place.real_id, title=graph.node(place.real_id).title)
    return replace(problem, extra_info={**problem.extra_info, **info})


def _as_text(value: Any) -> Any:
    """Return a value as clients show it: plain ones as they are, all else as text of bearable length."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def out_of_memory(error: BaseException) -> bool:
    """Say whether memory ran out, in Python, numpy or torch, on the CPU or on a device.

    torch is not imported for the question: its exception is known by name, its CPU allocator by what it says.
    """
    if isinstance(error, MemoryError) or any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in MEMORY_WORDS)


def _told(error: Exception, node_id: str, plan: Plan | RunGraph) -> dict[str, Any]:
    if isinstance(error, InputError):
        return {
            "code": "bad_input",
            "message": "The node cannot use this value",
            "input_name": error.input_name,
            "received": Words(error.received),
            "expected": error.expected,
            "remedy": error.remedy,
            "producer": _producer(node_id, error, plan),
        }
    if out_of_memory(error):
        text = str(error)
        return {"code": "out_of_memory", "message": "Memory ran out", "details": text, "remedy": LESS_MEMORY}
    return {"code": "node_failed", "message": str(error) or type(error).__name__}


def _producer(node_id: str, error: InputError, plan: Plan | RunGraph) -> str:
    """Name the node at the other end of the wire, and the one that chose what the complaint is about."""
    link = plan.links[node_id].get(error.input_name)
    if link is None:
        return ""
    made = f"output {link.slot} of {_named(link.node_id, plan)}"
    origin = _origin(link.node_id, error.origin, plan) if error.origin else link.node_id
    return made if origin in (None, link.node_id) else f"{made}, which goes back to {_named(origin, plan)}"


def _origin(node_id: str, constant: str, plan: Plan | RunGraph) -> str | None:
    """Return the nearest node, from `node_id` against the wires, in which the constant stands."""
    seen = {node_id: None}
    waiting = deque(seen)
    while waiting:
        node_id = waiting.popleft()
        if constant in plan.literals[node_id].values():
            return node_id
        found = {link.node_id: None for link in plan.links[node_id].values() if link.node_id not in seen}
        seen |= found
        waiting.extend(found)
    return None


def _named(node_id: str, plan: Plan | RunGraph) -> str:
    node = plan.node(node_id)
    return named(node_id, node.title, node.class_type)


def _raised(error: Exception) -> dict[str, Any]:
    """Return what ComfyUI's clients find in an `execution_error`."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    frames = traceback.format_tb(error.__traceback__, limit=-FRAMES)
    return {"exception_type": module + kind.__qualname__, "exception_message": str(error), "traceback": frames}
