"""What nodes took is known to the next process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ldm_nodes.engine.cost_model import UNKNOWN, CostModel, Work
from ldm_nodes.jobs.costs import SAVE_SECONDS, Costs
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.settings import Folders

from .pack import Bench, executor_of, job

WORK = Work("Steps")


def test_what_was_learned_is_there_next_time(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "costs.json"
    costs = Costs(path)
    costs.model.learn(WORK, 3.0)
    costs.save()
    assert Costs(path).model.predict(WORK) == 3.0
    assert [found.name for found in path.parent.iterdir()] == ["costs.json"], "nothing half written is left"


def test_it_is_not_written_at_every_job_but_always_at_the_end(tmp_path: Path) -> None:
    now = 0.0
    costs = Costs(tmp_path / "costs.json", lambda: now)
    for seconds, written in ((1.0, 1.0), (2.0, 1.0)):
        costs.model.lines.clear()
        costs.model.learn(WORK, seconds)
        costs.save()
        assert CostModel.load(tmp_path / "costs.json").predict(WORK) == written
    now = SAVE_SECONDS
    costs.save()
    assert CostModel.load(tmp_path / "costs.json").predict(WORK) == 2.0
    costs.model.lines.clear()
    costs.model.learn(WORK, 5.0)
    costs.save(at_once=True)
    assert CostModel.load(tmp_path / "costs.json").predict(WORK) == 5.0


def test_without_a_file_it_is_known_to_this_process_alone() -> None:
    costs = Costs()
    costs.model.learn(WORK, 3.0)
    costs.save(at_once=True)
    assert costs.model.predict(WORK) == 3.0
    assert Costs().model.predict(WORK) == UNKNOWN


def test_a_place_that_cannot_be_written_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    costs = Costs(tmp_path / "file" / "costs.json")
    costs.model.learn(WORK, 3.0)
    costs.save()
    assert "cannot be remembered" in caplog.text


def test_a_backend_learns_what_its_nodes_took(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    runner = LocalBackend(executor_of(Bench()), Folders.under(tmp_path), costs=Costs(path))
    runner.run(job("Steps", inputs={"count": 2, "seconds": 0.01}), lambda event: None)
    runner.close()
    assert {"Value", "Steps", "Show"} <= json.loads(path.read_text())["lines"].keys()
    assert CostModel.load(path).predict(WORK) >= 0.02
