"""`validate`, `nodes`, `models`, `inspect`: what they print and when they fail."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ldm_nodes.cli import main
from ldm_nodes.imaging.latent_file import save_latent
from ldm_nodes.imaging.metadata import describe
from ldm_nodes.imaging.naming import start_series
from ldm_nodes.sampling.tables import SAMPLERS, SCHEDULERS

SCALED = """{
    "1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
    "2": {"class_type": "ImageScaleBy", "inputs": {"image": ["1", 0], "upscale_method": "area", "scale_by": %s}},
    "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}}
}"""
GRAPHS = Path(__file__).parents[2] / "graphs"


def test_every_shared_graph_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", *map(str, sorted(GRAPHS.glob("*.json")))]) == 0
    assert "valid" in capsys.readouterr().out


def test_all_problems_are_listed_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = json.loads((GRAPHS / "txt2img.json").read_text())
    graph["3"]["inputs"] |= {"steps": 0, "sampler_name": "eular", "model": ["77", 0]}
    del graph["6"]["inputs"]["text"]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(graph))
    assert main(["validate", str(broken)]) == 2
    out = capsys.readouterr().out
    assert "4 problems" in out
    for hint in ("steps", "Did you mean euler", "77", 'input "text"'):
        assert hint in out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[]", "object"),
        ('{"nodes": [], "links": []}', "no outputs"),
        (SCALED % "NaN", "nan"),
        (SCALED % "-Infinity", "-inf"),
        (SCALED % "1e400", "inf"),
        (SCALED % "1e9", "bigger than max"),
        ('{"1": {"class_type": "NoSuchNode", "inputs": {}}}', "NoSuchNode"),
    ],
)
def test_foreign_text_is_named(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "graph.json"
    path.write_text(text)
    assert main(["validate", str(path)]) == 2
    assert says in capsys.readouterr().out


def test_the_catalogue_describes_a_node(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "KSampler"]) == 0
    out = capsys.readouterr().out
    for part in ("sampler_name", "default 8.0", "0…18446744073709551615", "LATENT", *SAMPLERS, *SCHEDULERS):
        assert part in out
    assert max(map(len, out.splitlines())) <= 120


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_the_catalogue_can_be_printed_in_any_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["nodes"]) == 0
    stream.flush()
    assert b"KSampler" in stream.buffer.getvalue()


def test_an_unknown_node_is_told_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "KSampl"]) == 2
    assert "Did you mean KSampler" in capsys.readouterr().err


def test_the_catalogue_has_comfyuis_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "EmptyLatentImage", "--json"]) == 0
    info = json.loads(capsys.readouterr().out)["EmptyLatentImage"]
    assert info["input"]["required"]["width"] == ["INT", {"default": 512, "min": 16, "max": 16384, "step": 8}]
    assert info["output"] == ["LATENT"]


def test_models_are_found_where_they_lie(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "models" / "loras" / "style" / "fox.safetensors"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"0" * 2_000_000)
    assert main(["models", "--base-dir", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["loras"] == [{"name": "style/fox.safetensors", "path": str(own), "megabytes": 2.0}]
    assert "tiny-sd-v1.safetensors" in [file["name"] for file in found["checkpoints"]]


def test_a_folder_of_diffusers_is_one_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "models" / "diffusers" / "fox"
    for name in ("model_index.json", "unet/config.json", "vae/config.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b" " * 500_000)
    assert main(["models", "--base-dir", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["diffusers"]
    assert found == [{"name": "fox", "path": str(folder), "megabytes": 1.5}]


def test_a_latent_tells_its_size_and_its_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = describe("params", {"1": {"class_type": "SaveLatent"}}, {}, None)
    saved = save_latent(np.zeros((2, 4, 8, 12), np.float32), start_series(tmp_path, "fox"), texts)
    assert main(["inspect", str(saved.path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"latent": "2 of 12 × 8 cells, 4 channels", "graph": {"1": {"class_type": "SaveLatent"}}}


def test_a_folder_that_is_no_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(tmp_path)]) == 2
    assert f"{tmp_path.name} is a folder without model_index.json" in capsys.readouterr().err


def test_texts_of_a_strange_picture_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = PngInfo()
    texts.add_text("comment", "\x1b]0;owned\x07")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png", pnginfo=texts)
    assert main(["inspect", str(tmp_path / "a.png")]) == 0
    out = capsys.readouterr().out
    assert "owned" in out
    assert "\x1b" not in out
