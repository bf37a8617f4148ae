"""Nodes that show a value as text."""

from __future__ import annotations

import json
from typing import Any

from ..engine.spec import NodeOutput, node
from .sockets import Anything

LONGEST = 100_000
"""Characters that are shown."""


@node("PreviewAny", category="utils", display_name="Preview Any", output=True)
def preview_any(source: Anything) -> NodeOutput[None]:
    """Show any value as text."""
    text = _as_text(source)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}… ({len(text):,} characters)"
    return NodeOutput(None, {"text": [text]})


def _as_text(source: Any) -> str:
    if isinstance(source, str):
        return source
    if isinstance(source, int | float):
        return str(source)
    try:
        return json.dumps(source)
    except (TypeError, ValueError, RecursionError):
        return str(source)
