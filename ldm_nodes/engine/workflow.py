"""The editor's document as a value, in versions 0.4 and 1; `canvas.py` says what it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .canvas import Canvas, Json, Subgraph
from .canvas_reading import read_canvases
from .canvas_writing import write_canvases
from .catalogue import Catalogue
from .conversion import Conversion, Converter


@dataclass(frozen=True)
class Workflow:
    """The editor's document.

    Attributes:
        canvas: the nodes and wires that one sees first.
        subgraphs: the definitions by id, those inside others too.
        nested: the ids of the definitions that are written inside others.
    """

    canvas: Canvas
    subgraphs: Mapping[str, Subgraph] = field(default_factory=dict)
    nested: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, source: str | bytes | Json) -> Workflow:
        """Read a document from JSON text or from what a JSON parser made of it.

        Example:
            >>> Workflow.parse('{"nodes": [{"id": 7, "type": "Note"}], "version": 0.4}').canvas.nodes[7].type
            'Note'

        Raises:
            PromptRejected: when the form is wrong; the message names the node and its field.
        """
        return cls(*read_canvases(source))

    def to_prompt(self, catalogue: Catalogue) -> Conversion:
        """Return the prompt that the official editor would send.

        Args:
            catalogue: knows the node classes; which values belong to which fields follows from them.

        Raises:
            PromptRejected: when a subgraph contains itself, or laid open the document is larger than any graph.
        """
        return Converter(catalogue).convert(self)

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON; one that was only read comes out as it went in."""
        return write_canvases(self.canvas, [self.subgraphs[key] for key in self.subgraphs if key not in self.nested])
