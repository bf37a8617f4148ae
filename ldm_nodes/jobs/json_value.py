"""JSON objects that are stored and told as they are, and seldom looked into: graphs, workflows, outputs.

A call of the module `json` holds up every other thread for its whole length, an event loop's too: 20 ms for a workflow
of two megabytes. So a text is read only when someone looks into it, and a large value is written in parts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from .event_json import dump


class StoredObject(Mapping[str, Any]):
    """A JSON object that is read when it is first looked into.

    Attributes:
        text: what was stored.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _value(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found

    def __getitem__(self, key: str) -> Any:
        return self._value[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"


def text_of(value: Mapping[str, Any]) -> str:
    """Return the text of an object, as it was stored if it was."""
    return value.text if isinstance(value, StoredObject) else dump(value)


def dump_in_parts(value: Any, depth: int) -> str:
    """Return JSON text of a value, as `dump` does, with a call for each member down to `depth` levels of it."""
    if depth and isinstance(value, dict) and all(isinstance(key, str) for key in value):
        members = (f"{json.dumps(key)}: {dump_in_parts(member, depth - 1)}" for key, member in value.items())
        return f"{{{', '.join(members)}}}"
    if depth and isinstance(value, list):
        return f"[{', '.join(dump_in_parts(member, depth - 1) for member in value)}]"
    return dump(value)
