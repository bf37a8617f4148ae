"""Model files that lie, met by a server as users meet them: named in a graph (threats 14, 20 to 24)."""

from __future__ import annotations

import ast
import json
import os
import pickle
import shutil
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

import ldm_nodes
from ldm_nodes.cli.model_paths import read_model_paths
from ldm_nodes.cli.serve_options import BadConfiguration
from ldm_nodes.engine.events import Notice
from tests.server.house import House

from .studio import made, studio

BUNDLED = "emoji-v1.safetensors"


class Harmful:
    """A pickle that would make a folder."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self._path,)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module", params=[True, False], ids=["looked at", "run"])
def house(base: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """A server that looks at models when it is given a graph, and one that meets them when it runs it."""
    for kind in ("checkpoints", "vae", "embeddings"):
        (base / "models" / kind).mkdir(parents=True, exist_ok=True)
    with studio(base, foresees=lambda: bool(request.param)) as house:
        yield house


def _saved(values: Any, path: Path, zipped: bool = True) -> bytes:
    torch.save(values, path, _use_new_zipfile_serialization=zipped)
    return path.read_bytes()


def _safetensors(header: bytes, size: int | None = None, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header) if size is None else size) + header + body


def _table(**offsets: list[int]) -> bytes:
    tensors = {name: {"dtype": "F32", "shape": [1], "data_offsets": pair} for name, pair in offsets.items()}
    return json.dumps(tensors).encode()


def _lies(trap: Path, folder: Path) -> Mapping[str, bytes]:
    scratch = folder / "scratch"
    one = b'"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}'
    return {
        "reduce": _saved({"state_dict": Harmful(trap)}, scratch),
        "reduce in an old file": _saved({"state_dict": Harmful(trap)}, scratch, zipped=False),
        "a plain pickle": pickle.dumps(Harmful(trap)),
        "a pickle in a pickle": _saved({"state_dict": {"a": pickle.dumps(Harmful(trap))}}, scratch),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(100),
        "rar": b"Rar!\x1a\x07\x01\x00" + bytes(100),
        "gzip": b"\x1f\x8b\x08" + bytes(100),
        "a page": b"<html><script>alert(1)</script></html>",
        "nothing": b"",
        "a header of 2**63 bytes": _safetensors(b"{}", 2**63),
        "a header of 100 MB": _safetensors(b"{}", 100_000_000),
        "one memory for two": _safetensors(_table(a=[0, 4], b=[2, 6]), None, bytes(6)),
        "beyond the end": _safetensors(_table(a=[0, 1 << 40]), None, bytes(4)),
        "two of one name": _safetensors(b"{%s, %s}" % (one, one), None, bytes(4)),
        "deep": _safetensors(b"[" * 100_000),
    }


LIES = (
    "reduce", "reduce in an old file", "a plain pickle", "a pickle in a pickle", "7z", "rar", "gzip", "a page",
    "nothing", "a header of 2**63 bytes", "a header of 100 MB", "one memory for two", "beyond the end",
    "two of one name", "deep",
)  # fmt: skip


def _loading(kind: str, name: str) -> dict[str, Any]:
    """Return a graph that loads a file of a kind."""
    checkpoint = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": BUNDLED}}
    size = {"width": 64, "height": 64, "batch_size": 1}
    graph: dict[str, Any] = {
        "1": checkpoint,
        "2": {"class_type": "EmptyLatentFor", "inputs": {**size, "vae": ["1", 2]}},
        "9": {"class_type": "SaveLatent", "inputs": {"samples": ["2", 0], "filename_prefix": "x"}},
    }
    if kind == "checkpoints":
        checkpoint["inputs"] = {"ckpt_name": name}
    else:
        graph["1"] = {"class_type": "VAELoader", "inputs": {"vae_name": name}}
        graph["2"]["inputs"]["vae"] = ["1", 0]
    return graph


def _outcome(house: House, graph: Mapping[str, Any]) -> str:
    """Return why a graph was refused or failed."""
    answer = house.post("/prompt", {"prompt": graph})
    if answer.status == 400:
        return answer.text
    assert answer.status == 200, answer.text
    (record,) = house.finish(answer.json["prompt_id"])
    assert record.state == "failed"
    return record.reason


@pytest.mark.parametrize("kind", ["checkpoints", "vae"])
@pytest.mark.parametrize("suffix", [".ckpt", ".safetensors"])
@pytest.mark.parametrize("lie", LIES)
def test_line_20_to_22_files_that_lie_end_in_a_sentence(
    house: House, base: Path, tmp_path: Path, kind: str, suffix: str, lie: str
) -> None:
    trap, name = tmp_path / "trap", f"{lie.replace('*', '-')}{suffix}"
    (base / "models" / kind / name).write_bytes(_lies(trap, tmp_path)[lie])
    before = (dict(os.environ), os.getcwd())
    told = _outcome(house, _loading(kind, name))
    assert name in told
    assert "Traceback" not in told
    assert str(base) not in told
    assert not trap.exists()
    assert (dict(os.environ), os.getcwd()) == before
    assert house.get(f"/view_metadata/{kind}?filename={name.replace(' ', '%20')}").status == 404


def test_line_20_the_server_goes_on_afterwards(house: House) -> None:
    assert made(house, _loading("checkpoints", BUNDLED))["status"]["status_str"] == "success"


def test_line_22_a_header_is_read_within_limits(house: House, base: Path) -> None:
    texts = {"__metadata__": {"title": "x" * (2 << 20)}}
    header = json.dumps(texts).encode()
    (base / "models" / "vae" / "long.safetensors").write_bytes(_safetensors(header))
    assert house.get("/view_metadata/vae?filename=long.safetensors").status == 404


def test_line_23_an_embedding_goes_through_the_same_loader(house: House, base: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    (base / "models" / "embeddings" / "evil.pt").write_bytes(_lies(trap, tmp_path)["reduce"])
    graph = json.loads((Path(__file__).parents[2] / "graphs" / "txt2img.json").read_text())
    graph["6"]["inputs"]["text"] = "embedding:evil"
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    graph["3"]["inputs"]["steps"] = 1
    answer = house.post("/prompt", {"prompt": graph})
    (record,) = house.finish(answer.json["prompt_id"])
    assert not trap.exists()
    told = [
        kept.event.message for kept in house.desk.events.since(0, job_id=record.id) if isinstance(kept.event, Notice)
    ]
    assert any("evil.pt asks for" in message for message in told), told


@pytest.mark.parametrize("name", ["shard_0001.pkl", "x.pt", "x.ckpt", "../models/checkpoints/x.ckpt"])
def test_line_23_what_is_uploaded_is_no_model(house: House, base: Path, tmp_path: Path, name: str) -> None:
    trap = tmp_path / "trap"
    stored = house.upload("/upload/image", {}, name, pickle.dumps(Harmful(trap)))
    assert stored.status in (200, 400)
    for kind in ("checkpoints", "vae"):
        found = f"{Path(name).name}"
        assert house.post("/prompt", {"prompt": _loading(kind, found)}).status == 400
        assert found not in house.get(f"/models/{kind}").json
    assert not trap.exists()


@pytest.mark.parametrize(
    "text",
    [
        "model:\n  target: os.system\n  params: {command: 'true'}\n",
        "model:\n  target: subprocess.Popen\n",
        "model: !!python/object/apply:os.mkdir [TRAP]\n",
        "model: &a [*a]\n",
    ],
)
def test_line_24_a_configuration_beside_a_model_imports_nothing(
    house: House, base: Path, tmp_path: Path, text: str
) -> None:
    trap = tmp_path / "trap"
    source = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / BUNDLED
    target = base / "models" / "checkpoints" / "told.safetensors"
    if not target.exists():
        shutil.copy(source, target)
    (base / "models" / "checkpoints" / "told.yaml").write_text(text.replace("TRAP", str(trap)))
    told = _outcome(house, _loading("checkpoints", "told.safetensors"))
    assert "told.yaml" in told or "target" in told
    assert not trap.exists()


def test_line_24_paths_of_models_are_plain_yaml(tmp_path: Path) -> None:
    trap, path = tmp_path / "trap", tmp_path / "paths.yaml"
    path.write_text(f"a: !!python/object/apply:os.mkdir ['{trap}']\n")
    with pytest.raises(BadConfiguration, match="not YAML"):
        read_model_paths(path)
    assert not trap.exists()


def test_line_14_no_archive_is_ever_unpacked_into_a_folder() -> None:
    unpacking = {"extract", "extractall", "unpack_archive"}
    for path in Path(ldm_nodes.__file__).parent.rglob("*.py"):
        calls = {
            part.func.attr
            for part in ast.walk(ast.parse(path.read_text()))
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
        }
        assert not calls & unpacking, path
