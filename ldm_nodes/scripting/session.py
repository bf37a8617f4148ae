"""Graphs run in this process: `run` for one, a `Session` for several that share what is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from ..engine.context import CancelToken
from ..engine.errors import PromptRejected, named
from ..engine.events import Event, EventSink, Executing, Notice, Progress, ignore
from ..engine.executor import Executor
from ..engine.foresight import Foresight, look_ahead
from ..engine.plan import make_plan
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..nodes import builtin_registry
from ..nodes.runtime import Runtime
from ..settings import DeviceName, Folders, MetadataLevel, NoiseMode, Precision, Settings
from .handles import NodeHandle, Wire
from .load import Source, load_graph
from .result import Result

ProgressSink = Callable[[str, float, float], None]
"""Told a node in words, the steps it has done, and how many there are."""


class Session:
    """Runs graphs one after the other; models that are loaded and results that did not change are kept between them.

    Attributes:
        settings: folders, device, precision.
        registry: the classes that there are.
    """

    def __init__(
        self,
        base_dir: str | PathLike[str] = ".",
        *,
        output_dir: str | PathLike[str] | None = None,
        device: DeviceName = "auto",
        precision: Precision = "auto",
        noise: NoiseMode = "comfyui",
        metadata: MetadataLevel = "workflow",
        registry: Registry | None = None,
    ) -> None:
        """Prepare to run; nothing is loaded yet.

        Args:
            base_dir: the folder of `models/`, `input/` and `output/`.
            output_dir: where to save, if elsewhere.
            device: where to compute.
            precision: the numbers that networks compute in.
            noise: whose random draws to make; see `Settings`.
            metadata: what saved pictures tell of their making.
            registry: the classes that there are; default are all that this package ships.
        """
        folders = Folders.under(Path(base_dir), None if output_dir is None else Path(output_dir))
        self.settings = Settings(folders, device, precision, noise, metadata=metadata)
        self.registry = builtin_registry() if registry is None else registry
        runtime = Runtime(self.settings)
        self._executor = Executor(self.registry, runtime.cache, runtime)

    def run(
        self,
        graph: Source,
        *,
        want: Iterable[str | NodeHandle | Wire[Any]] = (),
        progress: ProgressSink | None = None,
        events: EventSink = ignore,
        token: CancelToken | None = None,
    ) -> Result:
        """Run a graph and return what it made.

        Args:
            graph: what `load_graph` takes.
            want: nodes, by title or id, whose values are wanted beside those at the ends of the graph.
            progress: told how far each node is.
            events: told everything; see `engine/events.py`.
            token: stops the run when another thread calls its `cancel`.

        Raises:
            PromptRejected: when there is no graph, or any of it cannot run; nothing has been run then.
            NodeFailed: when a node failed.
            Cancelled: when `token` asked for it.
            LookupError: when a wanted node does not exist.
        """
        loaded = load_graph(graph, base_dir=self.settings.folders.base, registry=self.registry)
        wanted = [loaded.find(node) for node in want]
        foresight = self._look_ahead(loaded.to_prompt(), wanted)
        listener = _Listener(progress, events, [*loaded.notices, *foresight.notices])
        done = self._executor.run(foresight.plan, listener.hear, token)
        return Result.of(done, loaded, self.settings.folders, listener.notices)

    def _look_ahead(self, prompt: Prompt, wanted: list[str]) -> Foresight:
        targets = dict.fromkeys([*ends(prompt, self.registry), *wanted])
        plan = make_plan(prompt, self.registry, self.settings.folders, list(targets))
        found = look_ahead(plan, self.registry)
        if found.plan.problems:
            raise PromptRejected(found.plan.problems, found.plan.invalid_targets)
        return found


@dataclass
class _Listener:
    """Hears every event, and tells the user's functions what they want of it, with the nodes in words."""

    progress: ProgressSink | None
    events: EventSink
    notices: list[str]
    names: dict[str, str] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Take one event in."""
        match event:
            case Executing(node_id=node_id, class_type=class_type, title=title):
                self.names[node_id] = named(node_id, title, class_type)
            case Progress(node_id=node_id, value=value, total=total) if self.progress:
                self.progress(self.names[node_id], value, total)
            case Notice(node_id=node_id, message=message):
                self.notices.append(f"{self.names.get(node_id, named(node_id))}: {message}")
            case _:
                pass
        self.events(event)


def run(
    graph: Source,
    *,
    want: Iterable[str | NodeHandle | Wire[Any]] = (),
    progress: ProgressSink | None = None,
    events: EventSink = ignore,
    token: CancelToken | None = None,
    **settings: Any,
) -> Result:
    """Run a graph in this process and return what it made.

    Args:
        graph: what `load_graph` takes: a path, a dictionary, a `Graph`.
        want: see `Session.run`.
        progress: see `Session.run`.
        events: see `Session.run`.
        token: see `Session.run`.
        settings: what `Session` takes: `base_dir`, `output_dir`, `device`, `precision`, …

    Example:
        >>> from ldm_nodes import Graph
        >>> g = Graph()
        >>> grey = g.EmptyImage(width=8, height=8, color=0x808080, _title="Grey")
        >>> smaller = g.ImageScale(image=grey.image, width=4, height=2)
        >>> result = run(g, want=["Grey"])
        >>> result[smaller.image].shape, result["Grey"].image.shape
        (torch.Size([1, 2, 4, 3]), torch.Size([1, 8, 8, 3]))
    """
    return Session(**settings).run(graph, want=want, progress=progress, events=events, token=token)


def ends(prompt: Prompt, registry: Registry) -> list[str]:
    """Return the nodes that a run is for: those that save or show, and what they save, or else what nothing takes."""
    specs = {node_id: registry.get(node.class_type) for node_id, node in prompt.nodes.items()}
    if outputs := {node_id: spec for node_id, spec in specs.items() if spec and spec.output_node}:
        saved = (
            link.node_id
            for node_id, spec in outputs.items()
            for name, link in prompt.nodes[node_id].links.items()
            if name not in spec.weak
        )
        return [*outputs, *saved]
    taken = {link.node_id for node in prompt.nodes.values() for link in node.links.values()}
    return [node_id for node_id in prompt.nodes if node_id not in taken]
