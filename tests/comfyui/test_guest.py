"""This package as a node pack of ComfyUI: linked, loaded as its loader does, and run beside its values."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import ldm_nodes
from ldm_nodes.cli import main
from ldm_nodes.comfyui import guest
from ldm_nodes.comfyui.adapter import SHARED, WIRE_PREFIX, wire
from ldm_nodes.engine.sockets import WIDGET_TYPES
from ldm_nodes.imaging.metadata import read
from tests.comfyui import inside

PACKAGE = Path(ldm_nodes.__file__).parent


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("Comfy.UI")  # with a dot, which module names cannot have
    checkpoints = folder / "models" / "checkpoints"
    for name in ("custom_nodes", "input", "output", "temp"):
        (folder / name).mkdir()
    checkpoints.mkdir(parents=True)
    for file in (PACKAGE / "assets" / "checkpoints").glob("tiny-sd-v1.*"):
        shutil.copy(file, checkpoints)
    return folder


@pytest.fixture(scope="module")
def found(base: Path) -> dict[str, Any]:
    """Return what the program found in an interpreter that has never heard of this package."""
    assert main(["link-comfyui", str(base)]) == 0
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-W", "error", inside.__file__, str(base)],
        capture_output=True, text=True, cwd=base, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_loading_and_describing_imports_no_torch(found: dict[str, Any]) -> None:
    assert not found["torch at load"]
    assert not found["torch when described"]
    assert not found["own name"], "inside ComfyUI the package goes by its path"


def test_every_name_has_the_prefix_and_every_class_stands_below_one_menu(found: dict[str, Any]) -> None:
    classes = found["classes"]
    assert classes.keys() == found["titles"].keys() == {f"LdmNodes_{name}" for name in guest.NODES}
    assert all(cls["category"].startswith("ldm_nodes/") for cls in classes.values())
    assert {name for name, cls in classes.items() if cls["is_output"]} == {
        "LdmNodes_SaveImageAs", "LdmNodes_WatermarkDecode", "LdmNodes_SaveCheckpoint"
    }  # fmt: skip


def test_wires_are_comfyuis_own_or_lead_only_to_our_nodes(found: dict[str, Any]) -> None:
    for name, cls in found["classes"].items():
        wires = [kind for kind in (*cls["types"], *cls["output"]) if isinstance(kind, str)]
        assert all(kind in SHARED | WIDGET_TYPES or kind.startswith(WIRE_PREFIX) for kind in wires), name
    sampler = found["classes"]["LdmNodes_KSampler"]
    assert sampler["output"] == ["LATENT"]
    assert {"LDM_MODEL", "CONDITIONING", "LATENT"} <= {kind for kind in sampler["types"] if isinstance(kind, str)}


def test_files_are_those_of_comfyuis_folders(found: dict[str, Any], base: Path) -> None:
    (names, *_) = found["classes"]["LdmNodes_CheckpointLoaderSimple"]["types"]
    assert "tiny-sd-v1.safetensors" in names
    size = (base / "models" / "checkpoints" / "tiny-sd-v1.safetensors").stat().st_size
    assert size in {entry[-1] for entry in found["changed"]}


def test_values_have_comfyuis_forms(found: dict[str, Any]) -> None:
    assert found["picture"] == [[1, 64, 64, 3], "torch.float32"]
    shape, options = found["conditioning"]
    assert shape[:2] == [1, 77]
    assert "pooled_output" in options
    assert not found["inference"]


def test_steps_are_shown_on_comfyuis_progress_bar(found: dict[str, Any]) -> None:
    assert [value for value, total, preview in found["progress"] if total == 2 and not preview] == [1, 2]
    assert any(preview for _, total, preview in found["progress"] if total == 2)


def test_a_saved_picture_tells_how_it_was_made(found: dict[str, Any], base: Path) -> None:
    (image,) = found["ui"]["images"]
    assert found["result"] == []
    path = base / "output" / image["subfolder"] / image["filename"]
    with Image.open(path) as picture:
        assert picture.size == (64, 64)
    told = read(path)
    assert told.prompt == inside.PROMPT
    steps = told.provenance["steps"]
    assert [step["checkpoint"] for step in steps if "checkpoint" in step] == ["tiny-sd-v1.safetensors"]
    assert [step["sampler_name"] for step in steps if "sampler_name" in step] == ["ddim_ldm"]
    assert str(base) not in json.dumps(told.provenance)


def test_a_union_of_types_is_renamed_member_by_member() -> None:
    assert wire("INT,MODEL") == "INT,LDM_MODEL"
    assert wire(("a", "b")) == ["a", "b"]


def test_sources_are_found_once_the_farthest_first() -> None:
    prompt = {
        "1": {"inputs": {}},
        "2": {"inputs": {"a": ["1", 0], "n": [3, 4]}},
        "3": {"inputs": {"a": ["1", 0], "b": ["2", 0], "gone": ["9", 0]}},
    }
    assert guest.sources(prompt, "3") == ["2", "1"]


def test_the_link_is_laid_once_and_over_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link-comfyui", str(tmp_path)]) == 2
    assert "has no folder custom_nodes/" in capsys.readouterr().err
    (tmp_path / "custom_nodes").mkdir()
    assert main(["link-comfyui", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["made"] is True
    link = tmp_path / "custom_nodes" / "ldm_nodes"
    assert link.resolve() == PACKAGE.resolve()
    assert main(["link-comfyui", str(tmp_path / "custom_nodes")]) == 0
    assert "was there already" in capsys.readouterr().out
    link.unlink()
    link.mkdir()
    assert main(["link-comfyui", str(tmp_path)]) == 2
    assert "is not this package" in capsys.readouterr().err
