"""A run and its folder: start or go on, keep its traces, and always say truthfully what became of it.

config.yaml      the configuration, overrides included
status.json      running, finished, cancelled or failed
metrics.csv      a row for each logged step
loss.png         the same, drawn
samples/         sample sheets
checkpoints/     see `state.py`
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import yaml

from ..models.errors import ModelError
from ..models.model_config import ModelConfig
from .atomic import remove_partial, write_json, write_text
from .build import Data, build_data, build_task, use_ema
from .config import TrainingConfig, changes
from .errors import TrainingError
from .learning_rate import scaled_learning_rate
from .loop import Run, Step, Watcher, train
from .metrics import Metrics
from .plot import save_plot
from .shard import WHOLE
from .sheet import save_sheet
from .state import Checkpoints, Progress, read_progress, restore, step_seed

if TYPE_CHECKING:
    from .loop import Outcome
    from .processes import Processes
    from .task import Task

PLACES = frozenset({"ckpt_path", "vocab", "merges"})
"""Settings that name files of the machine where training ran; they mean nothing beside a checkpoint."""


@dataclass
class RunFolder:
    """The keeper of a run's traces.

    Attributes:
        root: the folder of the run.
        config: its configuration.
        task: what is trained.
        data: what it reads.
        watcher: hears of sheets and notices.
        metrics: the table; None in a process that writes nothing.
        checkpoints: of the run.
        told: the unreadable files that were reported already.
    """

    root: Path
    config: TrainingConfig
    task: Task
    data: Data
    watcher: Watcher
    metrics: Metrics | None
    checkpoints: Checkpoints
    told: set[Path] = field(default_factory=set)
    _losses: list[float] = field(default_factory=list)

    def log(self, step: Step) -> None:
        """Write a row of metrics, and name the files that could not be read."""
        if self.metrics is None:
            return
        row = {
            "samples": float(step.samples), "learning_rate": step.learning_rate, **step.losses,
            "images_per_second": round(step.images_per_second, 3), "seconds": round(step.seconds, 6),
        }  # fmt: skip
        self.metrics.add(step.number, row)
        self._losses.append(step.losses.get(self.task.monitor, float("nan")))
        self._tell_skipped()

    def sheet(self, step: int) -> None:
        """Draw samples."""
        if self.metrics is not None:
            path = self.root / "samples" / f"step-{step:08d}.png"
            save_sheet(self.task.rows(self.data.preview), path)
            self.watcher.sheet(path)

    def store(self, step: int, cursor: int) -> None:
        """Store a checkpoint, the plot and the status."""
        if self.metrics is None:
            return
        measured = self._measured()
        if measured:
            self.metrics.amend(step, measured)
        losses, self._losses = self._losses, []
        score = measured.get(f"val_{self.task.monitor}", sum(losses) / len(losses) if losses else None)
        progress = Progress(step, cursor, self.config.tree, self.data.pictures, score)
        self.checkpoints.save(self.task, progress, model_section(self.config))
        save_plot(self.metrics.rows, self.root / "loss.png")
        write_status(self.root, "running", step, "")

    def _measured(self) -> dict[str, float]:
        """Measure on the validation data; without any, the mean loss since the last checkpoint is the score."""
        if self.data.validation is None:
            return {}
        generator = torch.Generator().manual_seed(step_seed(self.config.options.seed, 0, "validation"))
        sums: dict[str, float] = {}
        count = 0
        for batch in self.data.validation.once():
            for name, value in self.task.validate(batch, generator).items():
                sums[name] = sums.get(name, 0.0) + float(value) * len(batch)
            count += len(batch)
        return {f"val_{name}": total / count for name, total in sums.items()}

    def _tell_skipped(self) -> None:
        for path, reason in self.data.skipped.items():
            if path not in self.told:
                self.told.add(path)
                self.watcher.notice(f"Skipped picture {len(self.told)}: {reason}")


def start(
    config: TrainingConfig,
    root: Path,
    processes: Processes,
    watcher: Watcher,
    *,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Make a run, or go on with one.

    Args:
        config: what to train.
        root: the folder of the run.
        processes: who takes part.
        watcher: who looks on.
        resume: go on from the latest checkpoint.
        progress: is told how many latents are cached, and of how many.

    Raises:
        TrainingError: the run cannot start, or it failed; `status.json` says so too.
        ModelError: the configuration or its weights do not fit.
    """
    checkpoints = Checkpoints(root / "checkpoints", config.options.keep)
    earlier = _earlier(root, checkpoints, config, resume)
    step = earlier.step if earlier else 0
    if processes.writes:
        _open_folder(root, config, checkpoints)
    try:
        outcome, step = _run(config, root, processes, watcher, checkpoints, earlier, progress)
    except BaseException as error:
        if processes.writes:
            reason = str(error) if isinstance(error, TrainingError | ModelError | OSError) else repr(error)
            _try_status(root, "cancelled" if isinstance(error, KeyboardInterrupt) else "failed", step, reason)
        if isinstance(error, OSError):
            raise TrainingError(f"The run stopped because of the disk: {error.strerror or error}.") from error
        raise
    if processes.writes:
        write_status(root, outcome, step, "")
    return outcome


