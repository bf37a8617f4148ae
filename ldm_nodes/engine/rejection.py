"""Problems in the form in which ComfyUI's clients receive them: the `error` and `node_errors` of a refused graph."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .errors import Problem, PromptRejected, shown
from .prompt import Prompt
from .walk import reachable

WHOLE_GRAPH = frozenset({"no_prompt", "invalid_json", "invalid_prompt", "prompt_no_outputs"})
"""Codes that say that nothing could be looked at node by node."""
MOST_TOLD = 1000
"""So many problems are told, the first ones: a graph may have a million, and an answer is no place for them."""
MOST_DEPENDENTS = 100
"""And of each node at fault so many of the outputs that do not run for it."""


def no_prompt() -> PromptRejected:
    """Return the exception for a request without a graph."""
    return PromptRejected((Problem("no_prompt", "No prompt provided", "No prompt provided"),))


def rejection_json(rejected: PromptRejected, prompt: Prompt | None = None) -> dict[str, Any]:
    """Return what a client is told of a graph of which nothing can run.

    Args:
        rejected: what is wrong.
        prompt: the graph, if its form is right.
    """
    for problem in rejected.problems:
        if problem.code in WHOLE_GRAPH:
            return {"error": _error_json(problem.code, problem.message, problem.details), "node_errors": {}}
    targets = frozenset(rejected.invalid_outputs)
    told = [problem for problem in rejected.problems if problem.node_id in targets][:MOST_TOLD]
    lines = [f"{problem.message}: {problem.particulars}" for problem in told]
    return {
        "error": _error_json("prompt_outputs_failed_validation", "Prompt outputs failed validation", "\n".join(lines)),
        "node_errors": {} if prompt is None else node_errors(rejected.problems, rejected.invalid_outputs, prompt),
    }


def node_errors(problems: Iterable[Problem], invalid_targets: Sequence[str], prompt: Prompt) -> dict[str, Any]:
    """Return what is wrong with each node that is at fault itself, and which outputs do not run.

    As in ComfyUI an output counts as dependent if it fails after the node was found bad, the outputs taken in turn.
    """
    found: dict[str, Any] = {}
    first = _first_reached(invalid_targets, prompt)
    blamed = ((problem.node_id, problem) for problem in problems if problem.node_id is not None)
    of_nodes = ((node_id, problem) for node_id, problem in blamed if node_id in prompt.nodes)
    for node_id, problem in itertools.islice(of_nodes, MOST_TOLD):
        if node_id not in found:
            start = first.get(node_id, 0)
            dependents = list(invalid_targets[start : start + MOST_DEPENDENTS])
            found[node_id] = {"errors": [], "dependent_outputs": dependents, "class_type": problem.class_type}
        found[node_id]["errors"].append(problem_json(problem))
    return found


def problem_json(problem: Problem) -> dict[str, Any]:
    """Return one problem as clients parse it; beside that what ComfyUI does not tell: the remedy, a value's source."""
    more = {"remedy": problem.remedy}
    if problem.producer:
        more |= {"producer": problem.producer, "received": shown(problem.received), "expected": problem.expected}
    return {
        "type": problem.code,
        "message": problem.message,
        "details": problem.details,
        "extra_info": dict(problem.extra_info),
        **{name: text for name, text in more.items() if text},
    }


def _error_json(code: str, message: str, details: str) -> dict[str, Any]:
    return {"type": code, "message": message, "details": details, "extra_info": {}}


def _first_reached(targets: Sequence[str], prompt: Prompt) -> Mapping[str, int]:
    """Return the number of the first target from which each node is reached against the wires."""
    first: dict[str, int] = {}
    for number, target in enumerate(targets):

        def sources(node_id: str) -> list[str]:
            links = prompt.nodes[node_id].links.values()
            return [link.node_id for link in links if link.node_id in prompt.nodes and link.node_id not in first]

        if target not in first:
            reached = reachable([target], sources)
            first.update(dict.fromkeys(reached, number))
    return first
