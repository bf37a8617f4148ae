"""Checkpoints: everything that a run needs to go on as if it had never stopped, as safetensors and JSON.

    checkpoints/step-00001000/
        model.safetensors    weights and their averages under the original's names; the ordinary loader reads it
        model.yaml           the model's configuration, as the original has it beside a checkpoint
        optimizer.safetensors
        state.json           step, place in the data, the configuration, what was measured

Random numbers are not stored: those of step n depend on the seed and on n alone (`step_seed`).
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from ..models.checkpoint import read_tensors
from ..models.errors import ModelError
from .atomic import new_folder, remove_partial
from .data import stream
from .errors import CheckpointError
from .task import Learner, Task

LAYOUT = 1
MODEL, CONFIG, OPTIMIZER, STATE = "model.safetensors", "model.yaml", "optimizer.safetensors", "state.json"

_NAME = re.compile(r"step-(\d{8,})")


@dataclass(frozen=True)
class Progress:
    """Where a run is.

    Attributes:
        step: optimiser steps taken.
        cursor: samples taken from the data by all processes.
        config: the configuration of the run.
        pictures: how many samples the data has.
        score: the monitored number, if it was measured; smaller is better.
        layout: of the checkpoint.
    """

    step: int
    cursor: int
    config: Mapping[str, Any]
    pictures: int
    score: float | None = None
    layout: int = LAYOUT


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of a run.

    Attributes:
        folder: where they are.
        keep: how many of the latest stay, beside the best one.
    """

    folder: Path
    keep: int = 3

    def save(self, task: Task, progress: Progress, model_config: Mapping[str, Any]) -> Path:
        """Store a checkpoint and remove those that are not kept any longer.

        Args:
            task: what is trained.
            progress: where the run is.
            model_config: the section `model` for the YAML file beside the weights.

        Raises:
            CheckpointError: weights are not finite, or the disk does not take them; earlier checkpoints are untouched.
        """
        path = self.folder / f"step-{progress.step:08d}"
        state = _stored(task.state())
        broken = next((name for name, value in state.items() if not bool(value.isfinite().all())), None)
        if broken is not None:
            raise CheckpointError(f"The weights are not finite numbers any more ({broken}); they are not saved.")
        about = {"global_step": str(progress.step), "format": "pt"}
        try:
            with new_folder(path) as partial:
                save_file(state, partial / MODEL, about)
                save_file(_stored(_optimizer_state(task.learners)), partial / OPTIMIZER)
                (partial / CONFIG).write_text(yaml.safe_dump({"model": dict(model_config)}, sort_keys=False), "utf-8")
                (partial / STATE).write_text(json.dumps(asdict(progress), indent=2), "utf-8")
                for name, companion in task.companions().items():
                    shutil.copyfile(companion, partial / name)
        except (OSError, SafetensorError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise CheckpointError(f"The checkpoint {path.name} cannot be written: {reason}.") from error
        self._remove_old()
        return path

    def all(self) -> list[Path]:
        """Return the complete checkpoints, the earliest first."""
        found = [path for path in self.folder.glob("step-*") if _NAME.fullmatch(path.name) and (path / STATE).is_file()]
        return sorted(found, key=_step_of)

    def latest(self) -> Path | None:
        """Return the last complete checkpoint."""
        return next(reversed(self.all()), None)

    def best(self) -> Path | None:
        """Return the checkpoint with the smallest score, the latest among equals; None if none was measured."""
        scores = [(score, -_step_of(path), path) for path in self.all() if (score := _score(path)) is not None]
        return min(scores)[2] if scores else None

    def clean(self) -> None:
        """Remove what a killed process has left half-written."""
        remove_partial(self.folder)

    def _remove_old(self) -> None:
        kept = {*self.all()[-self.keep :], self.best()}
        for path in self.all():
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)


def read_progress(path: Path) -> Progress:
    """Read where the run of a checkpoint was.

    Raises:
        CheckpointError: the file is missing or of another layout.
    """
    try:
        about = json.loads((path / STATE).read_text("utf-8"))
        progress = Progress(**about)
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(f"{path.name} is no checkpoint of a training run ({error}).") from error
    if progress.layout != LAYOUT:
        raise CheckpointError(f"{path.name} has the layout {progress.layout}; this version reads {LAYOUT}.")
    return progress


def restore(path: Path, task: Task) -> None:
    """Give a task the weights, averages and optimiser state of a checkpoint.

    Raises:
        CheckpointError: a file is damaged, or does not fit.
    """
    try:
        task.load_state(read_tensors(path / MODEL))
        _load_optimizers(task.learners, _read_optional(path / OPTIMIZER))
    except (ModelError, KeyError) as error:
        raise CheckpointError(f"The checkpoint {path.name} cannot be continued from: {error}") from error


def step_seed(seed: int, step: int, purpose: str = "step", rank: int = 0) -> int:
    """Return the seed of everything that is drawn in one step; another one for each purpose and process."""
    return int(stream(purpose, seed, step, rank).integers(2**63))


def _optimizer_state(learners: Sequence[Learner]) -> dict[str, Tensor]:
    """Return the state of all optimisers by `learner.parameter.name`; step counters are tensors already."""
    return {
        f"{learner.name}.{index}.{name}": value
        for learner in learners
        for index, entries in learner.optimizer.state_dict()["state"].items()
        for name, value in entries.items()
    }


def _load_optimizers(learners: Sequence[Learner], stored: Mapping[str, Tensor]) -> None:
    for learner in learners:
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in stored.items():
            owner, index, name = key.split(".")
            if owner == learner.name:
                parameter = learner.parameters[int(index)]
                state.setdefault(int(index), {})[name] = _like(value, parameter)
        groups = learner.optimizer.state_dict()["param_groups"]
        learner.optimizer.load_state_dict({"state": state, "param_groups": groups})


def _like(value: Tensor, parameter: Tensor) -> Tensor:
    """Return a stored moment in the layout of its parameter: kernels round differently in different layouts."""
    return torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value


def _read_optional(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file; one that holds none is no checkpoint to the ordinary reader."""
    return read_tensors(path) if path.stat().st_size > _EMPTY else {}


_EMPTY = 64  # bytes of a safetensors file without tensors, at most


def _stored(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.detach().cpu().contiguous() for name, value in state.items()}


def _step_of(path: Path) -> int:
    return int(path.name.split("-")[1])


def _score(path: Path) -> float | None:
    score = read_progress(path).score
    return None if score is None or not math.isfinite(score) else score