def _run(
    config: TrainingConfig,
    root: Path,
    processes: Processes,
    watcher: Watcher,
    checkpoints: Checkpoints,
    earlier: Progress | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[Outcome, int]:
    notice = watcher.notice if processes.writes else _ignore
    if config.notice:
        notice(config.notice)
    with torch.random.fork_rng():
        task = build_task(config, processes, notice)
        data = build_data(config, task, processes, progress)
        if earlier is not None and earlier.pictures != data.pictures:
            raise TrainingError(
                f"The data has {data.pictures} pictures and had {earlier.pictures} when the run began; a resumed run "
                "needs the same. Start a new run in another folder."
            )
        run = _loop_run(config, task, data, processes)
        path = checkpoints.latest()
        if earlier is not None and path is not None:
            restore(path, task)
            run.step, run.cursor = earlier.step, earlier.cursor
            notice(f"Goes on from step {run.step}.")
        else:
            _prepare(run, data, notice)
        metrics = Metrics(root / "metrics.csv", run.step) if processes.writes else None
        keeper = RunFolder(root, config, task, data, watcher, metrics, checkpoints)
        try:
            return train(run, keeper, watcher), run.step
        finally:
            if metrics is not None:
                metrics.close()


def _loop_run(config: TrainingConfig, task: Task, data: Data, processes: Processes) -> Run:
    options, count = config.options, processes.shard.processes
    rate = config.base_learning_rate
    if options.scale_lr:
        rate = scaled_learning_rate(rate, config.data.batch_size, options.accumulate, count)
    total = options.total_steps(data.pictures, config.data.batch_size * options.accumulate * count)
    return Run(task, data.batches, options, processes, rate, config.schedule, total)


def _prepare(run: Run, data: Data, notice: Callable[[str], None]) -> None:
    """Let the task see the first batch, all of it in every process."""
    whole = replace(data.batches, shard=WHOLE, ahead=0)
    batches = whole.endless()
    try:
        first = next(batches)
    finally:
        batches.close()
    generator = torch.Generator().manual_seed(step_seed(run.options.seed, 0, "prepare"))
    said = run.task.prepare(first, generator)
    if said is not None:
        notice(said)


def _earlier(root: Path, checkpoints: Checkpoints, config: TrainingConfig, resume: bool) -> Progress | None:
    """Return where the run in a folder stopped; None for a new run.

    Raises:
        TrainingError: the folder holds a run that is not to be resumed, none to resume, or one that was different.
    """
    latest = checkpoints.latest()
    if not resume:
        if latest is not None:
            raise TrainingError(f"{root} holds a run already ({latest.name}); add --resume, or choose another folder.")
        return None
    if latest is None:
        if not (root / "status.json").is_file():
            raise TrainingError(f"There is no run to resume in {root}.")
        return None  # it was killed before its first checkpoint
    progress = read_progress(latest)
    if changed := changes(progress.config, config.tree):
        told = "; ".join(f"{path} was {old!r} and is {new!r}" for path, (old, new) in changed.items())
        raise TrainingError(f"The run in {root} cannot go on with another configuration: {told}.")
    return progress


def model_section(config: TrainingConfig) -> dict[str, Any]:
    """Return the section `model` as it stands beside a checkpoint, without the places of files."""
    section: dict[str, Any] = _without_places(config.tree["model"])
    if isinstance(config.model, ModelConfig):
        section["params"]["use_ema"] = use_ema(config)
    return section


def _without_places(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_places(item) for name, item in value.items() if name not in PLACES}
    return value


def write_status(root: Path, status: str, step: int, message: str) -> None:
    """Write what has become of a run."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    write_json(
        root / "status.json", {"status": status, "step": step, "message": message, "time": now, "pid": os.getpid()}
    )


def _try_status(root: Path, status: str, step: int, message: str) -> None:
    """Write the status of a run that failed; a full disk may be the reason for both."""
    try:
        write_status(root, status, step, message)
    except OSError:
        (root / "status.json").unlink(missing_ok=True)  # no status at all is better than "running"


def _open_folder(root: Path, config: TrainingConfig, checkpoints: Checkpoints) -> None:
    try:
        checkpoints.folder.mkdir(parents=True, exist_ok=True)
        checkpoints.clean()
        remove_partial(root)
        write_text(root / "config.yaml", yaml.safe_dump(config.tree, sort_keys=False))
        write_status(root, "running", 0, "")
    except OSError as error:
        raise TrainingError(f"The folder {root} cannot be written to: {error.strerror}.") from error


def _ignore(_: str) -> None:
    """Take a notice in a process that talks to nobody."""
