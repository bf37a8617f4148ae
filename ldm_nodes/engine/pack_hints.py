"""What an editor's document says of where its nodes and models come from. It is told, and never followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .canvas import WorkflowNode
from .workflow import Workflow


@dataclass(frozen=True)
class Hints:
    """Where things come from, as the author's editor noted it.

    Attributes:
        packs: class name to the pack that it was in, with the version where that is known.
        models: file name to the address that its author had it from.
    """

    packs: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)


def hints_of(workflow: Workflow) -> Hints:
    """Collect the hints of a document, those inside subgraphs too.

    Example:
        >>> text = '{"nodes": [{"id": 1, "type": "X", "properties": {"cnr_id": "x-pack", "ver": "1.2"}}]}'
        >>> hints_of(Workflow.parse(text)).packs
        {'X': 'x-pack 1.2'}
    """
    hints = Hints()
    canvases = [workflow.canvas, *(subgraph.canvas for subgraph in workflow.subgraphs.values())]
    for node in (node for canvas in canvases for node in canvas.nodes.values()):
        if pack := _pack(node):
            hints.packs.setdefault(node.type, pack)
        for name, address in _models(node):
            hints.models.setdefault(name, address)
    return hints


def _pack(node: WorkflowNode) -> str:
    """Return the registry's id or the repository of a node's pack, and its version or commit."""
    parts = [node.properties.get("cnr_id") or node.properties.get("aux_id"), node.properties.get("ver")]
    return " ".join(part for part in parts if isinstance(part, str)) if isinstance(parts[0], str) else ""


def _models(node: WorkflowNode) -> Iterator[tuple[str, str]]:
    models = node.properties.get("models")
    for model in models if isinstance(models, list | tuple) else ():
        if isinstance(model, dict) and isinstance(model.get("name"), str) and isinstance(model.get("url"), str):
            yield model["name"], model["url"]
