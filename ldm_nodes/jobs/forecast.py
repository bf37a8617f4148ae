"""When waiting jobs will be done: the seconds of the nodes before them, going by what nodes took before.

What a job before has made already counts nothing: the loader and the prompts of ten jobs that differ in their seed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..engine.cost_model import Span, Work
from ..engine.errors import PromptRejected
from ..engine.plan import Plan, make_plan
from ..engine.prompt import Prompt
from ..engine.registry import Registry
from ..engine.workload import workloads
from ..settings import Folders
from .costs import Costs
from .desk import JobDesk
from .job import GRAPH, Job
from .page import JobFilter
from .state import State

THINK_SECONDS = 0.05
"""How long one question may read graphs that were not asked about before; those left out are known at a later one."""
MOST_NODES = 10_000
"""Of so many nodes of the queue is known what they are; of the jobs behind them is not told when they will be done."""
LONGEST_GRAPH = 1 << 20


@dataclass(frozen=True)
class Tasks:
    """The nodes of a waiting job; few values however many nodes, for there may be thousands.

    Attributes:
        works: what there is to do, each once.
        of_node: a number that is equal for nodes that make the same, to the place of what they have to do.
    """

    works: tuple[Work, ...]
    of_node: Mapping[int, int]

    @classmethod
    def of(cls, plan: Plan, registry: Registry) -> Tasks:
        """Return those of a plan."""
        works = workloads(plan, registry)
        places = {work: place for place, work in enumerate(dict.fromkeys(works.values()))}
        likenesses = _likenesses(plan)
        return cls(tuple(places), {likenesses[node_id]: places[work] for node_id, work in works.items()})


class Forecast:
    """Foresees the queue. May be asked from any thread.

    Args:
        desk: the queue.
        registry: the nodes that there are.
        folders: where file choices look.
        costs: how long nodes take.
        clock: tells seconds.
    """

    def __init__(
        self,
        desk: JobDesk,
        registry: Registry,
        folders: Folders,
        costs: Costs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk, self._registry, self._folders, self._costs = desk, registry, folders, costs
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Tasks | None] = {}

    def __call__(self, owner: str | None = None) -> Mapping[str, Span]:
        """Return job id to the seconds until a waiting job is done, for those of which it can be told.

        Args:
            owner: whose jobs; those of others before them count.
        """
        if self._desk.queue.paused:
            return {}
        store = self._desk.store
        with self._lock:
            running = [job.id for job in store.briefs(JobFilter((State.RUNNING,), kind=GRAPH))]
            waiting = store.waiting_ids()
            self._think([*running, *waiting])
            told = self._add_up(running, waiting)
        own = told if owner is None else set(store.waiting_ids(owner))
        return {job_id: span for job_id, span in told.items() if job_id in own}

    def _think(self, job_ids: Sequence[str]) -> None:
        """Find out what there is to do, in order, as long as there is time and room; forget jobs that have ended."""
        end, nodes = self._clock() + THINK_SECONDS, 0
        before, self._known = self._known, {}
        for job_id in job_ids:
            is_new = job_id not in before
            self._known[job_id] = tasks = self._tasks(job_id) if is_new else before[job_id]
            nodes += len(tasks.of_node) if tasks else 0
            if nodes > MOST_NODES or (is_new and self._clock() > end):
                return

    def _add_up(self, running: Iterable[str], waiting: Iterable[str]) -> dict[str, Span]:
        made: set[int] = set()
        left = Span(0.0, 0.0, 0.0)
        for job_id in running:
            estimate = self._estimated(job_id)
            if estimate is None:
                return {}
            left = Span.total([left, estimate])
            if tasks := self._known.get(job_id):
                made.update(tasks.of_node)
        told: dict[str, Span] = {}
        for job_id in waiting:
            tasks = self._known.get(job_id)
            if tasks is None:
                break
            left = Span.total([left, self._to_do(tasks, made)])
            if left.high is None:
                break
            told[job_id] = left
        return told

    def _to_do(self, tasks: Tasks, made: set[int]) -> Span:
        """Return the time of what was not made before, and note that it is."""
        spans = [self._costs.model.foresee(work) for work in tasks.works]
        new = [place for likeness, place in tasks.of_node.items() if likeness not in made]
        made.update(tasks.of_node)
        return Span.total(spans[place] for place in new)

    def _estimated(self, job_id: str) -> Span | None:
        """Return what a running job says of itself, or None where it says nothing or has no end in sight."""
        snapshot = self._desk.live.snapshot(job_id)
        found = snapshot.estimate if snapshot else None
        if found is None or found.seconds_high is None:
            return None
        return Span(found.seconds_left, found.seconds_low, found.seconds_high)

    def _tasks(self, job_id: str) -> Tasks | None:
        """Return what a job has to do, or None where that cannot be told."""
        record = self._desk.store.look(job_id)
        if record is None or len(record.job.prompt) > LONGEST_GRAPH:
            return None
        try:
            return Tasks.of(self._plan(record.job), self._registry)
        except PromptRejected:
            return None

    def _plan(self, job: Job) -> Plan:
        return make_plan(Prompt.parse(job.prompt), self._registry, self._folders.of_user(job.owner), job.targets)


def _likenesses(plan: Plan) -> dict[str, int]:
    """Return a number for each node: the hash of its class, its constants and what comes over its wires."""
    found: dict[str, int] = {}
    for node_id in plan.order:
        wires = tuple((name, found.get(link.node_id), link.slot) for name, link in plan.links[node_id].items())
        constants = repr(sorted(plan.literals[node_id].items()))
        found[node_id] = hash((plan.node(node_id).class_type, constants, frozenset(wires)))
    return found
