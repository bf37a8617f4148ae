"""What a run in Python came to: values by node, files, texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.blocker import ExecutionBlocker
from ..engine.executor import RunResult
from ..settings import Folders
from .graph import Graph
from .handles import NodeHandle, Wire, output_names

if TYPE_CHECKING:
    from torch import Tensor

    from ..engine.explanation import NodeRecord


@dataclass(frozen=True)
class Values:
    """The values that a node's outputs have: attributes under their names, or by number.

    Attributes:
        names: the names of the outputs, in lower case.
        values: what they have.
    """

    names: tuple[str, ...]
    values: tuple[Any, ...]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name.lower() not in self.names:
            raise AttributeError(f"There is no output {name!r}. There are {', '.join(self.names) or 'none'}.")
        return self.values[self.names.index(name.lower())]

    def __getitem__(self, slot: int) -> Any:
        return self.values[slot]

    def __len__(self) -> int:
        return len(self.values)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.names]


@dataclass(frozen=True)
class Result:
    """What a run made. `result["Decode"].image` is a value, by a node's title or id; `result[decode.image]` the same.

    Attributes:
        graph: what ran.
        values: node id to its values, for the ends of the graph and the nodes wanted.
        shown: node id to what it has to show, in ComfyUI's form.
        files: what was saved, pictures and latents.
        notices: what users must see although it stopped nothing.
        nodes: node id to how it fared.
        seconds: how long it all took.
    """

    graph: Graph
    values: Mapping[str, Values]
    shown: Mapping[str, Mapping[str, Any]]
    files: Sequence[Path]
    notices: Sequence[str] = ()
    nodes: Mapping[str, NodeRecord] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of(cls, done: RunResult, graph: Graph, folders: Folders, notices: Sequence[str]) -> Result:
        """Collect the result of a run."""
        values = {key: Values(_names(graph, key), outputs) for key, outputs in done.outputs.items()}
        files = [path for ui in done.ui.values() for path in shown_files(ui, folders)]
        return cls(graph, values, done.ui, files, notices, done.nodes, done.seconds)

    @property
    def images(self) -> list[Tensor]:
        """All pictures that were made: float32 (B, H, W, 3) in 0…1, one tensor for each value of each output."""
        found = [
            value if isinstance(value, list) else [value]
            for key, values in self.values.items()
            for kind, value in zip(self.graph.output_types(key) or (), values.values, strict=False)
            if kind == "IMAGE"
        ]
        return [image for images in found for image in images if not isinstance(image, ExecutionBlocker)]

    @property
    def texts(self) -> dict[str, list[str]]:
        """Node id to the texts that it shows."""
        return {node_id: list(map(str, ui["text"])) for node_id, ui in self.shown.items() if "text" in ui}

    def __getitem__(self, node: str | NodeHandle | Wire[Any]) -> Any:
        """Return the values of a node, given by title, id or handle; of a wire return the one value.

        Raises:
            LookupError: when there is no such node, or its values were not asked for.
        """
        node_id = self.graph.find(node)
        if node_id not in self.values:
            raise LookupError(f"The values of {self.graph.describe(node_id)} were not kept. Name it in `want=[...]`.")
        values = self.values[node_id]
        return values[node.slot] if isinstance(node, Wire) else values


def shown_files(ui: Mapping[str, Any], folders: Folders) -> list[Path]:
    """Return the paths of the files that a node showed."""
    entries = [entry for key in ("images", "latents") for entry in ui.get(key, ())]
    return [Path(getattr(folders, entry["type"]), entry["subfolder"], entry["filename"]) for entry in entries]


def _names(graph: Graph, node_id: str) -> tuple[str, ...]:
    spec = graph.registry.get(graph.node(node_id).class_type)
    return output_names(spec) if spec else ()
