"""`ldm-nodes run --explain`: what a person reads of why nodes ran."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ldm_nodes.cli import main
from ldm_nodes.cli.console import Display
from ldm_nodes.cli.explained import print_explanation, shown_bytes
from ldm_nodes.engine import disk_cache
from ldm_nodes.engine.events import Estimate
from ldm_nodes.engine.explanation import Cause, Explanation, NodeRecord
from ldm_nodes.engine.memory import Eviction
from ldm_nodes.engine.prompt import Prompt

NODES = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "upscale_method": "bilinear", "scale_by": 0.1}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "x"}},
}


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    names = []
    for scale in (0.1, 0.2):
        nodes: dict[str, Any] = json.loads(json.dumps(NODES))
        nodes["2"]["inputs"]["scale_by"] = scale
        names.append(tmp_path / f"{scale}.json")
        names[-1].write_text(json.dumps(nodes))
    return [*map(str, names), "--output-dir", str(tmp_path), "--device", "cpu"]


def test_the_input_that_changed_is_named(paths: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *paths, "--explain"]) == 0
    first, second = re.split("kept for the next run: .*\n", capsys.readouterr().out)[:2]
    assert len(re.findall(r"\) +ran .* first time", first)) == 3
    assert re.search(r"node 1 \(LoadImage\) +reused from memory", second)
    assert re.search(r"node 2 \(ImageScaleBy\) +ran +\d+\.\d\d +\S+ .B +scale_by: 0.1 → 0.2", second)
    assert re.search(r"node 3 \(SaveImage\) +ran .*images: the result of node 2 \(ImageScaleBy\) changed", second)


def test_programs_get_the_same(paths: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *paths, "--json"]) == 0
    nodes = json.loads(capsys.readouterr().out)["graphs"][1]["nodes"]
    assert (nodes["1"]["status"], nodes["1"]["source"], nodes["1"]["why"]) == ("reused", "memory", [])
    (why,) = nodes["2"]["why"]
    assert why == {
        "kind": "constant", "input_name": "scale_by", "before": "0.1", "after": "0.2", "text": "scale_by: 0.1 → 0.2",
    }  # fmt: skip
    assert nodes["2"]["bytes"] > 1000


@pytest.fixture
def every_result_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_cache, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(disk_cache, "BYTES_PER_SECOND", 1e18)


@pytest.mark.usefixtures("every_result_is_worth_it")
def test_the_next_start_finds_pictures_on_the_disk(
    paths: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = ["run", *paths, "--cache-dir", str(tmp_path / "cache")]
    assert main(again) == 0
    written = list((tmp_path / "cache").iterdir())
    assert written
    assert all(path.suffix == ".safetensors" for path in written)
    capsys.readouterr()
    assert main([*again, "--json"]) == 0
    nodes = json.loads(capsys.readouterr().out)["graphs"][0]["nodes"].values()
    assert [(node["status"], node["source"]) for node in nodes] == [("reused", "disk"), ("reused", "disk"), ("ran", "")]


def test_what_runs_take_is_remembered(paths: list[str], caches: Path) -> None:
    assert main(["run", *paths]) == 0
    lines = json.loads((caches / "ldm_nodes" / "costs.json").read_text())["lines"]
    assert {"LoadImage", "ImageScaleBy", "SaveImage"} <= set(lines)


@pytest.mark.usefixtures("every_result_is_worth_it")
def test_a_place_that_cannot_be_written_is_told_and_no_failure(
    paths: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert main(["run", *paths, "--cache-dir", str(tmp_path / "file" / "x")]) == 0
    told = capsys.readouterr().err
    assert "How long nodes took cannot be remembered" in told
    assert "Results cannot be kept in" in told


def test_titles_cannot_steer_the_terminal() -> None:
    prompt = Prompt.parse({"1": {"class_type": "X", "inputs": {}, "_meta": {"title": "\x1b]0;owned\x07"}}})
    record = NodeRecord("ran", 1.0, causes=(Cause("constant", "a\x1b", "[bold]", "2"),), nbytes=5)
    explanation = Explanation({"1": record, "1.0.0": record}, (Eviction("[red]model\x1b", 2_000_000, 3),), 7)
    screen = io.StringIO()
    print_explanation(explanation, prompt, Console(file=screen, width=200))
    shown = screen.getvalue()
    assert "\x1b" not in shown
    assert "[bold] → 2" in shown
    assert "had to go, in this order: [red]model\ufffd (2.0 MB)" in shown
    assert "node 1.0.0 " in shown


@pytest.mark.parametrize(("nbytes", "text"), [(999, "999 B"), (1000, "1.0 kB"), (5e9, "5.0 GB"), (3e15, "3000.0 TB")])
def test_sizes(nbytes: float, text: str) -> None:
    assert shown_bytes(nbytes) == text


def test_how_far_the_whole_is_stands_on_the_screen() -> None:
    screen = io.StringIO()
    with Display(Prompt.parse({}), Console(file=screen, force_terminal=True, width=80, height=10)) as display:
        display.show(Estimate("", 0.25, 90.4))
        screen.truncate(0)
    assert "the whole graph, about 90 s left" in screen.getvalue()
    assert "25/100" in screen.getvalue()
