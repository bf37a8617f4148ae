"""Packs of every kind, good and bad: each is loaded or its trouble is told, and the others never notice."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ldm_nodes.comfyui.packs.loader import Loader
from ldm_nodes.comfyui.packs.pack import find_packs, installed_packs
from ldm_nodes.comfyui.packs.report import PackReport, PackState
from ldm_nodes.comfyui.shims import install as shims
from ldm_nodes.comfyui.shims.host import Host
from ldm_nodes.engine import walk
from ldm_nodes.engine.registry import Registry
from tests.engine.pack import FOLDERS

NODE = """
class Twice:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"default": 1})}}
    RETURN_TYPES = ("INT",)
    FUNCTION = "run"
    CATEGORY = "test"
    def run(self, value):
        return (2 * value,)

NODE_CLASS_MAPPINGS = {"Twice": Twice}
NODE_DISPLAY_NAME_MAPPINGS = {"Twice": "Twice as much"}
"""
Write = Callable[..., None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "custom_nodes"


@pytest.fixture
def write(folder: Path) -> Iterator[Write]:
    """Write packs: name to source; with a slash, a further file of it. Their modules are forgotten afterwards."""
    before = set(sys.modules)

    def pack(**sources: str) -> None:
        for name, source in sources.items():
            (folder / name).mkdir(parents=True)
            (folder / name / "__init__.py").write_text(textwrap.dedent(source), encoding="utf-8")

    yield pack
    for name in set(sys.modules) - before:
        if str(folder).replace(".", "_x_") in name:
            del sys.modules[name]


def load(folder: Path, registry: Registry | None = None, seconds: float = 20.0) -> dict[str, PackReport]:
    found = registry if registry is not None else Registry()
    loader = Loader(found, lambda: shims.install(Host(FOLDERS, found)), seconds=seconds)
    try:
        return {report.pack.name: report for report in loader.load(find_packs([folder]))}
    finally:
        shims.uninstall()


def test_a_pack_brings_its_nodes(folder: Path, write: Write) -> None:
    write(good=NODE)
    registry = Registry()
    report = load(folder, registry)["good"]
    assert (report.state, report.nodes, report.trouble) == (PackState.LOADED, ("Twice",), ())
    info = registry.object_info(FOLDERS)["Twice"]
    assert (info["display_name"], info["python_module"]) == ("Twice as much", "custom_nodes.good")
    assert registry["Twice"].version == report.pack.digest


def test_every_bad_pack_is_told_and_the_good_one_works(folder: Path, write: Write) -> None:
    write(
        broken="def f(:\n",
        needy="import a_module_that_nobody_has\n",
        raising="raise RuntimeError('not today')\n",
        leaving="import sys\nsys.exit(3)\n",
        empty="x = 1\n",
        unknown="import comfy.a_part_that_is_not_built\n",
        good=NODE,
    )
    reports = load(folder)
    assert {name: report.state for name, report in reports.items()} == {
        name: PackState.LOADED if name == "good" else PackState.FAILED for name in reports
    }
    told = {name: report.trouble[0] for name, report in reports.items() if report.trouble}
    assert "not valid Python" in told["broken"].message
    assert "line 1" in told["broken"].message
    assert told["needy"].missing == "a_module_that_nobody_has"
    assert "pip install a-module-that-nobody-has" in told["needy"].remedy
    assert "not today" in told["raising"].message
    assert "raising/__init__.py" in told["raising"].traceback
    assert str(folder) not in told["raising"].traceback
    assert "SystemExit" in told["leaving"].message
    assert "neither NODE_CLASS_MAPPINGS nor comfy_entrypoint" in told["empty"].message
    assert "part of ComfyUI" in told["unknown"].remedy


def test_an_endless_import_is_ended(folder: Path, write: Write) -> None:
    write(endless="while True: pass\n", good=NODE)
    reports = load(folder, seconds=0.3)
    assert "did not come to an end within 0.3 s" in reports["endless"].trouble[0].message
    assert reports["good"].state is PackState.LOADED


def test_a_name_that_is_taken_is_there_under_the_packs_own(folder: Path, write: Write) -> None:
    write(first=NODE, second=NODE)
    registry = Registry()
    reports = load(folder, registry)
    assert reports["first"].nodes == ("Twice",)
    assert reports["second"].nodes == ("second/Twice",)
    (trouble,) = reports["second"].trouble
    assert "custom_nodes.first" in trouble.message
    assert "custom_nodes.second" in trouble.message
    assert registry["second/Twice"].module == "custom_nodes.second"
    assert registry["Twice"].module == "custom_nodes.first"


def test_one_bad_class_does_not_take_the_others_away(folder: Path, write: Write) -> None:
    write(mixed=NODE + "\nclass Bad(Twice):\n    FUNCTION = 'nowhere'\nNODE_CLASS_MAPPINGS['Bad'] = Bad\n")
    report = load(folder)["mixed"]
    assert (report.state, report.nodes) == (PackState.LOADED, ("Twice",))
    assert "'nowhere'" in report.trouble[0].message


def test_secrets_of_the_environment_are_out_of_sight(
    folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "canary")
    monkeypatch.setenv("HF_TOKEN", "canary")
    monkeypatch.setenv("PLAIN", "seen")
    write(curious=NODE + "\nimport os\nNODE_DISPLAY_NAME_MAPPINGS['Twice'] = str('canary' in str(os.environ))\n")
    registry = Registry()
    load(folder, registry)
    assert registry["Twice"].display_name == "False"
    assert os.environ["SOME_API_KEY"] == "canary"


def test_a_patched_engine_is_noticed(folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(name for name, value in vars(walk).items() if callable(value) and value.__module__ == walk.__name__)
    monkeypatch.setattr(walk, name, getattr(walk, name))  # so that it is put back
    write(patching=NODE + f"\nimport ldm_nodes.engine.walk as walk\nwalk.{name} = lambda *a: None\n")
    assert load(folder)["patching"].patches == (f"ldm_nodes.engine.walk.{name}",)


def test_what_stands_out_in_a_pack_is_found_without_running_it(folder: Path, write: Write) -> None:
    write(risky="import subprocess\neval('1')\nraise RuntimeError\n")
    (folder / "risky" / "start.pth").write_text("import os\n", encoding="utf-8")
    found = {(finding.what, finding.line) for finding in load(folder)["risky"].findings}
    assert found == {("subprocess", 1), ("eval", 2), ("start.pth", 0)}


def test_folders_that_are_no_packs_are_left_alone(folder: Path, write: Write) -> None:
    write(off=NODE)
    (folder / "off").rename(folder / "off.disabled")
    (folder / "__pycache__").mkdir()
    (folder / "notes").mkdir()
    (folder / "single.py").write_text(NODE, encoding="utf-8")
    assert set(load(folder)) == {"single"}


def test_nothing_of_comfyui_is_there_without_packs(folder: Path) -> None:
    folder.mkdir()
    assert load(folder) == {}
    assert not any(name == "comfy" or name.startswith(("comfy.", "comfy_", "folder_paths")) for name in sys.modules)


def test_packs_that_pip_installed_are_found_by_their_entry_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "an_installed_pack" / "inner").mkdir(parents=True)
    (site / "an_installed_pack" / "__init__.py").write_text("raise RuntimeError('not to be run')", encoding="utf-8")
    (site / "an_installed_pack" / "inner" / "__init__.py").write_text(NODE, encoding="utf-8")
    (site / "an_installed_file.py").write_text(NODE, encoding="utf-8")
    (site / "some-1.0.dist-info").mkdir()
    (site / "some-1.0.dist-info" / "METADATA").write_text("Name: some\nVersion: 1.0\n", encoding="utf-8")
    (site / "some-1.0.dist-info" / "entry_points.txt").write_text(
        "[ldm_nodes.packs]\n"
        "file = an_installed_file\ninner = an_installed_pack.inner\nabsent = a_module_that_nobody_has\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(site)
    found = {pack.name: pack for pack in installed_packs()}
    assert {name: (pack.module, pack.path) for name, pack in found.items()} == {
        "file": ("an_installed_file", site / "an_installed_file.py"),
        "inner": ("an_installed_pack.inner", site / "an_installed_pack" / "inner"),
    }
    registry = Registry()
    loader = Loader(registry, lambda: shims.install(Host(FOLDERS, registry)))
    try:
        reports = {report.pack.name: report for report in loader.load(found.values())}
    finally:
        shims.uninstall()
        sys.modules.pop("an_installed_file", None)
    assert reports["file"].nodes == ("Twice",)
    assert registry["Twice"].module == "custom_nodes.file"
    assert "not to be run" in reports["inner"].trouble[0].message
    assert reports["inner"].state is PackState.FAILED


OURS = '''
from ldm_nodes.engine.spec import node

@node("Twice", category="test", version=3)
def twice(value: int = 1) -> int:
    """Double a number."""
    return 2 * value
'''


def test_typed_functions_are_nodes_listed_or_registered(folder: Path, write: Write) -> None:
    write(
        listed=OURS + "\nNODES = [twice]\nNODE_CLASS_MAPPINGS = {'Other': object}\n",
        registered=OURS + "\ndef register(registry):\n    registry.register(twice)\n",
        unrelated=NODE + "\nNODES = ['text']\ndef register(cls):\n    raise RuntimeError\n",
        failing="def register(registry):\n    raise RuntimeError('not today')\n",
    )
    registry = Registry()
    reports = load(folder, registry)
    assert reports["listed"].nodes == ("Twice",)
    assert reports["registered"].nodes == ("registered/Twice",)
    assert reports["unrelated"].nodes == ("unrelated/Twice",)
    assert "not today" in reports["failing"].trouble[0].message
    spec = registry["Twice"]
    assert (spec.module, spec.version) == ("custom_nodes.listed", f"3 {reports['listed'].pack.digest}")
    assert spec.function(value=4) == 8
