"""A run from start to end: make it or go on with it, and always say truthfully what became of it.

`start` is what the command line and the nodes call. The folder of a run is described in `keeper.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import yaml

from ..models.devices import is_out_of_memory
from ..models.errors import ModelError
from .atomic import remove_partial, write_text
from .build import build_task
from .config import TrainingConfig, changes
from .errors import TrainingError
from .heap import kept
from .keeper import NoTraces, Traces
from .learning_rate import scaled_learning_rate
from .loop import Run, train
from .open_data import Data, open_data
from .shard import WHOLE
from .state import Checkpoints, Progress, read_progress, restore, step_seed
from .status import NAME, only_run, try_status, write_status

if TYPE_CHECKING:
    from .loop import Outcome, Watcher
    from .processes import Processes
    from .task import Task


@dataclass(frozen=True)
class Job:
    """A run as it was asked for.

    Attributes:
        config: what to train.
        root: the folder of the run.
        processes: who takes part.
        watcher: who looks on.
        progress: is told how many latents are cached, and of how many.
    """

    config: TrainingConfig
    root: Path
    processes: Processes
    watcher: Watcher
    progress: Callable[[int, int], None] | None = None

    @property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints of the run."""
        return Checkpoints(self.root / "checkpoints", self.config.options.keep)

    def notice(self, message: str) -> None:
        """Tell something, once for all processes."""
        if self.processes.writes:
            self.watcher.notice(message)


def start(job: Job, *, resume: bool = False) -> Outcome:
    """Make a run, or go on with one from its latest checkpoint.

    Raises:
        TrainingError: the run cannot start, or it failed; `status.json` says so too.
        ModelError: the configuration or the weights that it names do not fit.
    """
    earlier = _earlier(job, resume)
    if not job.processes.writes:
        return _train(job, earlier)
    _make_folder(job.root)
    with only_run(job.root):
        _open_folder(job, earlier)
        try:
            outcome = _train(job, earlier)
        except BaseException as error:
            told = _told(error)
            stopped = isinstance(error, KeyboardInterrupt)
            try_status(job.root, "cancelled" if stopped else "failed", _last_step(job), str(told or repr(error)))
            if told is not None and told is not error:
                raise told from error
            raise
        write_status(job.root, outcome, _last_step(job))
    return outcome


def _train(job: Job, earlier: Progress | None) -> Outcome:
    """Build everything, go back to where the run was, and train."""
    config, processes = job.config, job.processes
    if config.notice:
        job.notice(config.notice)
    with torch.random.fork_rng(devices=[]):
        task = build_task(config, processes, job.notice)
        data = open_data(config, task, processes, job.progress)
        run = _loop_run(config, task, data, processes)
        if earlier is None:
            _prepare(run, data, job.notice)
        else:
            _go_on(job, run, data, earlier)
        if not processes.writes:
            with kept():
                return train(run, NoTraces(), job.watcher)
        traces = Traces(job.root, config, task, data, job.watcher, job.checkpoints, run.step)
        with closing(traces), kept():
            return train(run, traces, job.watcher)


def _loop_run(config: TrainingConfig, task: Task, data: Data, processes: Processes) -> Run:
    options, count = config.options, processes.shard.processes
    rate = config.base_learning_rate
    if options.scale_lr:
        rate = scaled_learning_rate(rate, config.data.batch_size, options.accumulate, count)
    total = options.total_steps(data.pictures, config.data.batch_size * options.accumulate * count)
    return Run(task, data.batches, options, processes, rate, config.schedule, total)


def _prepare(run: Run, data: Data, notice: Callable[[str], None]) -> None:
    """Let the task see the first batch, all of it in every process."""
    with closing(replace(data.batches, shard=WHOLE, ahead=0).endless()) as batches:
        generator = torch.Generator().manual_seed(step_seed(run.options.seed, 0, "prepare"))
        said = run.task.prepare(next(batches), generator)
    if said is not None:
        notice(said)


def _go_on(job: Job, run: Run, data: Data, earlier: Progress) -> None:
    """Bring a run to where it was."""
    if earlier.pictures != data.pictures:
        raise TrainingError(
            f"The data has {data.pictures} pictures and had {earlier.pictures} when the run began; to go on it must be "
            "the same. Start a new run in another folder."
        )
    latest = job.checkpoints.latest()
    assert latest is not None  # `earlier` was read from it
    restore(latest, run.task)
    run.step, run.cursor = earlier.step, earlier.cursor
    job.notice(f"Goes on from step {run.step}.")


def _earlier(job: Job, resume: bool) -> Progress | None:
    """Return where the run in a folder stopped; None for a new run.

    Raises:
        TrainingError: the folder holds a run that is not to be resumed, none to resume, or one that was different.
    """
    latest = job.checkpoints.latest()
    if not resume:
        if latest is not None:
            raise TrainingError(
                f"{job.root} holds a run already ({latest.name}); add --resume, or choose another folder by --output."
            )
        return None
    if latest is None:
        if not (job.root / NAME).is_file():
            raise TrainingError(f"There is no run to resume in {job.root}.")
        return None  # it was killed before its first checkpoint
    progress = read_progress(latest)
    if changed := changes(progress.config, job.config.tree):
        told = "; ".join(f"{path} was {old!r} and is {new!r}" for path, (old, new) in changed.items())
        raise TrainingError(f"The run in {job.root} cannot go on with another configuration: {told}.")
    return progress


def _make_folder(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / "checkpoints").mkdir(exist_ok=True)
    except OSError as error:
        raise TrainingError(f"The folder {root} cannot be made: {error.strerror}.") from error


def _open_folder(job: Job, earlier: Progress | None) -> None:
    try:
        job.checkpoints.clean()
        remove_partial(job.root)
        write_text(job.root / "config.yaml", yaml.safe_dump(job.config.tree, sort_keys=False))
        write_status(job.root, "running", earlier.step if earlier else 0)
    except OSError as error:
        raise TrainingError(f"The folder {job.root} cannot be written to: {error.strerror}.") from error


def _last_step(job: Job) -> int:
    latest = job.checkpoints.latest()
    return read_progress(latest).step if latest else 0


def _told(error: BaseException) -> Exception | None:
    """Return what to tell a person about an error; None for one that nobody foresaw."""
    if isinstance(error, TrainingError | ModelError):
        return error
    if isinstance(error, OSError):
        return TrainingError(f"The run stopped because a file could not be read or written: {error}.")
    if isinstance(error, Exception) and is_out_of_memory(error):
        return TrainingError(
            "Memory does not suffice; lower data.params.batch_size and raise training.accumulate by as much, or set "
            "training.activation_checkpointing=true or training.precision=bf16."
        )
    return None
