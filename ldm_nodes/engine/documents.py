"""Graphs as people have them: whichever of the two formats a text is in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .canvas_reading import is_workflow
from .json_text import read_json
from .prompt import Prompt
from .workflow import Workflow


def read_document(source: str | bytes | Mapping[str, Any]) -> Prompt | Workflow:
    """Read a prompt in API format or an editor's document, whichever it is.

    Example:
        >>> type(read_document('{"nodes": [], "links": []}')).__name__, type(read_document("{}")).__name__
        ('Workflow', 'Prompt')

    Args:
        source: JSON text, or what a JSON parser made of it.

    Raises:
        PromptRejected: when the form is wrong; the message names the node and its field.
    """
    data = read_json(source) if isinstance(source, str | bytes) else source
    return Workflow.parse(data) if is_workflow(data) else Prompt.parse(data)
