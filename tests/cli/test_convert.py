"""`ldm-nodes convert`, and what `run` and `validate` take: every format that a graph is in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ldm_nodes.cli import main

GRAPHS = Path(__file__).parents[2] / "graphs"
PROMPT: dict[str, Any] = json.loads((GRAPHS / "txt2img.json").read_text())
OBJECT_INFO = {"Foreign": {"input": {"required": {"size": ["INT"], "name": ["STRING"]}}, "output": ["THING"]}}
FOREIGN = {"nodes": [{"id": 1, "type": "Foreign", "widgets_values": [3, "x"]}], "links": [], "version": 0.4}
GUESS = {"nodes": [{"id": 1, "type": "EmptyLatentImage", "widgets_values": ["x", 64]}], "links": [], "version": 0.4}


def _bare(prompt: dict[str, Any]) -> dict[str, Any]:
    return {key: {"class_type": node["class_type"], "inputs": node["inputs"]} for key, node in prompt.items()}


def _write(path: Path, data: Any) -> Path:
    path.write_text(json.dumps(data), "utf-8")
    return path


def _convert(*arguments: Any) -> int:
    return main(["convert", *map(str, arguments)])


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A document of the editor that was made of a shared graph."""
    path = tmp_path / "drawn.json"
    assert _convert(GRAPHS / "txt2img.json", path) == 0
    return path


def test_a_prompt_becomes_a_document_and_the_document_the_prompt(drawn: Path, tmp_path: Path) -> None:
    document = json.loads(drawn.read_text("utf-8"))
    assert {node["type"] for node in document["nodes"]} == {node["class_type"] for node in PROMPT.values()}
    assert _convert(drawn, tmp_path / "again.json") == 0
    again = _bare(json.loads((tmp_path / "again.json").read_text("utf-8")))
    assert all({**again[key]["inputs"], **node["inputs"]} == again[key]["inputs"] for key, node in PROMPT.items())
    assert again.keys() == PROMPT.keys()


@pytest.mark.parametrize("wanted", ["api", "ui"])
def test_what_is_in_the_format_already_is_written_as_it_is(drawn: Path, tmp_path: Path, wanted: str) -> None:
    source = drawn if wanted == "ui" else GRAPHS / "txt2img.json"
    assert _convert(source, tmp_path / "same.json", "--to", wanted) == 0
    assert json.loads((tmp_path / "same.json").read_text("utf-8")) == json.loads(source.read_text("utf-8"))


def test_a_folder_of_graphs(tmp_path: Path, drawn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    _write(source / "one.json", PROMPT)
    (source / "deep" / "two.json").write_bytes(drawn.read_bytes())
    _write(source / "broken.json", {"1": {}})
    (source / "notes.txt").write_text("no graph")
    assert _convert(source, tmp_path / "out", "--to", "api") == 2
    written = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.json"))
    assert written == ["deep/two.json", "one.json"]
    assert "broken.json cannot be converted" in capsys.readouterr().err


def test_the_node_classes_of_another_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = _write(tmp_path / "a.json", FOREIGN), tmp_path / "b.json"
    info = _write(tmp_path / "object_info.json", OBJECT_INFO)
    assert _convert(source, target, "--object-info", info) == 0
    assert _bare(json.loads(target.read_text("utf-8"))) == {
        "1": {"class_type": "Foreign", "inputs": {"size": 3, "name": "x"}}
    }
    assert _convert(source, target, "--object-info", _write(tmp_path / "c.json", [1])) == 2
    assert "no list of node classes" in capsys.readouterr().err


def test_a_guess_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = _write(tmp_path / "a.json", GUESS), tmp_path / "b.json"
    assert _convert(source, target, "--json") == 1
    (report,) = json.loads(capsys.readouterr().out)
    assert report["problems"][0]["node"] == "1"
    assert report["target"] == str(target)
    assert main(["validate", str(source)]) == 2
    assert "not certain" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.json", "b.json"], "does not exist"),
        (["a.json", "a.json"], "is the file that is read"),
        (["a.json", "a.json/b.json"], "cannot be written"),
        (["empty", "b"], "holds no graphs"),
        ([".", "a.json"], "is a folder, but a.json is a file"),
    ],
)
def test_what_cannot_be_done(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    _write(tmp_path / "a.json", PROMPT)
    (tmp_path / "empty").mkdir()
    assert _convert(*arguments) == 2
    assert words in capsys.readouterr().err


def _picture(path: Path, **texts: Any) -> Path:
    if path.suffix == ".webp":
        exif = Image.Exif()
        tags = {"prompt": 0x0110, "workflow": 0x010F}
        exif.update({tags[key]: f"{key}:{json.dumps(value)}" for key, value in texts.items()})
        Image.new("RGB", (8, 8)).save(path, exif=exif)
        return path
    info = PngInfo()
    for key, value in texts.items():
        info.add_text(key, json.dumps(value))
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_picture_carries_its_graph(tmp_path: Path, drawn: Path, suffix: str) -> None:
    document = json.loads(drawn.read_text("utf-8"))
    only_document = _picture(tmp_path / f"document{suffix}", workflow=document)
    only_prompt = _picture(tmp_path / f"prompt{suffix}", prompt=PROMPT)
    both = _picture(tmp_path / f"both{suffix}", prompt=PROMPT, workflow=document)
    assert main(["validate", str(only_document), str(only_prompt), str(both)]) == 0
    assert _convert(both, tmp_path / "ui.json", "--to", "ui") == 0
    assert json.loads((tmp_path / "ui.json").read_text("utf-8")) == document
    assert _convert(both, tmp_path / "api.json", "--to", "api") == 0
    assert _bare(json.loads((tmp_path / "api.json").read_text("utf-8"))) == _bare(PROMPT)


def test_a_picture_without_a_graph_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _picture(tmp_path / "plain.png")
    assert main(["validate", str(path)]) == 2
    assert "carries no graph" in capsys.readouterr().out
    path.write_bytes(b"no picture")
    assert main(["validate", str(path)]) == 2
    assert "plain.png" in capsys.readouterr().out


def test_a_document_of_the_editor_runs(drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--set", "5.width=64", "--set", "5.height=64", "--set", "3.steps=1", "--device", "cpu"]
    assert main(["run", str(drawn), "--output-dir", str(tmp_path / "out"), *small]) == 0
    assert "saved" in capsys.readouterr().out
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".png"]
