"""Runs plans: takes what is ready, reuses what is known, calls what is not, and tells every step as an event."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from .cache import NodeResult, OutputCache
from .context import CancelToken, Context
from .errors import BadNode, Cancelled, NodeFailed
from .events import (
    Cached,
    EventSink,
    Executed,
    Executing,
    Failed,
    Interrupted,
    Notice,
    Started,
    Succeeded,
    ignore,
)  # fmt: skip
from .failures import problem_of
from .frontier import Frontier
from .keys import Key, cache_keys
from .plan import Plan
from .registry import Registry
from .spec import NodeOutput, NodeSpec

R = TypeVar("R")
Status = Literal["ran", "reused", "skipped"]


@dataclass(frozen=True)
class NodeRecord:
    """How a node fared: `ran`, `reused` from the cache, or `skipped` because nothing that ran needed it."""

    status: Status
    seconds: float = 0.0


@dataclass(frozen=True)
class RunResult:
    """What a run came to.

    Attributes:
        nodes: node id to how it fared, sources first.
        ui: node id to what it has to show; of reused nodes what they showed when they ran.
        outputs: target to its values, one per output.
        seconds: how long it all took.
    """

    nodes: Mapping[str, NodeRecord]
    ui: Mapping[str, Mapping[str, Any]]
    outputs: Mapping[str, tuple[Any, ...]]
    seconds: float


class Executor(Generic[R]):
    """Runs plans one after the other; what they made stays in the cache for the next.

    Args:
        registry: the nodes that there are; the plans must have been made with it.
        cache: results to use again.
        runtime: what nodes find as `context.runtime`; the engine never looks at it.
    """

    def __init__(self, registry: Registry, cache: OutputCache, runtime: R) -> None:
        self.registry = registry
        self.cache = cache
        self.runtime = runtime

    def run(
        self,
        plan: Plan,
        emit: EventSink = ignore,
        token: CancelToken | None = None,
        *,
        run_id: str = "",
        extra_pnginfo: Mapping[str, Any] | None = None,
    ) -> RunResult:
        """Run what the targets of a plan need.

        Args:
            plan: what to run.
            emit: told every step, on the calling thread.
            token: stops the run between nodes and wherever a node reports progress.
            run_id: stands in every event.
            extra_pnginfo: what the client wants written into pictures.

        Raises:
            NodeFailed: when a node raised; what finished before is kept in the cache.
            Cancelled: when `token` asked for it.
        """
        context = Context(
            runtime=self.runtime,
            run_id=run_id,
            emit=emit,
            token=token or CancelToken(),
            prompt_source=cache(plan.to_json),
            extra_pnginfo=extra_pnginfo,
        )
        run = _Run(self, plan, context)
        emit(Started(run_id, plan.order))
        try:
            result = run.to_the_end()
        except NodeFailed as failure:
            emit(Failed(run_id, failure.problem))
            raise
        except (Cancelled, KeyboardInterrupt):
            emit(Interrupted(run_id, run.at_work))
            raise
        emit(Succeeded(run_id))
        return result


class _Run(Generic[R]):
    """One run of one plan. `at_work` is the node whose function is being called."""

    def __init__(self, executor: Executor[R], plan: Plan, context: Context[R]) -> None:
        self.at_work: str | None = None
        self._registry, self._cache = executor.registry, executor.cache
        self._plan, self._context = plan, context
        self._keys: dict[str, Key] = {}
        self._records = dict.fromkeys(plan.order, NodeRecord("skipped"))
        self._ui: dict[str, Mapping[str, Any]] = {}

    def to_the_end(self) -> RunResult:
        """Run everything that must run."""
        began = time.perf_counter()
        self._keys = cache_keys(self._plan, self._registry, self._warn)
        self._reuse()
        frontier = Frontier(self._plan, self._known)
        while (node_id := frontier.take()) is not None:
            self._context.check_cancelled()
            frontier.finish(node_id, self._twin(node_id) or self._execute(node_id, frontier))
        outputs = {node_id: frontier.result(node_id).outputs for node_id in self._plan.targets}
        return RunResult(self._records, self._ui, outputs, time.perf_counter() - began)

    def _known(self, node_id: str) -> NodeResult | None:
        return self._cache.get(self._keys[node_id])

    def _reuse(self) -> None:
        """Tell which nodes have results from before, and show again what those among the targets showed."""
        results = {node_id: result for node_id in self._plan.order if (result := self._known(node_id)) is not None}
        self._context.emit(Cached(self._context.run_id, tuple(results)))
        targets = frozenset(self._plan.targets)
        for node_id, result in results.items():
            self._record(node_id, result, NodeRecord("reused"), tell=node_id in targets)

    def _twin(self, node_id: str) -> NodeResult | None:
        """Return the result of an equal node that ran earlier in this run, if there was one."""
        if (result := self._known(node_id)) is not None:
            self._context.emit(Cached(self._context.run_id, (node_id,)))
            self._record(node_id, result, NodeRecord("reused"), tell=True)
        return result

    def _execute(self, node_id: str, frontier: Frontier) -> NodeResult:
        node = self._plan.node(node_id)
        self.at_work = node_id
        self._context.emit(Executing(self._context.run_id, node_id, node.class_type, node.title))
        began = time.perf_counter()
        result = self._call(node_id, self._registry[node.class_type], frontier)
        self._cache.put(self._keys[node_id], result)
        self._record(node_id, result, NodeRecord("ran", time.perf_counter() - began), tell=True)
        self.at_work = None
        return result

    def _call(self, node_id: str, spec: NodeSpec, frontier: Frontier) -> NodeResult:
        inputs = {**self._plan.literals[node_id], **frontier.inputs(node_id)}
        context = replace(self._context, node_id=node_id, heard=frontier.facts(node_id), told=[])
        if spec.context_parameter:
            inputs[spec.context_parameter] = context
        try:
            result = unpack(spec.function(**inputs), spec)
            return replace(result, facts=(*context.heard, *context.told))
        except Cancelled:
            raise
        except Exception as error:
            raise NodeFailed(problem_of(error, node_id, self._plan)) from error

    def _record(self, node_id: str, result: NodeResult, record: NodeRecord, tell: bool) -> None:
        self._records[node_id] = record
        if result.ui is not None:
            self._ui[node_id] = result.ui
        if tell:
            reused = record.status == "reused"
            self._context.emit(Executed(self._context.run_id, node_id, result.ui, record.seconds, reused))

    def _warn(self, node_id: str, message: str) -> None:
        self._context.emit(Notice(self._context.run_id, node_id, message))


def unpack(returned: Any, spec: NodeSpec) -> NodeResult:
    """Return what a node's function returned as one value per output; a tuple is a value each, all else is one.

    Raises:
        BadNode: when it returned more or fewer values than it declares.
    """
    ui = returned.ui if isinstance(returned, NodeOutput) else None
    value = returned.result if isinstance(returned, NodeOutput) else returned
    outputs = value if isinstance(value, tuple) else () if value is None else (value,)
    if len(outputs) != len(spec.outputs):
        raise BadNode(f"The node returned {len(outputs)} values where it declares {len(spec.outputs)} outputs.")
    return NodeResult(outputs, ui)
