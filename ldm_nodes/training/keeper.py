"""What a run leaves in its folder while it goes on.

config.yaml       the configuration, overrides included
status.json       running, finished, cancelled or failed; see `status.py`
metrics.csv       a row for each logged step
validation.csv    a row for each measurement on validation data
loss.png          both, drawn
samples/          sample sheets
checkpoints/      see `state.py`
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from ..models.model_config import ModelConfig
from .build import use_ema
from .metrics import Metrics, read_series
from .plot import save_plot
from .sheet import save_sheet
from .state import Checkpoints, Progress, step_seed
from .status import write_status

if TYPE_CHECKING:
    from .config import TrainingConfig
    from .loop import Step, Watcher
    from .open_data import Data
    from .task import Task

PLACES = frozenset({"ckpt_path", "vocab", "merges"})
"""Settings that name files of the machine where training ran; they mean nothing beside a checkpoint."""


class NoTraces:
    """The keeper of a process that leaves the writing to another."""

    def log(self, step: Step) -> None:
        """Write nothing."""

    def sheet(self, step: int) -> None:
        """Draw nothing."""

    def store(self, step: int, cursor: int) -> None:
        """Store nothing."""


@dataclass
class Traces:
    """The keeper of a run's folder.

    Attributes:
        root: the folder.
        config: the configuration of the run.
        task: what is trained.
        data: what it reads.
        watcher: hears of sheets and of pictures that cannot be read.
        checkpoints: of the run.
        step: the step from which the run goes on.
    """

    root: Path
    config: TrainingConfig
    task: Task
    data: Data
    watcher: Watcher
    checkpoints: Checkpoints
    step: int = 0
    _told: set[Path] = field(default_factory=set)
    _losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._metrics = Metrics(self.root / "metrics.csv", self.step)
        self._validation = Metrics(self.root / "validation.csv", self.step) if self.data.validation else None

    def close(self) -> None:
        """Close the tables."""
        for table in (self._metrics, self._validation):
            if table is not None:
                table.close()

    def log(self, step: Step) -> None:
        """Write a row of metrics, and name the files that could not be read."""
        row = {
            "samples": float(step.samples), "learning_rate": step.learning_rate, **step.losses,
            "images_per_second": round(step.images_per_second, 3), "seconds": round(step.seconds, 6),
        }  # fmt: skip
        self._metrics.add(step.number, row)
        self._losses.append(step.losses.get(self.task.monitor, float("nan")))
        self._tell_skipped()

    def sheet(self, step: int) -> None:
        """Draw samples."""
        path = self.root / "samples" / f"step-{step:08d}.png"
        save_sheet(self.task.rows(self.data.preview), path, self.data.preview_captions)
        self.watcher.sheet(path)

    def store(self, step: int, cursor: int) -> None:
        """Store a checkpoint with its score, then plot and status."""
        score = self._score(step)
        tables = [table for table in (self._metrics, self._validation) if table is not None]
        for table in tables:
            table.flush()  # a checkpoint must not outlive the rows before it
        progress = Progress(step, cursor, self.config.tree, self.data.pictures, score)
        self.checkpoints.save(self.task, progress, model_section(self.config))
        series = {name: points for table in tables for name, points in read_series(table.path).items()}
        save_plot(series, self.root / "loss.png")
        write_status(self.root, "running", step)

    def _score(self, step: int) -> float | None:
        """Measure on the validation data; without any, the mean loss since the last checkpoint is the score."""
        losses, self._losses = self._losses, []
        if self._validation is None:
            return sum(losses) / len(losses) if losses else None
        measured = self._measured()
        self._validation.add(step, measured)
        return measured.get(f"val_{self.task.monitor}")

    def _measured(self) -> dict[str, float]:
        """Return the means over the validation data; the draws are the same each time."""
        assert self.data.validation is not None  # there is a table for it
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
            if path not in self._told:
                self._told.add(path)
                self.watcher.notice(f"Skipped picture {len(self._told)}: {reason}")


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
