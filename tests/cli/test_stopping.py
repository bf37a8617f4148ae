"""Ctrl-C while a graph runs: the first lets the node at work come to a good end, the second ends at once."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.cli import main
from ldm_nodes.cli.console import Display
from ldm_nodes.cli.stopping import stopping
from ldm_nodes.engine.events import Event, Progress
from tests.training.tiny import folder_of

GRAPH = {
    "1": {"class_type": "LoadImageFolder",
          "inputs": {"folder": "pets", "size": 8, "captions": "file names", "crop": "center", "mirror": False}},
    "2": {"class_type": "TrainAutoencoder",
          "inputs": {"pictures": ["1", 0], "name": "pets", "steps": 6, "batch_size": 2, "learning_rate": 0.001,
                     "width": 32, "training_seed": 0, "depth": 0, "downscale": "2"}},
    "3": {"class_type": "TrainingPlot", "inputs": {"training": ["2", 1]}},
    "4": {"class_type": "SaveImage", "inputs": {"filename_prefix": "losses", "images": ["3", 0]}},
}  # fmt: skip


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    folder_of(tmp_path / "input" / "pets", 4)
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(GRAPH))
    return path


def run(graph: Path) -> int:
    return main(["run", str(graph), "--base-dir", str(graph.parent), "--device", "cpu"])


def status(graph: Path) -> Any:
    return json.loads((graph.parent / "output" / "training" / "pets" / "status.json").read_text())


def interrupting(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    show = Display.show

    def interrupted(display: Display, event: Event) -> None:
        show(display, event)
        if isinstance(event, Progress) and event.value == 2:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Display, "show", interrupted)


def test_training_in_a_graph_ends_in_a_checkpoint_and_goes_on(
    graph: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupting(monkeypatch, times=1)
    before = signal.getsignal(signal.SIGINT)
    assert run(graph) == 130
    told = capsys.readouterr().err
    assert "Stopping at the next step" in told
    assert "interrupted; what was finished is saved" in told
    assert (status(graph)["status"], status(graph)["step"]) == ("cancelled", 2)
    assert signal.getsignal(signal.SIGINT) is before
    monkeypatch.undo()
    assert run(graph) == 0
    assert "Goes on from step 2." in capsys.readouterr().err
    assert (status(graph)["status"], status(graph)["step"]) == ("finished", 6)


def test_a_second_ctrl_c_ends_at_once(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupting(monkeypatch, times=2)
    assert run(graph) == 130
    assert (status(graph)["status"], status(graph)["step"]) == ("cancelled", 0)


def test_other_threads_hear_of_no_signals() -> None:
    found: list[bool] = []

    def work() -> None:
        before = signal.getsignal(signal.SIGINT)
        with stopping(lambda: None):
            found.append(signal.getsignal(signal.SIGINT) is before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]
