"""Packs that do harm, by mistake or not, in a server at work: each is told, and a good pack beside them runs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.cli import main
from ldm_nodes.comfyui.shims import install as shims
from tests.comfyui.test_packs import NODE
from tests.server.program import Program, running

NODES = """
import math, time
from pathlib import Path

LOG = Path(__file__).with_name("runs.txt")

class Base:
    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test"
    OUTPUT_NODE = True
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"default": 1})}}

class NeverTheSame(Base):
    @classmethod
    def IS_CHANGED(cls, **inputs):
        return float("nan")
    def run(self, value):
        with LOG.open("a") as file:
            file.write("x")
        return {"ui": {"text": [str(value)]}, "result": (value,)}

class Bare(Base):
    def run(self, value):
        return value

class Short(Base):
    RETURN_TYPES = ("INT", "INT")
    def run(self, value):
        return (value,)

class Huge(Base):
    def run(self, value):
        import torch
        return (torch.ones(1 << 50),)

class Endless(Base):
    def run(self, value):
        while True:
            time.sleep(0.01)

class Leaving(Base):
    def run(self, value):
        raise SystemExit(3)

NODE_CLASS_MAPPINGS = {
    cls.__name__: cls for cls in (NeverTheSame, Bare, Short, Huge, Endless, Leaving)
}
"""
PACKS = {
    "broken": "def f(:\n",
    "needy": "import a_module_that_nobody_has\n",
    "raising": "raise RuntimeError('not today')\n",
    "colliding": NODE.replace('"Twice": Twice}', '"EmptyLatentImage": Twice}', 1),
    "patching": NODE.replace('{"Twice"', '{"Patching"')
    + "\nimport ldm_nodes.engine.documents as documents\ndocuments.read_document = lambda *a: None\n",
    "nodes": NODES,
    "prestarted": NODE.replace('{"Twice"', '{"Prestarted"'),
    "starting": NODE.replace('{"Twice"', '{"Starting"'),
    "writing": NODE.replace('{"Twice"', '{"Writing"')
    + "\nfrom pathlib import Path\n"
    + "(Path(__file__).parents[1] / 'good' / 'more.py').write_text('x = 1')\n",
    "good": NODE + "\nTwice.OUTPUT_NODE = True\n",
}


def _graph(name: str, value: int = 21) -> dict[str, Any]:
    return {"1": {"class_type": name, "inputs": {"value": value}}}


def _write(base: Path, **packs: str) -> None:
    for name, source in packs.items():
        (base / "custom_nodes" / name).mkdir(parents=True)
        (base / "custom_nodes" / name / "__init__.py").write_text(source, encoding="utf-8")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad") / "base"
    _write(folder, **PACKS)
    packs = folder / "custom_nodes"
    (packs / "prestarted" / "prestartup_script.py").write_text(
        "from pathlib import Path\nPath(__file__).with_name('ran').touch()\n", encoding="utf-8"
    )
    (packs / "starting" / "start.pth").write_text("import os\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def program(base: Path) -> Iterator[Program]:
    with running(base) as found:
        yield found


@pytest.fixture(scope="module")
def told(program: Program) -> dict[str, Any]:
    return {pack["name"]: pack for pack in program.get("/packs")}


def _works(program: Program) -> None:
    """Hold that the queue goes on."""
    (job,) = program.finish(program.queue(_graph("Twice")))
    assert job["state"] == "done", job


def test_the_rest_is_loaded_and_runs(told: dict[str, Any], program: Program) -> None:
    failed = {"broken", "needy", "raising"}
    assert {name: pack["state"] for name, pack in told.items()} == {
        name: "failed" if name in failed else "loaded" for name in PACKS
    }
    _works(program)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("broken", "not valid Python"),
        ("needy", "needs the module a_module_that_nobody_has"),
        ("raising", "RuntimeError: not today"),
        (
            "colliding",
            "EmptyLatentImage is taken by ldm_nodes.nodes.latents, so custom_nodes.colliding does not get it",
        ),
    ],
)
def test_what_is_wrong_is_told_with_a_remedy(told: dict[str, Any], name: str, words: str) -> None:
    (trouble,) = told[name]["trouble"]
    assert words in trouble["message"]
    assert trouble["remedy"]


def test_core_nodes_are_not_replaced(told: dict[str, Any], program: Program) -> None:
    assert told["colliding"]["nodes"] == ["colliding/EmptyLatentImage"]
    info = program.get("/object_info")
    assert info["EmptyLatentImage"]["python_module"].startswith("ldm_nodes.nodes")
    assert info["colliding/EmptyLatentImage"]["python_module"] == "custom_nodes.colliding"


def test_replaced_parts_and_changed_files_are_named(told: dict[str, Any]) -> None:
    assert told["patching"]["patches"] == ["ldm_nodes.engine.documents.read_document"]
    assert told["writing"]["written"] == ["good/more.py"]
    assert not any(pack["written"] for name, pack in told.items() if name != "writing")


def test_scripts_that_run_before_a_start_are_not_run(told: dict[str, Any], base: Path) -> None:
    assert not (base / "custom_nodes" / "prestarted" / "ran").exists()
    assert told["starting"]["findings"][0]["what"] == "start.pth"


def test_a_fingerprint_that_is_no_number_runs_every_time(program: Program, base: Path) -> None:
    for _ in range(3):
        (job,) = program.finish(program.queue(_graph("NeverTheSame")))
        assert job["state"] == "done", job
    assert (base / "custom_nodes" / "nodes" / "runs.txt").read_text(encoding="utf-8") == "xxx"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Bare", "returned int where it declares 1 outputs"),
        ("Short", "2"),
        ("Huge", "memory"),
        ("Leaving", "SystemExit"),
    ],
)
def test_a_node_that_misbehaves_fails_alone(program: Program, name: str, words: str) -> None:
    (job,) = program.finish(program.queue(_graph(name)))
    assert job["state"] == "failed", job
    assert words in json.dumps(job), job
    _works(program)


def test_a_node_that_never_returns_is_left_behind(program: Program) -> None:
    job_id = program.queue(_graph("Endless"))
    while program.job(job_id)["state"] != "running":
        time.sleep(0.02)
    assert program.ask("POST", "/interrupt")[0] == 200
    (job,) = program.finish(job_id)
    assert job["state"] == "cancelled", job
    _works(program)


def test_an_endless_import_is_given_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(tmp_path, endless="while True: pass\n", good=PACKS["good"])
    try:
        assert main(["packs", "--base-dir", str(tmp_path), "--load-seconds", "0.5"]) == 1
    finally:
        shims.uninstall()
    out = capsys.readouterr().out
    assert "endless: failed" in out
    assert "did not come to an end within 0.5 s" in out
    assert "good: loaded" in out


def test_a_core_node_is_replaced_where_that_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(tmp_path, colliding=PACKS["colliding"])
    try:
        assert main(["packs", "--base-dir", str(tmp_path), "--json", "--allow-override", "EmptyLatentImage"]) == 0
    finally:
        shims.uninstall()
    (report,) = json.loads(capsys.readouterr().out)
    assert (report["nodes"], report["trouble"]) == (["EmptyLatentImage"], [])


def test_a_pack_that_is_a_link_to_nowhere_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "custom_nodes").mkdir()
    (tmp_path / "custom_nodes" / "gone").symlink_to(tmp_path / "absent")
    assert main(["packs", "--base-dir", str(tmp_path)]) == 0
