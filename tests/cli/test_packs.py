"""`ldm-nodes packs`, and the nodes of packs in every other command and in the server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ldm_nodes.cli import main
from ldm_nodes.comfyui.shims import install as shims
from tests.comfyui.test_packs import NODE
from tests.server.program import Program, running

SHOWN = NODE.replace("return (2 * value,)", 'return {"ui": {"text": [str(2 * value)]}, "result": (2 * value,)}')
GRAPH = {"1": {"class_type": "Twice", "inputs": {"value": 21}}}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name, source in {
        "good": SHOWN + "\nTwice.OUTPUT_NODE = True\nimport subprocess\n",
        "bad": "import a_module_that_nobody_has\n",
    }.items():
        (tmp_path / "base" / "custom_nodes" / name).mkdir(parents=True)
        (tmp_path / "base" / "custom_nodes" / name / "__init__.py").write_text(source, encoding="utf-8")
    return tmp_path / "base"


@pytest.fixture(autouse=True)
def _alone() -> object:
    yield
    shims.uninstall()


def test_the_command_tells_what_became_of_each(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["packs", "--base-dir", str(base)]) == 1
    told = capsys.readouterr().out
    assert "good: loaded, 1 nodes" in told
    assert "1 findings" in told
    assert "bad: failed, 0 nodes" in told
    assert "pip install a-module-that-nobody-has" in told
    assert main(["packs", "good", "--base-dir", str(base)]) == 0
    assert "good/__init__.py" in capsys.readouterr().out
    assert main(["packs", "absent", "--base-dir", str(base)]) == 2


def test_a_graph_with_a_packs_node_runs(base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "graph.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    assert main(["run", str(tmp_path / "graph.json"), "--base-dir", str(base), "--json"]) == 0
    out = capsys.readouterr()
    assert json.loads(out.out)["graphs"][0]["texts"] == {"1": ["42"]}
    assert "Pack bad: It needs the module a_module_that_nobody_has" in out.err


def test_the_server_offers_and_runs_it(base: Path) -> None:
    with running(base) as program:
        assert "Twice" in program.get("/object_info")
        assert {pack["name"]: pack["state"] for pack in program.get("/packs")} == {"good": "loaded", "bad": "failed"}
        (job,) = program.finish(program.queue(GRAPH))
        assert job["state"] == "done", job
        assert job["outputs"]["1"]["text"] == ["42"]


def test_a_pack_is_loaded_again_when_it_is_saved(base: Path) -> None:
    source = base / "custom_nodes" / "good" / "__init__.py"
    program = Program(base, command=("dev", str(source.parent)))
    try:
        assert {pack["name"] for pack in program.get("/packs")} == {"good"}
        (job,) = program.finish(program.queue(GRAPH))
        assert job["outputs"]["1"]["text"] == ["42"]
        source.write_text(source.read_text(encoding="utf-8").replace("2 * value", "3 * value"), encoding="utf-8")
        program.hear("loaded again in")
        (job,) = program.finish(program.queue(GRAPH))
        assert job["outputs"]["1"]["text"] == ["63"]
        source.write_text("def broken(:\n", encoding="utf-8")
        program.hear("not valid Python")
        status, answer = program.ask("POST", "/prompt", {"prompt": GRAPH})
        assert (status, answer["error"]["type"]) == (400, "invalid_prompt")
    finally:
        program.stop()


def test_requests_that_wait_for_packs_keep_nobody_else_waiting(base: Path, tmp_path: Path) -> None:
    done = tmp_path / "go on"
    source = base / "custom_nodes" / "good" / "__init__.py"
    slow = f"import pathlib, time\nwhile not pathlib.Path({str(done)!r}).exists(): time.sleep(0.02)\n"
    source.write_text(slow + source.read_text(encoding="utf-8"), encoding="utf-8")
    with running(base) as program, ThreadPoolExecutor(40) as threads:
        asked = [threads.submit(program.get, "/object_info") for _ in range(40)]
        for path in ("/settings", "/jobs", "/"):
            assert program.ask("GET", path)[0] == 200
        assert not any(answer.done() for answer in asked)
        done.touch()
        assert all("Twice" in answer.result() for answer in asked)
