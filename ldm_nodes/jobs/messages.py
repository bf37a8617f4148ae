"""ComfyUI's execution messages, which stand in `/history` and go over its sockets: `[name, data]` with milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ..engine.dynamic_prompt import Place
from ..engine.errors import Problem
from ..engine.events import Cached, Event, Failed, Interrupted, Started, Succeeded

Message = tuple[str, Mapping[str, Any]]


def message_of(
    event: Event,
    job_id: str,
    time: float,
    executed: Sequence[str] = (),
    class_type: str = "",
    places: Mapping[str, Place] = MappingProxyType({}),
) -> Message | None:
    """Return the message that history keeps of an event, or None for an event that it does not keep.

    Args:
        event: what happened.
        job_id: which job it happened to.
        time: when, in seconds since 1970.
        executed: the nodes that have run so far.
        class_type: the class of the node at work, for an interruption.
        places: where nodes stand that others put in their place; told is the node of the prompt.
    """
    stamp = {"prompt_id": job_id, "timestamp": round(time * 1000)}
    match event:
        case Started():
            return "execution_start", stamp
        case Cached(node_ids=node_ids):
            return "execution_cached", {"nodes": list(node_ids), **stamp}
        case Succeeded():
            return "execution_success", stamp
        case Failed(problem=problem):
            return "execution_error", {**error_data(problem, executed), **stamp}
        case Interrupted(node_id=node_id):
            place = places.get(node_id or "")
            at = {"node_id": place.real_id if place else node_id, "node_type": class_type, "executed": list(executed)}
            return "execution_interrupted", {**at, **stamp}
    return None


def error_data(problem: Problem, executed: Sequence[str]) -> dict[str, Any]:
    """Return what ComfyUI tells of a failure: everything of `execution_error` but job and time."""
    raised = problem.extra_info
    told = raised.get("exception_message") if problem.code == "node_failed" else None
    return {
        "node_id": problem.node_id,
        "node_type": problem.class_type,
        "executed": list(executed),
        "exception_message": f"{str(problem) if told is None else told}\n",
        "exception_type": raised.get("exception_type", problem.code),
        "traceback": list(raised.get("traceback", ())),
        "current_inputs": dict(raised.get("current_inputs", {})),
        "current_outputs": list(raised.get("current_outputs", executed)),
    }
