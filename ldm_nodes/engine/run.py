"""One run of one plan: takes what is ready, reuses what is known, calls what is not.

A node goes through `_begin` (ask for lazy inputs, call), `_complete` (take apart what came back) and `_finish` (keep
the result). Between these it may wait: for lazy inputs, for coroutines, for the graph that it put in its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Generic, TypeVar

from .blocker import ExecutionBlocker
from .cache import NodeResult, OutputCache, Shown, flattened
from .context import Context, Fact
from .coroutines import Tasks
from .dynamic_prompt import Place
from .errors import BadNode, Cancelled, NodeFailed
from .events import Blocked, Cached, Executed, Executing, Expanded, Explained, Notice
from .expansion import links_in, resolved
from .explanation import Cause, Explanation, NodeRecord
from .failures import deadlock, run_failure
from .frontier import Frontier
from .history import History
from .hooks import hidden_values, wanted_inputs
from .keys import Uncached
from .mapping import Arguments, Returned, Values, admit, calls_of, merge_outputs, merge_ui, unpack
from .recall import Recall
from .run_graph import Deadlock, RunGraph
from .spec import NodeSpec

R = TypeVar("R")
SILENT = ExecutionBlocker()


SKIPPED = NodeRecord("skipped")
REUSED = NodeRecord("reused", source="memory")
FROM_DISK = NodeRecord("reused", source="disk")
TWIN = NodeRecord("reused", source="memory", causes=(Cause("twin"),))
SAME_BYTES = NodeRecord("reused", source="memory", causes=(Cause("same_bytes"),))


@dataclass(slots=True)
class Flight:
    """A node at work.

    Attributes:
        node_id: the node.
        spec: its class.
        inputs: what came to it.
        heard: what the nodes behind it recorded.
        told: what it recorded itself.
        returned: what its calls came to.
        places: the nodes that it put in its place.
        began: when it was called.
    """

    node_id: str
    spec: NodeSpec
    inputs: Mapping[str, Values]
    heard: tuple[Fact, ...]
    told: list[Fact] = field(default_factory=list)
    returned: list[Returned] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)


class Run(Generic[R]):
    """One run of one plan.

    Args:
        graph: what runs.
        cache: results to use again.
        history: what nodes depended on before.
        context: what every node is given, but for what is its own.

    Attributes:
        records: node id to how it fared.
        ui: node id to what it has to show.
        places: where the nodes stand that other nodes put in and that have something to show.
        explanation: what became of every node and why, once the run has ended.
    """

    def __init__(self, graph: RunGraph, cache: OutputCache, history: History, context: Context[R]) -> None:
        self.records = dict.fromkeys(graph.plan.order, SKIPPED)
        self.ui: dict[str, Mapping[str, Any]] = {}
        self.places: dict[str, Place] = {}
        self.explanation = Explanation()
        self._graph, self._context = graph, context
        self._emit, self._run_id = context.emit, context.run_id
        self._recall = Recall(graph, cache, history, self._warn)
        self._holds_uncached = graph.can_grow()
        self._tasks = Tasks()
        self._flights: dict[str, Flight] = {}
        self._inner: dict[str, tuple[Shown, ...]] = {}
        self._at_work: str | None = None
        beforehand = self._reuse()
        self._frontier = Frontier(graph, self._known, self._recall.held, beforehand)

    @property
    def at_work(self) -> str | None:
        """The node whose function is being called; of several, the one that has been at work for longest."""
        return self._at_work or self._tasks.first

    def to_the_end(self) -> dict[str, tuple[Values, ...]]:
        """Run everything that must run, and return what the targets made.

        Raises:
            NodeFailed: when a node raised.
            Cancelled: when someone asked the run to stop.
        """
        try:
            while (node_id := self._next()) is not None:
                self._context.check_cancelled()
                self._advance(node_id)
            return {node_id: self._frontier.result(node_id).outputs for node_id in self._graph.plan.targets}
        finally:
            self._tasks.close()
            self.explanation = self._recall.end(self.records)
            self._emit(Explained(self._run_id, self.explanation))

    def _next(self) -> str | None:
        """Return a node that can go on; wait for one if all that are left wait for coroutines."""
        while True:
            while (done := self._tasks.take()) is not None:
                self._land(*done)
            if (node_id := self._frontier.take()) is not None:
                return node_id
            if not self._tasks:
                break
            self._tasks.wait(self._context.token)
        if stuck := self._frontier.ring():
            raise NodeFailed(deadlock(stuck, self._graph))
        return None

    # what is known

    def _known(self, node_id: str) -> NodeResult | None:
        return self._recall.known(node_id) or self._recall.load(node_id)

    def _reuse(self) -> Callable[[str], NodeResult | None]:
        """Tell which nodes have results from before, and show again what those among the targets showed.

        Returns:
            what looks these results up.
        """
        results = {node_id: result for node_id in self.records if (result := self._recall.known(node_id)) is not None}
        stored = [node_id for node_id in self.records if node_id not in results and self._recall.stored(node_id)]
        self._emit(Cached(self._run_id, (*results, *stored)))
        self.records |= dict.fromkeys(stored, FROM_DISK)
        for node_id, result in results.items():
            self._record(node_id, result, REUSED, tell=node_id in self._graph.targets)
        return lambda node_id: results.get(node_id) or self._recall.load(node_id)

    def _again(self, node_id: str, heard: tuple[Fact, ...]) -> NodeResult | None:
        """Return the result of an equal node that ran earlier in this run, or of one that had the same inputs."""
        record = TWIN
        if (result := self._known(node_id)) is None:
            record = SAME_BYTES
            result = self._recall.same_bytes(node_id, heard)
        if result is not None:
            self._emit(Cached(self._run_id, (node_id,)))
            self._record(node_id, result, record, tell=True)
        return result

    # the way of a node

    def _advance(self, node_id: str) -> None:
        """Take the next step with a node that is ready."""
        if (flight := self._flights.get(node_id)) is not None:
            self._guard(flight, self._close)
            return
        heard = self._frontier.facts(self._graph.sources[node_id])
        if (result := self._again(node_id, heard)) is not None:
            self._frontier.finish(node_id, result)
        else:
            self._start(node_id, heard)

    def _start(self, node_id: str, heard: tuple[Fact, ...]) -> None:
        node = self._graph.nodes[node_id]
        self._at_work = node_id
        self._emit(Executing(self._run_id, node_id, node.class_type, node.title))
        flight = Flight(node_id, self._graph.specs[node_id], self._inputs(node_id), heard)
        self._guard(flight, self._begin)
        self._at_work = None

    def _begin(self, flight: Flight) -> None:
        """Ask for lazy inputs, then call the function or start its coroutines."""
        spec, node_id = flight.spec, flight.node_id
        if spec.needs is not None and (wanted := self._wanted(flight)):
            self._frontier.wait(node_id, wanted)
            return
        arguments = calls_of(flight.inputs, spec.list_inputs)
        if spec.is_async:
            self._flights[node_id] = flight
            calls = [partial(self._call, flight, index, given) for index, given in enumerate(arguments)]
            self._tasks.start(node_id, calls)
        else:
            self._complete(flight, [self._call(flight, index, given) for index, given in enumerate(arguments)])

    def _land(self, node_id: str, outcome: Future[list[Any]]) -> None:
        """Go on with a node whose coroutines have ended."""
        self._at_work = node_id
        self._guard(self._flights.pop(node_id), lambda flight: self._complete(flight, outcome.result()))
        self._at_work = None

    def _complete(self, flight: Flight, returned: list[Any]) -> None:
        """Take apart what the calls returned; where they returned graphs, wait for these."""
        flight.returned = [unpack(value, flight.spec) for value in returned]
        if any(part.expand is not None for part in flight.returned):
            self._expand(flight)
        else:
            self._finish(flight, [part.outputs for part in flight.returned])

    def _expand(self, flight: Flight) -> None:
        """Put the graphs that were returned in the node's place, and wait for them."""
        outputs = []
        for part in flight.returned:
            if part.expand is not None:
                order, places = self._graph.expand(flight.node_id, part.expand, links_in([part]))
                self._recall.keys.settle(order)
                self._emit(Expanded(self._run_id, flight.node_id, places))
                flight.places += places
                outputs += [place.node_id for place in places if self._graph.spec(place.node_id).output_node]
        self._flights[flight.node_id] = flight
        self._frontier.wait(flight.node_id, [*outputs, *links_in(flight.returned)], aims=outputs)

    def _close(self, flight: Flight) -> None:
        """Finish a node whose graph has run."""
        del self._flights[flight.node_id]
        behind = dict.fromkeys([*self._graph.sources[flight.node_id], *links_in(flight.returned)])
        flight.heard = self._frontier.facts(behind)
        self._finish(flight, resolved(flight.returned, self._frontier.result))

    def _finish(self, flight: Flight, returned: list[Values]) -> None:
        node_id, seconds = flight.node_id, time.perf_counter() - flight.began
        result = NodeResult(
            outputs=merge_outputs(returned, flight.spec),
            ui=merge_ui([part.ui for part in flight.returned if part.ui is not None]),
            facts=(*flight.heard, *flight.told) if flight.told else flight.heard,
            inner=self._shown(flight.places) if flight.places else (),
            told=tuple(flight.told),
        )
        result = self._recall.keep(node_id, result, seconds)
        record = NodeRecord("ran", seconds, causes=self._recall.causes(node_id), nbytes=result.weight.nbytes)
        self._record(node_id, result, record, tell=True)
        uncached = isinstance(self._recall.keys[node_id], Uncached)
        self._frontier.finish(node_id, result, keep=self._holds_uncached and uncached)

    # what a node is given, and what it wants

    def _inputs(self, node_id: str) -> dict[str, Values]:
        inputs = self._frontier.inputs(node_id)
        for name, value in self._graph.literals[node_id].items():
            inputs[name] = (value,)
        spec, links = self._graph.specs[node_id], self._graph.links[node_id]
        for name in spec.weak:
            if name in spec.raw and name in links:
                inputs[name] = (list(links[name]),)
            elif name in links and name not in inputs:
                inputs[name] = (None,)
        return inputs

    def _wanted(self, flight: Flight) -> list[str]:
        """Ask a node which of its lazy inputs it wants, and return the nodes behind those that are not there yet."""
        links, wanted = self._graph.links[flight.node_id], list[str]()
        for index, arguments in enumerate(calls_of(flight.inputs, flight.spec.list_inputs)):
            if isinstance(arguments, ExecutionBlocker):
                continue
            for name in wanted_inputs(flight.spec, {**arguments, **self._given(flight, index)}):
                if name in links and links[name].node_id not in self._frontier:
                    wanted.append(links[name].node_id)
                elif name not in flight.inputs:
                    raise BadNode(f"The node asks for its input {name!r}, which is connected to nothing.")
        return wanted

    def _call(self, flight: Flight, index: int, arguments: Arguments | ExecutionBlocker) -> Any:
        if index:
            self._context.check_cancelled()
        if isinstance(arguments, ExecutionBlocker):
            if arguments.message is not None:
                self._emit(Blocked(self._run_id, flight.node_id, flight.spec.name, arguments.message))
            return SILENT
        spec = flight.spec
        if spec.admissions:
            admit(spec, arguments)
        if spec.context_parameter is None and not spec.hidden:
            return spec.function(**arguments)
        return spec.function(**arguments, **self._given(flight, index))

    def _given(self, flight: Flight, index: int) -> Arguments:
        """Return what a function receives beside its inputs."""
        spec = flight.spec
        context = replace(self._context, node_id=flight.node_id, heard=flight.heard, told=flight.told, call_index=index)
        given = hidden_values(spec, context)
        if spec.context_parameter is not None:
            given[spec.context_parameter] = context
        return given

    # what is told

    def _record(self, node_id: str, result: NodeResult, record: NodeRecord, tell: bool) -> None:
        self.records[node_id] = record
        if result.ui is not None:
            self.ui[node_id] = result.ui
        if result.inner:
            self._record_inner(node_id, result.inner, reused=record.status == "reused")
        if tell:
            self._emit(Executed(self._run_id, node_id, result.ui, record.seconds, record.status == "reused"))

    def _record_inner(self, node_id: str, inner: tuple[Shown, ...], reused: bool) -> None:
        """Record what nodes show that were put in; if they have not run now, what those show that they put in too."""
        self._inner[node_id] = inner
        for shown in flattened(inner) if reused else inner:
            if shown.ui is not None:
                self.ui[shown.place.node_id] = shown.ui
                self.places[shown.place.node_id] = shown.place

    def _shown(self, places: list[Place]) -> tuple[Shown, ...]:
        """Return what nodes that were put in have to show, with what those that they put in have."""
        found = (Shown(place, self.ui.get(place.node_id), self._inner.get(place.node_id, ())) for place in places)
        return tuple(shown for shown in found if shown.ui is not None or shown.inner)

    def _guard(self, flight: Flight, step: Callable[[Flight], None]) -> None:
        """Take a step of a node's way; whatever goes wrong there is the node's failure."""
        try:
            step(flight)
        except (Cancelled, NodeFailed):
            raise
        except Deadlock as error:
            raise NodeFailed(deadlock(error.ring, self._graph)) from error
        except Exception as error:
            done = [node_id for node_id, record in self.records.items() if record is not SKIPPED]
            raise NodeFailed(run_failure(error, flight.node_id, self._graph, flight.inputs, done)) from error

    def _warn(self, node_id: str, message: str) -> None:
        self._emit(Notice(self._run_id, node_id, message))
