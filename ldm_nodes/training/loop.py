"""The loop: set the rate, take a step, log, draw samples, store. Everything else about a run lies in `run.py`.

A step is accumulated batches, forward and backward, clipping, the optimiser, the average:

    for each batch of the step:
        for each learner:  loss, backward; with the last batch: clip, step
        average the weights
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Literal, Protocol

import torch

from .errors import Diverged
from .state import step_seed
from .task import Learner, without_sync

if TYPE_CHECKING:
    from pathlib import Path

    from .batches import Batch, Batches
    from .learning_rate import Multiplier
    from .options import Options
    from .processes import Processes
    from .task import Task

Outcome = Literal["finished", "cancelled"]


@dataclass(frozen=True)
class Step:
    """What is known after a step.

    Attributes:
        number: steps taken so far.
        total: steps of the whole run.
        losses: means over the step's batches and all processes.
        learning_rate: of the step.
        samples: taken from the data since the start of training.
        seconds: that the step took.
        images_per_second: of all processes together.
    """

    number: int
    total: int
    losses: Mapping[str, float]
    learning_rate: float
    samples: int
    seconds: float
    images_per_second: float


class Watcher(Protocol):
    """Whoever looks on: a terminal, a node of a graph, a test."""

    def step(self, step: Step) -> None:
        """Hear of a step."""
        ...

    def notice(self, message: str) -> None:
        """Hear of something that a person should know."""
        ...

    def sheet(self, path: Path) -> None:
        """Hear of a new sample sheet."""
        ...

    def stopped(self) -> bool:
        """Tell whether the run should end after the present step, in a checkpoint."""
        ...


class Keeper(Protocol):
    """What keeps the traces of a run: its table, its sheets, its checkpoints."""

    def log(self, step: Step) -> None:
        """Write a row of metrics."""
        ...

    def sheet(self, step: int) -> None:
        """Draw samples."""
        ...

    def store(self, step: int, cursor: int) -> None:
        """Store a checkpoint."""
        ...


@dataclass
class Run:
    """A run in progress.

    Attributes:
        task: what is trained.
        batches: what it learns from.
        options: how.
        processes: who takes part.
        rate: the learning rate before the schedule.
        schedule: its multiplier by step.
        total: steps of the whole run.
        step: steps taken.
        cursor: samples taken.
    """

    task: Task
    batches: Batches
    options: Options
    processes: Processes
    rate: float
    schedule: Multiplier
    total: int
    step: int = 0
    cursor: int = 0


def train(run: Run, keeper: Keeper, watcher: Watcher) -> Outcome:
    """Train to the end, or until the watcher says stop; either way the last step is in a checkpoint.

    Raises:
        Diverged: a loss is not finite; what was stored before stays.
    """
    options = run.options
    over = math.inf if options.minutes is None else perf_counter() + 60 * options.minutes
    with closing(run.batches.endless(run.cursor)) as batches:
        while run.step < run.total:
            started, before = perf_counter(), run.cursor
            rate = set_rate(run.task.learners, run.rate * run.schedule(run.step))
            losses = take_step(run, batches)
            run.step += 1
            seconds = perf_counter() - started
            speed = (run.cursor - before) / seconds
            step = Step(run.step, run.total, losses, rate, run.cursor, seconds, speed)
            if run.step % options.log_every == 0:
                keeper.log(step)
            watcher.step(step)
            stops = run.processes.any(watcher.stopped() or perf_counter() > over)
            ends = stops or run.step == run.total
            if options.sample_every and (run.step % options.sample_every == 0 or run.step == run.total):
                keeper.sheet(run.step)
            if ends or run.step % options.save_every == 0:
                keeper.store(run.step, run.cursor)
            if ends:
                break
    return "finished" if run.step >= run.total else "cancelled"


def set_rate(learners: tuple[Learner, ...], rate: float) -> float:
    """Give every optimiser its learning rate."""
    for learner in learners:
        for group in learner.optimizer.param_groups:
            group["lr"] = rate * learner.rate
    return rate


def take_step(run: Run, batches: Iterator[Batch]) -> dict[str, float]:
    """Take one optimiser step, and return what to log of it."""
    options, task = run.options, run.task
    # All draws of a step follow from its number, so a resumed run makes the same. Dropout differs between processes.
    generator = torch.Generator().manual_seed(step_seed(options.seed, run.step))
    torch.manual_seed(step_seed(options.seed, run.step, "dropout", run.processes.shard.rank))
    sums: dict[str, float] = defaultdict(float)
    for part in range(options.accumulate):
        batch = next(batches)
        for learner in task.learners:
            if learner.takes_part(run.step):
                learned = learn(run, learner, batch, generator, last=part == options.accumulate - 1)
                for name, value in learned.items():
                    sums[name] += value / options.accumulate
        if task.average is not None:
            task.average.update(task.averaged)
        run.cursor = batch.cursor
    return run.processes.mean(sums)


def learn(run: Run, learner: Learner, batch: Batch, generator: torch.Generator, *, last: bool) -> dict[str, float]:
    """Run one learner forward and backward on a batch; with the last batch of a step, let its optimiser step.

    Raises:
        Diverged: the loss is not finite; nothing has been learned from it then.
    """
    options, device = run.options, run.processes.device
    numbers = torch.autocast(device.type, torch.bfloat16) if options.precision == "bf16" else nullcontext()
    with nullcontext() if last else without_sync(learner.module):
        with numbers:
            step = learner.loss(batch, run.step, generator)
        value = step.loss.item()
        if run.processes.any(not math.isfinite(value)):
            raise Diverged(
                f"The loss of the {learner.name} is {value} at step {run.step + 1}, so training has stopped; the last "
                "checkpoint is from before. Lower model.base_learning_rate, or set training.clip=1."
            )
        (step.loss / options.accumulate).backward()  # type: ignore[no-untyped-call]
    if last:
        if options.clip > 0:
            torch.nn.utils.clip_grad_norm_(learner.parameters, options.clip)
        learner.optimizer.step()
        learner.optimizer.zero_grad()
    values = torch.stack([scalar.float() for scalar in step.scalars.values()]).tolist()  # one wait for the device
    return dict(zip(step.scalars, values, strict=True))
