"""A file that was saved carries its graph: run again on the same machine and precision it gives the same numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ldm_nodes import run
from ldm_nodes.cli import main
from ldm_nodes.imaging.latent_file import load_latent
from ldm_nodes.imaging.metadata import read

GRAPHS = Path(__file__).parents[2] / "graphs"
SAME = ("--device", "cpu", "--precision", "fp32")


@pytest.fixture
def graph() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GRAPHS / "txt2img_ddim.json").read_text())
    loaded["5"]["inputs"] |= {"width": 64, "height": 64, "batch_size": 2}
    loaded["3"]["inputs"]["steps"] = 2
    return loaded


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[Path]:
    capsys.readouterr()
    assert main(["run", *map(str, arguments), *SAME, "--json"]) == 0
    return [Path(file) for file in json.loads(capsys.readouterr().out)["graphs"][0]["files"]]


def _pixels(path: Path) -> bytes:
    with Image.open(path) as picture:
        return picture.convert("RGB").tobytes()


WEBP = {"format": "webp", "quality": 90, "lossless": True, "metadata": "params"}
SAVERS: dict[str, tuple[str, dict[str, Any]]] = {"png": ("SaveImage", {}), "webp": ("SaveImageAs", WEBP)}


@pytest.mark.parametrize("kind", SAVERS)
def test_a_picture_gives_its_pixels_again(
    kind: str, graph: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class_type, inputs = SAVERS[kind]
    graph["9"] = {"class_type": class_type, "inputs": {"images": ["8", 0], "filename_prefix": "a", **inputs}}
    (tmp_path / "graph.json").write_text(json.dumps(graph))
    first = _run(capsys, tmp_path / "graph.json", "--output-dir", tmp_path / "first")
    again = _run(capsys, first[1], "--output-dir", tmp_path / "again")
    assert [_pixels(path) for path in again] == [_pixels(path) for path in first]
    assert _pixels(first[0]) != _pixels(first[1])
    assert read(again[0]).prompt == read(first[0]).prompt


def test_a_latent_gives_its_numbers_again(
    graph: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del graph["8"]
    graph["9"] = {"class_type": "SaveLatent", "inputs": {"samples": ["3", 0], "filename_prefix": "a"}}
    (tmp_path / "graph.json").write_text(json.dumps(graph))
    (first,) = _run(capsys, tmp_path / "graph.json", "--output-dir", tmp_path / "first")
    (again,) = _run(capsys, first, "--output-dir", tmp_path / "again")
    assert np.array_equal(load_latent(first), load_latent(again))


def test_python_runs_pictures_too(graph: dict[str, Any], tmp_path: Path) -> None:
    first = run(graph, base_dir=tmp_path, device="cpu", precision="fp32")
    again = run(first.files[0], base_dir=tmp_path, device="cpu", precision="fp32")
    assert [_pixels(path) for path in again.files] == [_pixels(path) for path in first.files]
    assert not set(first.files) & set(again.files)


def test_what_would_change_the_pixels_is_told(
    graph: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "graph.json").write_text(json.dumps(graph))
    first, _ = _run(capsys, tmp_path / "graph.json", "--output-dir", tmp_path, "--noise", "per_index")
    other = ["--device", "cpu", "--precision", "bf16", "--json"]
    assert main(["run", str(first), "--output-dir", str(tmp_path), *other]) == 0
    (report,) = json.loads(capsys.readouterr().out)["graphs"]
    assert [notice.split(".")[0] for notice in report["notices"]] == [
        "This was made with the noise per_index; this run has comfyui, so pixels may differ",
        "This was made with the compute cpu fp32; this run has cpu bf16, so pixels may differ",
    ]
    assert "add --noise per_index." in report["notices"][0]
    assert "add --device cpu --precision fp32." in report["notices"][1]
