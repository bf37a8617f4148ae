"""Events as JSON text and back, for the store. What a node shows comes back as JSON can hold it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from ..engine.dynamic_prompt import Place
from ..engine.errors import MISSING, Problem, Words, shown
from ..engine.events import Event

KINDS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def to_text(event: Event) -> str:
    """Return an event's fields as a JSON object; what JSON cannot hold is described in words."""
    return dump({field.name: getattr(event, field.name) for field in fields(event)})


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
    if isinstance(value, Problem):
        return {name: part for name, part in vars(value).items() if part is not MISSING} | _received(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, set | frozenset) else shown(value)


def _received(problem: Problem) -> dict[str, str]:
    return {} if problem.received is MISSING else {"received": shown(problem.received)}


def _restored(name: str, value: Any) -> Any:
    if name == "problem":
        return Problem(**{**value, **({"received": Words(value["received"])} if "received" in value else {})})
    if name == "places":
        return tuple(Place(*place) for place in value)
    return tuple(value) if isinstance(value, list) else value
