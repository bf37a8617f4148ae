"""The backend in this process: one worker thread with an executor."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import Any, Generic, TypeVar

from ..engine.context import CancelToken
from ..engine.errors import Cancelled, NodeFailed, Problem, PromptRejected, named
from ..engine.estimate import Estimator
from ..engine.events import Event, EventSink, Executing, Failed, Interrupted, Notice, Progress, Started
from ..engine.executor import Executor
from ..engine.foresight import look_ahead
from ..engine.plan import Plan, make_plan
from ..engine.prompt import Prompt
from ..settings import Folders
from .costs import Costs
from .job import Job
from .result import JobResult
from .state import State
from .worker import Worker

R = TypeVar("R")
log = logging.getLogger(__name__)

GRACE = 4.0
"""How many seconds a node has to stop when asked, before its thread is left behind."""
LAST_PATIENCE = 30.0
"""How many seconds more a thread that was left behind has to end by itself."""


def _no_secrets(job_id: str) -> Mapping[str, str]:
    return {}


def _as_it_is(runtime: R, job: Job) -> R:
    return runtime


class LocalBackend(Generic[R]):
    """Runs graphs on a thread of this process.

    A node that does not stop when asked is reported and left behind with its thread and executor; the next job gets new
    ones, so that the queue goes on.

    Args:
        make_executor: makes an executor; called on the worker thread, when the first job comes, and again when a thread
            was left behind. What executors share (models, results) must be safe to share between threads.
        folders: where file choices look; of a user's job below them, in his.
        grace: how many seconds a node has to stop, or twice its slowest step if that is longer.
        secrets: job id to what its client sent for nodes that call services; `JobDesk.secrets.of`.
        fitted: returns an executor's runtime as a job's nodes may use it: with the folders of the job's owner.
        costs: how long nodes take; tells how long runs will, and learns from them.
    """

    def __init__(
        self,
        make_executor: Callable[[], Executor[R]],
        folders: Folders,
        grace: float = GRACE,
        secrets: Callable[[str], Mapping[str, str]] = _no_secrets,
        fitted: Callable[[R, Job], R] = _as_it_is,
        costs: Costs | None = None,
    ) -> None:
        self._make_executor = make_executor
        self._folders = folders
        self._grace = grace
        self._secrets = secrets
        self._fitted = fitted
        self._costs = costs or Costs()
        self._lock = threading.Lock()
        self._worker: Worker[Executor[R]] | None = None
        self._wish = ""
        self._current: _Run | None = None

    def run(self, job: Job, emit: EventSink) -> JobResult:
        """Run a graph; see `Backend.run`."""
        run = self._begin(job, emit)
        future = self._work().submit(lambda executor: self._execute(executor, job, run))
        future.add_done_callback(lambda _: run.stirred.set())
        run.stirred.wait()
        wait([future], timeout=self._patience(run))
        self._end(run)
        return _result(future, run, emit) if future.done() else self._abandon(run, emit)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; see `Backend.cancel`."""
        with self._lock:
            self._wish = job_id
            if self._current and self._current.job_id == job_id:
                self._current.cancel()

    def between(self, action: Callable[[Executor[R]], Any]) -> Future[Any]:
        """Do something with the executor while no job runs: after the one that runs now, or at once."""
        return self._work().submit(action)

    def close(self) -> None:
        """End the thread; see `Backend.close`."""
        with self._lock:
            if self._worker:
                self._worker.close()
                self._worker = None
        self._costs.save(at_once=True)

    def _patience(self, run: _Run) -> float:
        """Return how long to wait for a run to stop: nodes whose steps take long are known to need time."""
        return max(self._grace, 2 * run.slowest_step)

    def _execute(self, executor: Executor[R], job: Job, run: _Run) -> JobResult:
        """Run a job on the worker thread."""
        try:
            plan, emit = self._planned(executor, job, run)
            made = executor.run(
                plan,
                Estimator(plan, executor.registry, self._costs.model, emit),
                run.token,
                run_id=job.id,
                runtime=self._fitted(executor.runtime, job),
                extra_pnginfo=job.extra_data.get("extra_pnginfo"),
                secrets=self._secrets(job.id),
            )
        except PromptRejected as rejected:
            run.emit(Started(job.id, ()))
            run.emit(Failed(job.id, rejected.problems[0]))
            return JobResult(State.FAILED, problem=rejected.problems[0])
        except NodeFailed as failure:
            return JobResult(State.FAILED, problem=failure.problem)
        except Cancelled:
            return JobResult(State.CANCELLED)
        finally:
            self._costs.save()
        return JobResult(State.DONE, made.ui, places=made.places)

    def _planned(self, executor: Executor[R], job: Job, run: _Run) -> tuple[Plan, EventSink]:
        """Return the plan of a job, and where its events go: after the first, what of the plan cannot run is told.

        Raises:
            PromptRejected: nothing of it can.
        """
        plan = make_plan(Prompt.parse(job.prompt), executor.registry, self._folders.of_user(job.owner), job.targets)
        if job.foreseen:
            return plan, run.emit
        ahead = look_ahead(plan, executor.registry).plan
        found = ahead.problems[len(plan.problems) :]
        return ahead, _telling(found, run.emit) if found else run.emit

    def _begin(self, job: Job, emit: EventSink) -> _Run:
        with self._lock:
            self._current = run = _Run(job.id, emit)
            if self._wish == job.id:
                run.cancel()
            return run

    def _end(self, run: _Run) -> None:
        """Let the run tell nothing more, and forget what was wished of it: its id may come again."""
        run.close()
        with self._lock:
            self._current, self._wish = None, ""

    def _work(self) -> Worker[Executor[R]]:
        with self._lock:
            if self._worker is None:
                self._worker = Worker(self._make_executor, "ldm-nodes worker")
            return self._worker

    def _abandon(self, run: _Run, emit: EventSink) -> JobResult:
        with self._lock:
            worker, self._worker = self._worker, None
        if worker:
            worker.abandon(LAST_PATIENCE)
        node_id = run.at_work.node_id if run.at_work else None
        waited = f"{self._patience(run):.3g} s"
        message = f"{run.place} did not stop within {waited}. It was left behind and may go on using memory."
        log.warning("Job %s: %s", run.job_id, message)
        if node_id is not None:
            emit(Notice(run.job_id, node_id, message))
        emit(Interrupted(run.job_id, node_id, unresponsive=True))
        return JobResult(State.CANCELLED)


