from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from ldm_nodes.training.errors import CheckpointError
from ldm_nodes.training.state import STATE, Checkpoints, Progress, read_progress, step_seed


def stored(folder: Path, step: int, score: float | None = None) -> Path:
    path = folder / f"step-{step:08d}"
    path.mkdir(parents=True)
    (path / STATE).write_text(json.dumps(asdict(Progress(step, 8 * step, {"a": 1}, 5, score))))
    return path


def test_the_latest_is_the_furthest_and_the_best_has_the_least_score(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    assert checkpoints.latest() is None
    assert checkpoints.best() is None
    paths = {step: stored(tmp_path, step, score) for step, score in ((9, 0.5), (10, 0.2), (100, 0.2), (20, None))}
    stored(tmp_path, 123456789, float("nan"))
    assert checkpoints.best() == paths[100]
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.name == "step-123456789"


def test_what_is_no_complete_checkpoint_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "step-00000001").mkdir()
    (tmp_path / "step-two").mkdir()
    assert not Checkpoints(tmp_path).all()


def test_progress_comes_back(tmp_path: Path) -> None:
    assert read_progress(stored(tmp_path, 3, 0.5)) == Progress(3, 24, {"a": 1}, 5, 0.5)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"step": 1}', '{"step": 1, "cursor": 1, "config": {}, "pictures": 1, "x": 2}']
)
def test_a_foreign_state_is_told(text: str, tmp_path: Path) -> None:
    path = stored(tmp_path, 3)
    (path / STATE).write_text(text)
    with pytest.raises(CheckpointError, match="step-00000003 is no checkpoint of a training run"):
        read_progress(path)


def test_another_layout_is_told(tmp_path: Path) -> None:
    path = stored(tmp_path, 3)
    (path / STATE).write_text((path / STATE).read_text().replace('"layout": 1', '"layout": 2'))
    with pytest.raises(CheckpointError, match="has the layout 2; this version reads 1"):
        read_progress(path)


def test_every_step_purpose_and_process_draws_from_a_seed_of_its_own() -> None:
    seeds = [
        step_seed(seed, step, purpose, rank)
        for seed in (0, 1) for step in (0, 1, 2) for purpose in ("step", "dropout") for rank in (0, 1)
    ]  # fmt: skip
    assert len(set(seeds)) == len(seeds)
    assert step_seed(1, 2) == step_seed(1, 2)
    assert all(0 <= seed < 2**63 for seed in seeds)
