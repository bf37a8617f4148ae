"""What a running node may ask for and tell: a parameter annotated `Context[...]` receives it and is no input."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .dynamic_prompt import DynamicPrompt
from .errors import Cancelled
from .events import EventSink, Notice, Preview, Progress, ignore
from .graph_builder import GraphBuilder

R = TypeVar("R")
Fact = Mapping[str, Any]


class CancelToken:
    """A wish to stop, safe to express from any thread and heard at the next check."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the run to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether someone asked."""
        return self._event.is_set()

    def check(self) -> None:
        """Go on, unless someone asked to stop.

        Raises:
            Cancelled: when someone did.
        """
        if self._event.is_set():
            raise Cancelled


@dataclass(frozen=True)
class Context(Generic[R]):
    """One call of one node. `Context(runtime)` alone serves for calling a node's function without a graph.

    Attributes:
        runtime: what the application gave the executor: settings, loaded models, devices.
        node_id: the node's id. A node whose result depends on it must be declared `not_idempotent`.
        run_id: the run's id.
        emit: where events go.
        token: how a wish to stop arrives.
        graph: the graph as it is while the run goes on, with the nodes that others have put in their places.
        extra_pnginfo: what the client wants written into pictures, such as the editor's `workflow`. The live object.
        secrets: what the client sent for nodes that call services, by ComfyUI's names.
        call_index: which of the node's calls this is; more than 0 where lists are at work.
        heard: what the nodes that this node's inputs came from, near and far, have recorded; sources first.
        told: what this node records.
    """

    runtime: R
    node_id: str = ""
    run_id: str = ""
    emit: EventSink = ignore
    token: CancelToken = field(default_factory=CancelToken)
    graph: DynamicPrompt = field(default_factory=lambda: DynamicPrompt(dict))
    extra_pnginfo: Mapping[str, Any] | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    call_index: int = 0
    heard: tuple[Fact, ...] = ()
    told: list[Fact] = field(default_factory=list)

    @property
    def prompt(self) -> dict[str, Any]:
        """The whole graph in API form, as validated; one object per run."""
        return self.graph.original_prompt

    def graph_builder(self, graph_index: int = 0) -> GraphBuilder:
        """Return a builder for a graph that takes this node's place (`NodeOutput(expand=...)`).

        Args:
            graph_index: tells apart several graphs of one call.
        """
        return GraphBuilder(f"{self.node_id}.{self.call_index}.{graph_index}.")

    def record(self, **facts: Any) -> None:
        """Record how a result comes about (a checkpoint's hash, a sampler's steps) for whoever describes it later.

        Facts are JSON values; they travel with the result, from the cache too.
        """
        self.told.append(facts)

    def progress(self, value: float, total: float, preview: Any = None) -> None:
        """Tell that `value` of `total` steps are done, and stop if someone asked for it.

        Args:
            value: steps done.
            total: steps in all.
            preview: a picture of the work so far; any object that the receiver of events can draw.

        Raises:
            Cancelled: when someone asked the run to stop.
        """
        self.check_cancelled()
        self.emit(Progress(self.run_id, self.node_id, value, total))
        if preview is not None:
            self.preview(preview)

    def preview(self, image: Any) -> None:
        """Show a picture of the work so far."""
        self.emit(Preview(self.run_id, self.node_id, image))

    def notice(self, message: str) -> None:
        """Tell the user something that he must see although the node goes on."""
        self.emit(Notice(self.run_id, self.node_id, message))

    def check_cancelled(self) -> None:
        """Stop if someone asked for it.

        Raises:
            Cancelled: when someone did.
        """
        self.token.check()
