"""Parts of different families on the command line: told by `validate`, and before the first node of a `run`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.cli import main

GRAPHS = Path(__file__).parents[2] / "graphs"
FOREIGN = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-class-v1.safetensors"}}


def _written(path: Path, **inputs: Any) -> Path:
    """Write the shared text-to-image graph with a second checkpoint, 20, and changed inputs of its sampler."""
    graph = json.loads((GRAPHS / "txt2img.json").read_text())
    graph["20"] = FOREIGN
    graph["3"]["inputs"] |= {"steps": 1, **inputs}
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    path.write_text(json.dumps(graph))
    return path


def test_a_wrong_pairing_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = _written(tmp_path / "wrong.json", model=["20", 0])
    assert main(["validate", str(graph), "--json"]) == 2
    (problem,) = json.loads(capsys.readouterr().out)[str(graph)]
    assert (problem["code"], problem["node"], problem["input"]) == ("bad_input", "3", "positive")
    assert "node 6" in problem["message"]
    assert "tiny-class-v1.safetensors" in problem["expected"]


def test_a_wrong_pairing_runs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = _written(tmp_path / "wrong.json", model=["20", 0])
    assert main(["run", str(graph), "--output-dir", str(tmp_path / "out"), "--device", "cpu", "--json"]) == 2
    (report,) = json.loads(capsys.readouterr().out)["graphs"]
    assert report["status"] == "rejected"
    assert report["nodes"] == {}
    assert not (tmp_path / "out").exists()


def test_a_doubtful_pairing_is_valid_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = json.loads((GRAPHS / "class_conditional.json").read_text())
    graph["5"] = {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
    path = tmp_path / "doubtful.json"
    path.write_text(json.dumps(graph))
    assert main(["validate", str(path)]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{path}: valid\n"
    assert "note: node 3" in printed.err
    assert "Use Empty Latent (for a VAE)." in printed.err
