"""What a node returned that put a graph in its own place: which of its values are wires, and what came along them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .cache import NodeResult
from .mapping import Returned, Spread, Values
from .prompt import read_link


def links_in(returned: Sequence[Returned]) -> list[str]:
    """Return the nodes whose results are results of the node, each once."""
    links = (read_link(value) for part in returned if part.expand is not None for value in part.outputs)
    return list({link.node_id: None for link in links if link is not None})


def resolved(returned: Sequence[Returned], result_of: Callable[[str], NodeResult]) -> list[Values]:
    """Return the outputs of every call, with what came along the wires in the place of these."""
    return [
        part.outputs if part.expand is None else tuple(_resolve(value, result_of) for value in part.outputs)
        for part in returned
    ]


def _resolve(value: Any, result_of: Callable[[str], NodeResult]) -> Any:
    link = read_link(value)
    if link is None:
        return value
    outputs = result_of(link.node_id).outputs
    return Spread(outputs[link.slot] if link.slot < len(outputs) else (None,))
