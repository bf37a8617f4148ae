"""Hooks that many nodes share for what can be told of their outputs before they run."""

from __future__ import annotations

from typing import Any

from ..engine.spec import Hook


def same(name: str) -> Hook:
    """Return the hook of a node whose only output is of the kind of its input `name`."""

    def ahead(**inputs: Any) -> Any:
        return inputs[name]

    return ahead
