"""`ldm-nodes run`, as a user meets it: what is printed, what is written, what the exit code says."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ldm_nodes.cli import main
from ldm_nodes.imaging.metadata import read
from ldm_nodes.models import devices

GRAPHS = Path(__file__).parents[2] / "graphs"
SMALL = ["--set", "5.width=64", "--set", "5.height=64", "--set", "3.steps=2", "--device", "cpu", "--precision", "fp32"]


@pytest.fixture
def graph() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GRAPHS / "txt2img.json").read_text())
    return loaded


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, dict[str, Any], str]:
    code = main(["run", *map(str, arguments), "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out), printed.err


def test_a_graph_becomes_a_picture_that_tells_how(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report, _ = _run(capsys, GRAPHS / "txt2img.json", "--output-dir", tmp_path, *SMALL)
    (file,) = report["graphs"][0]["files"]
    assert code == 0
    assert Path(file) == tmp_path / "txt2img_00001_.png"
    with Image.open(file) as picture:
        assert picture.size == (64, 64)
    made = read(Path(file))
    assert made.prompt["3"]["inputs"]["steps"] == 2
    checkpoint, sampling = made.provenance["steps"]
    assert checkpoint["family"] == "sd1"
    assert len(checkpoint["sha256"]) == 64
    assert "file" not in checkpoint
    assert sampling["seed"] == 42


def test_the_same_command_gives_the_same_pixels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        _run(capsys, GRAPHS / "txt2img.json", "--output-dir", tmp_path, *SMALL)[1]["graphs"][0]["files"][0]
        for _ in range(2)
    ]
    first, second = (Image.open(file).tobytes() for file in files)
    assert files[0] != files[1]
    assert first == second


def test_several_graphs_share_what_is_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = [GRAPHS / "txt2img.json", GRAPHS / "txt2img_ddim.json"]
    _, report, _ = _run(capsys, *two, "--output-dir", tmp_path, *SMALL)
    second = {node["class"]: node["status"] for node in report["graphs"][1]["nodes"].values()}
    assert second["CheckpointLoaderSimple"] == "reused"
    assert second["CLIPTextEncode"] == "reused"
    assert second["KSampler"] == "ran"


def test_what_was_reused_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two = [str(GRAPHS / "txt2img.json")] * 2
    assert main(["run", *two, "--output-dir", str(tmp_path), *SMALL]) == 0
    out = capsys.readouterr().out
    assert "saved" in out
    assert "reused: " in out


def test_titles_cannot_steer_the_terminal(
    graph: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph["6"]["_meta"]["title"] = "\x1b]0;owned\x07"
    graph["6"]["inputs"]["text"] = "embedding:\x1b[2J"
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(graph))
    assert main(["run", str(path), str(path), "--output-dir", str(tmp_path), *SMALL]) == 0
    printed = capsys.readouterr()
    assert "owned" in printed.err
    assert "\x1b" not in printed.out + printed.err


def test_a_text_that_a_node_shows_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
        "2": {"class_type": "Watermark", "inputs": {"image": ["1", 0], "text": "fox\x1b[2J", "method": "dwtDctSvd"}},
        "3": {"class_type": "WatermarkDecode", "inputs": {"image": ["2", 0], "length": 7, "method": "dwtDctSvd"}},
    }
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(nodes))
    assert main(["run", str(path)]) == 0
    assert "node 3 (WatermarkDecode): fox\ufffd[2J" in capsys.readouterr().out
    _, report, _ = _run(capsys, path)
    assert report["graphs"][0]["texts"] == {"3": ["fox\x1b[2J"]}


def test_a_text_may_hold_anything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, report, _ = _run(
        capsys, GRAPHS / "txt2img.json", "--output-dir", tmp_path, *SMALL, "--set", "6.text=a=b. 'c' [d]"
    )
    assert read(Path(report["graphs"][0]["files"][0])).prompt["6"]["inputs"]["text"] == "a=b. 'c' [d]"


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("3.seed", "NODE.INPUT=VALUE"),
        ("99.seed=1", "does not have"),
        ("3.steps=0", "smaller than min"),
        ("=1", "NODE.INPUT=VALUE"),
    ],
)
def test_a_wrong_override_is_told(override: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, report, err = _run(capsys, GRAPHS / "txt2img.json", "--set", override)
    assert code == 2
    assert report["graphs"][0]["status"] == "rejected"
    assert says in err


@pytest.mark.parametrize("text", ['{"3": [1]}', '{"3": null}', '{"3": {"class_type": "KSampler", "inputs": [1]}}'])
def test_an_override_of_a_malformed_graph_is_told(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "graph.json"
    path.write_text(text)
    code, report, _ = _run(capsys, path, "--set", "3.seed=1")
    assert code == 2
    assert report["graphs"][0]["problems"][0]["node"] == "3"


def test_a_graph_that_fails_does_not_stop_the_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report, err = _run(
        capsys, tmp_path / "absent.json", GRAPHS / "txt2img.json", "--output-dir", tmp_path, *SMALL
    )
    assert [graph["status"] for graph in report["graphs"]] == ["rejected", "done"]
    assert code == 2
    assert "does not exist" in err


def test_no_prompt_needs_to_be_in_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments: list[str | Path] = [GRAPHS / "txt2img.json", "--output-dir", tmp_path, *SMALL, "--metadata", "none"]
    _, report, _ = _run(capsys, *arguments)
    made = read(Path(report["graphs"][0]["files"][0]))
    assert made.prompt is None
    assert made.provenance is None


@pytest.mark.parametrize("prefix", ["../escaped", "/tmp/escaped", "a/../../escaped", "..\\escaped", "C:\\escaped"])
def test_nothing_is_written_outside(prefix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "output"
    arguments: list[str | Path] = [
        GRAPHS / "txt2img.json",
        "--output-dir",
        output,
        *SMALL,
        "--set",
        f"9.filename_prefix={prefix}",
    ]
    code, report, _ = _run(capsys, *arguments)
    assert code == 1
    assert "prefix" in report["graphs"][0]["problems"][0]["message"]
    assert not list(tmp_path.rglob("*escaped*"))


def test_an_unwritable_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    blocked.chmod(stat.S_IREAD)
    code, report, err = _run(capsys, GRAPHS / "txt2img.json", "--output-dir", blocked, *SMALL)
    assert code == 1
    assert "cannot be created" in err
    assert "Traceback" not in err
    assert report["graphs"][0]["status"] == "failed"


def test_a_device_that_is_not_there_is_told_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(devices._AVAILABLE, "cuda", lambda: False)
    arguments: list[str | Path] = [GRAPHS / "txt2img.json", "--output-dir", tmp_path, "--device", "cuda"]
    code, report, err = _run(capsys, *arguments)
    assert (code, report["graphs"][0]["status"], report["graphs"][0]["nodes"]) == (2, "rejected", {})
    assert "cannot run: This torch" in err
    assert "finds no cuda device here" in report["graphs"][0]["problems"][0]["message"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full device")
def test_a_full_disk_behind_the_output_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ldm_nodes", "nodes"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr == "The output cannot be written: No space left on device.\n"
