"""What a graph needs, what of it is here, and what comes nearest to the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.equivalents import Equivalent
from ldm_nodes.engine.pack_hints import hints_of
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.requirements import NeededFile, Requirements, requirements
from ldm_nodes.engine.workflow import Workflow
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import Folders

GRAPHS = sorted((Path(__file__).parents[2] / "graphs").glob("*.json"))


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for name in (
        "models/checkpoints/sd/dreams_v2.safetensors",
        "models/embeddings/bad.pt",
        "models/loras/a.safetensors",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "made.png").write_bytes(b"x")
    (tmp_path / "models" / "diffusers" / "small" / "unet").mkdir(parents=True)
    (tmp_path / "models" / "diffusers" / "small" / "model_index.json").write_text("{}")
    return Folders.under(tmp_path)


def _needed(folders: Folders, **nodes: tuple[str, dict[str, Any]]) -> Requirements:
    data = {node_id: {"class_type": kind, "inputs": inputs} for node_id, (kind, inputs) in nodes.items()}
    return requirements(Prompt.parse(data), builtin_registry(), folders)


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_everything_that_the_shared_graphs_need_is_here(path: Path, folders: Folders) -> None:
    assert requirements(Prompt.parse(path.read_text()), builtin_registry(), folders).met


def test_files_are_told_with_kind_place_and_use(folders: Folders) -> None:
    needed = _needed(
        folders,
        a=("CheckpointLoaderSimple", {"ckpt_name": "sd\\dreams_v2.safetensors"}),
        b=("CheckpointLoaderSimple", {"ckpt_name": "sd\\dreams_v2.safetensors"}),
        c=("CLIPTextEncode", {"text": "a fox, (embedding:bad:1.2), embedding:absent,", "clip": ["a", 1]}),
        d=("LoadImage", {"image": "made.png [output]"}),
        e=("DiffusersLoader", {"model_path": "small"}),
        f=("CheckpointLoaderSimple", {"ckpt_name": ["c", 0]}),
    )
    base = folders.base.resolve()
    assert needed.files == (
        NeededFile(
            "checkpoints",
            "sd\\dreams_v2.safetensors",
            ("a.ckpt_name", "b.ckpt_name"),
            base / "models/checkpoints/sd/dreams_v2.safetensors",
        ),
        NeededFile("embeddings", "bad", ("c.text",), base / "models/embeddings/bad.pt"),
        NeededFile("embeddings", "absent", ("c.text",), None),
        NeededFile("output", "made.png", ("d.image",), base / "output/made.png"),
        NeededFile("diffusers", "small", ("e.model_path",), base / "models/diffusers/small"),
    )


@pytest.mark.parametrize(
    ("kind", "name", "nearest"),
    [
        ("CheckpointLoaderSimple", "Dreams-V2.ckpt", "sd/dreams_v2.safetensors"),
        ("CheckpointLoaderSimple", "other/dreams_v2.safetensors", "sd/dreams_v2.safetensors"),
        ("Anything", "../dreams_v2.safetensors", "sd/dreams_v2.safetensors"),
    ],
)
def test_a_missing_file_has_a_nearest(kind: str, name: str, nearest: str, folders: Folders) -> None:
    input_name = "ckpt_name" if kind != "Anything" else "model"
    (file,) = _needed(folders, a=(kind, {input_name: name})).files
    assert file.path is None
    assert file.nearest[0] == nearest


def test_an_unknown_class_tells_its_files_by_their_endings(folders: Folders) -> None:
    inputs = {"lora": "a.safetensors", "picture": "holes.PNG", "word": "a.b", "size": 3}
    needed = _needed(folders, a=("Stranger", inputs))
    assert [(file.kind, file.name, file.path is not None) for file in needed.files] == [
        ("models", "a.safetensors", True),
        ("input", "holes.PNG", False),
    ]


SAMPLING = {
    "model": ["4", 0], "positive": ["6", 0], "negative": ["6", 0], "latent_image": ["5", 0],
    "seed": 1, "steps": 2, "cfg": 3, "sampler_name": "", "scheduler": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("stranger", "inputs", "nearest"),
    [
        ("KSampler (Efficient)", {"model": ["4", 0], "seed": 1}, Equivalent("KSampler", True)),
        ("Ksampler //Inspire", {"model": ["4", 0]}, Equivalent("KSampler", True)),
        ("ImageInverter", {"image": ["4", 0]}, Equivalent("ImageInvert", False)),
        ("Denoise", SAMPLING, Equivalent("KSampler", True)),
    ],
)
def test_an_unknown_class_has_a_nearest_by_name_and_by_wires(
    stranger: str, inputs: dict[str, Any], nearest: Equivalent, folders: Folders
) -> None:
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "4": ("CheckpointLoaderSimple", {"ckpt_name": "sd/dreams_v2.safetensors"}),
        "5": ("EmptyLatentImage", {}),
        "6": ("CLIPTextEncode", {"text": "", "clip": ["4", 1]}),
        "3": (stranger, inputs),
        "8": ("VAEDecode", {"samples": ["3", 0], "vae": ["4", 2]}),
    }
    needed = _needed(folders, **nodes)
    (unknown,) = [need for need in needed.classes if not need.present]
    assert (unknown.name, unknown.nodes) == (stranger, ("3",))
    assert unknown.nearest[0] == nearest
    assert not needed.met


def test_what_is_like_nothing_has_no_nearest(folders: Folders) -> None:
    (need,) = _needed(folders, a=("Quux", {"zz": 1})).classes
    assert need.nearest == ()


def test_the_author_s_editor_may_have_noted_where_things_come_from() -> None:
    inner = {"id": 2, "type": "B", "properties": {"aux_id": "author/pack", "ver": "0c1d2e", "cnr_id": None}}
    document = {
        "nodes": [
            {"id": 1, "type": "A", "properties": {"cnr_id": "a-pack", "ver": "1.0.2", "models": [
                {"name": "m.safetensors", "url": "https://example.org/m", "directory": "vae"}, {"name": 3}, None]}},
            {"id": 3, "type": "C", "properties": {"models": "none"}},
        ],
        "links": [],
        "version": 0.4,
        "definitions": {"subgraphs": [{"id": "s", "name": "S", "inputs": [], "outputs": [], "nodes": [inner]}]},
    }  # fmt: skip
    hints = hints_of(Workflow.parse(json.dumps(document)))
    assert hints.packs == {"A": "a-pack 1.0.2", "B": "author/pack 0c1d2e"}
    assert hints.models == {"m.safetensors": "https://example.org/m"}
