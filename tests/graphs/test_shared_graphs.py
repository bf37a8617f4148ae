"""Every graph that ships runs, is listed, and does what its line says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from imwatermark import WatermarkDecoder
from PIL import Image

from ldm_nodes.cli import main
from ldm_nodes.imaging.metadata import read

FOLDER = Path(__file__).parents[2] / "graphs"
GRAPHS = sorted(FOLDER.glob("*.json"))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    """Run a graph with few steps, of sampling and of training, and return the pictures that node 9 saves."""

    def run(path: Path, *overrides: str) -> list[Path]:
        nodes = json.loads(path.read_text())
        few = [f"{node_id}.steps=3" for node_id, node in nodes.items() if "steps" in node["inputs"]]
        arguments = [word for override in (*few, *overrides) for word in ("--set", override)]
        command = ["run", str(path), "--output-dir", str(tmp_path), "--precision", "fp32", "--device", "cpu", "--json"]
        assert main([*command, *arguments]) == 0
        files = [Path(file) for file in json.loads(capsys.readouterr().out)["graphs"][0]["files"]]
        return [file for file in files if file.name.startswith(f"{nodes['9']['inputs']['filename_prefix']}_0")]

    return run


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_graph_runs_and_its_picture_can_be_run_again(path: Path, run) -> None:  # type: ignore[no-untyped-def]
    (picture,) = run(path)
    again = picture.with_suffix(".json")
    again.write_text(json.dumps(read(picture).prompt))
    (repeated,) = run(again)
    with Image.open(picture) as first, Image.open(repeated) as second:
        assert len(set(first.convert("L").tobytes())) > 16, "a picture has more than a few greys"
        assert first.tobytes() == second.tobytes()


def test_every_graph_is_listed() -> None:
    listed = (FOLDER / "README.md").read_text()
    assert [path.name for path in GRAPHS if f"`{path.name}`" not in listed] == []


def test_the_mark_on_a_photograph_is_read_by_the_original_package(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The mark does not survive on noise, which is all that random weights paint; so a picture takes its place."""
    graph = json.loads((FOLDER / "txt2img_watermarked.json").read_text())
    graph["10"]["inputs"] |= {"image": ["20", 0], "method": "dwtDctSvd"}
    graph["20"] = {"class_type": "LoadImage", "inputs": {"image": "example.png"}}
    changed = {node_id: node for node_id, node in graph.items() if node_id in ("9", "10", "20")}
    (tmp_path / "marked.json").write_text(json.dumps(changed))
    (picture,) = run(tmp_path / "marked.json")
    assert read(picture).provenance["steps"][-1]["survived"] == [True]
    with Image.open(picture) as opened:
        bgr = np.asarray(opened.convert("RGB"))[..., ::-1].copy()
    assert WatermarkDecoder("bytes", 136).decode(bgr, "dwtDctSvd") == b"StableDiffusionV1"


def test_the_inpainted_picture_keeps_what_the_mask_keeps(run) -> None:  # type: ignore[no-untyped-def]
    """The latent is kept outside the hole; at the edge two seeds differ only by what the decoder's norms see."""
    first, second = (
        np.asarray(Image.open(run(FOLDER / "inpaint.json", f"3.seed={seed}")[0]), dtype=int) for seed in (1, 2)
    )
    difference = np.abs(first - second).max(-1)
    assert difference[20:44, 20:44].mean() > 4 * difference[:3].mean()


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_graph_is_written_for_people(path: Path) -> None:
    nodes = json.loads(path.read_text())
    assert all(node["_meta"]["title"] for node in nodes.values())
    assert list(nodes) == sorted(nodes, key=int)