class _Run:
    """One run of one job: how it is asked to stop, and a gate for what it tells."""

    def __init__(self, job_id: str, emit: EventSink) -> None:
        self.job_id = job_id
        self.token = CancelToken()
        self.stirred = threading.Event()
        self.at_work: Executing | None = None
        self.slowest_step = 0.0
        self._last_step: float | None = None
        self._emit: EventSink | None = emit
        self._lock = threading.RLock()

    @property
    def place(self) -> str:
        """Name the node at work, for a sentence."""
        at = self.at_work
        return named(at.node_id, at.title, at.class_type) if at else "the start of the graph"

    def cancel(self) -> None:
        """Ask it to stop, and wake who waits for it."""
        self.token.cancel()
        self.stirred.set()

    def emit(self, event: Event) -> None:
        """Pass an event on, unless the run was left behind."""
        with self._lock:
            self._watch(event)
            if self._emit is not None:
                self._emit(event)

    def _watch(self, event: Event) -> None:
        """Note which node is at work, and how long it takes from step to step."""
        if isinstance(event, Executing):
            self.at_work, self._last_step, self.slowest_step = event, None, 0.0
        elif isinstance(event, Progress):
            now = time.monotonic()
            if self._last_step is not None:
                self.slowest_step = max(self.slowest_step, now - self._last_step)
            self._last_step = now

    def close(self) -> None:
        """Let nothing more through."""
        with self._lock:
            self._emit = None


def _telling(problems: Sequence[Problem], emit: EventSink) -> EventSink:
    """Return a sink that tells, once a run has begun, why a part of its graph does not run."""

    def tell(event: Event) -> None:
        emit(event)
        if isinstance(event, Started):
            for problem in problems:
                emit(Notice(event.run_id, problem.node_id or "", f"{problem} Nothing that needs it runs."))

    return tell


def _result(future: Future[JobResult], run: _Run, emit: EventSink) -> JobResult:
    """Return what the worker came to, and tell of what no node may do: end its thread, or break the engine."""
    error = future.exception()
    if error is None:
        return future.result()
    log.error("Job %s ended as no job should, at %s", run.job_id, run.place, exc_info=error)
    at = run.at_work
    problem = Problem(
        "run_broken",
        f"The run broke off: {type(error).__name__}: {error}",
        node_id=at.node_id if at else None,
        title=at.title if at else "",
        class_type=at.class_type if at else "",
    )
    emit(Failed(run.job_id, problem))
    return JobResult(State.FAILED, problem=problem)
