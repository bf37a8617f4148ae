"""`ldm-nodes new-pack`: what it writes passes its own tests, and is a pack here and in ComfyUI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ldm_nodes.cli import main
from ldm_nodes.comfyui.packs.loader import Loader
from ldm_nodes.comfyui.packs.pack import find_packs
from ldm_nodes.comfyui.packs.report import PackState
from ldm_nodes.engine.registry import Registry
from tests.comfyui import inside

ROOT = Path(__file__).parents[2]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    assert main(["new-pack", "my_pack", "--base-dir", str(tmp_path)]) == 0
    return tmp_path / "custom_nodes" / "my_pack"


def _python(pack: Path, *words: str, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path), "OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1"}
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=pack, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_its_own_tests_pass_at_once(pack: Path) -> None:
    done = _python(pack, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_it_is_a_pack_of_ours(pack: Path) -> None:
    registry = Registry()
    (report,) = Loader(registry, lambda: None).load(find_packs([pack.parent]))
    assert (report.state, report.trouble, report.findings) == (PackState.LOADED, (), ())
    assert report.nodes == ("my_pack_Brighten", "my_pack_Average")
    spec = registry["my_pack_Brighten"]
    assert (spec.module, spec.version) == ("custom_nodes.my_pack", f"1 {report.pack.digest}")
    assert spec.inputs["amount"].tooltip == "what every value is multiplied by."


def test_comfyui_finds_its_names(pack: Path) -> None:
    module = inside.load(pack)
    cls = module.NODE_CLASS_MAPPINGS["my_pack_Brighten"]
    assert module.NODE_DISPLAY_NAME_MAPPINGS["my_pack_Brighten"] == "Brighten"
    assert (cls.RETURN_TYPES, cls.RETURN_NAMES) == (("IMAGE",), ("image",))


def test_without_this_package_it_says_what_it_needs(pack: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(pack.parent)!r}); sys.modules['ldm_nodes'] = None; import my_pack"
    done = _python(pack, "-c", code)
    assert "my_pack needs ldm_nodes; install it for the Python that runs ComfyUI" in done.stderr.splitlines()[-1]


def test_nothing_is_overwritten(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "nodes.py").write_text("mine", encoding="utf-8")
    capsys.readouterr()
    assert main(["new-pack", "my_pack", "--into", str(pack.parent)]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert (pack / "nodes.py").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["../up", "has-dash", "1st", "class", "", "a/b"])
def test_a_name_that_cannot_be_imported_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new-pack", name, "--base-dir", str(tmp_path)]) == 2
    assert "cannot be imported" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_it_tells_programs_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new-pack", "other", "--into", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(tmp_path / "other")
    assert str(tmp_path / "other" / "tests" / "test_nodes.py") in told["files"]
