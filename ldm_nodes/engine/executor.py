"""Runs plans: what a run is asked for, what it comes to, and that every end of it is told as an event."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .cache import OutputCache
from .context import CancelToken, Context
from .dynamic_prompt import Place
from .errors import Cancelled, NodeFailed
from .events import Event, EventSink, Failed, Interrupted, Started, Succeeded, ignore
from .explanation import Explanation, NodeRecord
from .history import History
from .mapping import Values
from .plan import Plan
from .registry import Registry
from .run import Run
from .run_graph import Limits, RunGraph
from .spec import NodeSpec

R = TypeVar("R")


@dataclass(frozen=True)
class RunResult:
    """What a run came to.

    Attributes:
        nodes: node id to how it fared, sources first; nodes that others put in their place come last.
        ui: node id to what it has to show; of reused nodes what they showed when they ran.
        outputs: target to its values, one per output; an output that is a list, or that was made once for each member
            of a list, is a list.
        seconds: how long it all took.
        places: for nodes in `ui` that others put in their place, where they stand.
        explanation: `nodes` again, and what had to go from memory.
    """

    nodes: Mapping[str, NodeRecord]
    ui: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, tuple[Any, ...]]
    seconds: float
    places: Mapping[str, Place] = field(default_factory=dict)
    explanation: Explanation = field(default_factory=Explanation)


class Executor(Generic[R]):
    """Runs plans one after the other; what they made stays in the cache for the next.

    Args:
        registry: the nodes that there are; the plans must have been made with it.
        cache: results to use again.
        runtime: what nodes find as `context.runtime`; the engine never looks at it.
        limits: how far a run may grow beyond its plan.
    """

    def __init__(self, registry: Registry, cache: OutputCache, runtime: R, limits: Limits | None = None) -> None:
        self.registry = registry
        self.cache = cache
        self.runtime = runtime
        self.limits = limits or Limits()
        self._histories: defaultdict[str, History] = defaultdict(History)

    def run(
        self,
        plan: Plan,
        emit: EventSink = ignore,
        token: CancelToken | None = None,
        *,
        run_id: str = "",
        runtime: R | None = None,
        extra_pnginfo: Mapping[str, Any] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> RunResult:
        """Run what the targets of a plan need.

        Args:
            plan: what to run.
            emit: told every step, one at a time; on the calling thread, but for what asynchronous nodes tell.
            token: stops the run between nodes and wherever a node reports progress.
            run_id: stands in every event.
            runtime: what the nodes of this run find in place of the executor's own.
            extra_pnginfo: what the client wants written into pictures.
            secrets: what the client sent for nodes that call services.

        Raises:
            NodeFailed: when a node raised; what finished before is kept in the cache.
            Cancelled: when `token` asked for it.
        """
        began = time.perf_counter()
        emit = _one_at_a_time(emit)
        graph = RunGraph(plan, self.registry, self.limits)
        context = Context(
            runtime=self.runtime if runtime is None else runtime,
            run_id=run_id,
            emit=emit,
            token=token or CancelToken(),
            graph=graph.dynamic,
            extra_pnginfo=extra_pnginfo,
            secrets=secrets or {},
        )
        emit(Started(run_id, plan.order))
        run = Run(graph, self.cache, self._histories[plan.folders.user], context)
        try:
            made = run.to_the_end()
        except NodeFailed as failure:
            emit(Failed(run_id, failure.problem))
            raise
        except (Cancelled, KeyboardInterrupt):
            emit(Interrupted(run_id, run.at_work))
            raise
        emit(Succeeded(run_id))
        outputs = {node_id: _plain(values, graph.spec(node_id)) for node_id, values in made.items()}
        return RunResult(run.records, run.ui, outputs, time.perf_counter() - began, run.places, run.explanation)


def _one_at_a_time(emit: EventSink) -> EventSink:
    if emit is ignore:
        return emit
    lock = threading.RLock()

    def locked(event: Event) -> None:
        with lock:
            emit(event)

    return locked


def _plain(outputs: tuple[Values, ...], spec: NodeSpec) -> tuple[Any, ...]:
    """Return the one value of every output, or a list where lists are at work."""
    listed = spec.list_slots
    return tuple(
        list(values) if slot in listed or len(values) != 1 else values[0] for slot, values in enumerate(outputs)
    )
