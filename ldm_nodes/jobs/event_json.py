"""Events as JSON text and back, for the store. What a node shows comes back as JSON can hold it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from ..engine.dynamic_prompt import Place
from ..engine.errors import MISSING, Problem, Words, shown
from ..engine.events import Event
from ..engine.explanation import Cause, Explanation, NodeRecord
from ..engine.memory import Eviction

SENTENCE = "text"
"""The name of what a person reads of a problem or of a cause, beside its fields."""
KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def to_text(event: Event) -> str:
    """Return an event's fields as a JSON object; what JSON cannot hold is described in words."""
    return dump(_parts(event))


def from_text(kind: str, text: str) -> Event | None:
    """Return the event that `to_text` wrote, or None where another version wrote what this one does not know."""
    values = json.loads(text)
    try:
        return KINDS[kind](**{name: _restored(name, value) for name, value in values.items()})
    except (KeyError, TypeError):
        return None


def dump(value: Any) -> str:
    """Return JSON text of any value."""
    return json.dumps(value, default=_plain, skipkeys=True)


def _plain(value: Any) -> Any:
    """Return something that JSON can hold in the place of `value`."""
    if isinstance(value, Problem):
        return _problem_parts(value)
    if isinstance(value, NodeRecord | Cause):
        return _told_parts(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _parts(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, set | frozenset) else shown(value)


def _parts(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _problem_parts(problem: Problem) -> dict[str, Any]:
    """Return a problem; what was received is told in words, and not at all where there was nothing."""
    parts = {**_parts(problem), SENTENCE: str(problem)}
    received = parts.pop("received")
    return parts if received is MISSING else {**parts, "received": shown(received)}


def _told_parts(value: NodeRecord | Cause) -> dict[str, Any]:
    """Return what there is to tell of a node: there may be thousands, and most of their fields are empty."""
    parts = {name: part for name, part in _parts(value).items() if part}
    return {**parts, SENTENCE: str(value)} if isinstance(value, Cause) else parts


def _restored(name: str, value: Any) -> Any:
    """Return the field `name` of an event from its JSON form."""
    match name:
        case "problem":
            value.pop(SENTENCE, None)
            return Problem(**{**value, **({"received": Words(value["received"])} if "received" in value else {})})
        case "places":
            return tuple(Place(*place) for place in value)
        case "explanation":
            nodes = {node_id: _node_record(**record) for node_id, record in value.pop("nodes").items()}
            return Explanation(nodes, tuple(Eviction(*gone) for gone in value.pop("evicted")), **value)
    return tuple(value) if isinstance(value, list) else value


def _node_record(causes: Sequence[dict[str, Any]] = (), **fields: Any) -> NodeRecord:
    for cause in causes:
        cause.pop(SENTENCE, None)
    return NodeRecord(causes=tuple(Cause(**cause) for cause in causes), **fields)
