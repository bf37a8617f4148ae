"""`lock`, `verify`, `requirements`, `export`: what a graph depends on, written down, compared, listed; its source."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.cli import environment, file_hashes, gaps, main
from ldm_nodes.cli.file_hashes import FileHashes
from ldm_nodes.cli.lock_file import Lock, Pack, files_of
from ldm_nodes.engine.requirements import NeededFile
from ldm_nodes.models import devices
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.settings import Folders, Settings

GRAPHS = Path(__file__).parents[2] / "graphs"
BUNDLED = Folders.under(Path()).bundled / "checkpoints"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ldm_nodes" / "sha256.json"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Make a folder with a model of its own and a graph that names it."""
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    for path in BUNDLED.glob("tiny-sd-v1.*"):
        shutil.copy(path, folder / path.name.replace("tiny-sd-v1", "mine"))
    (tmp_path / "models" / "embeddings").mkdir()
    (tmp_path / "models" / "embeddings" / "word.pt").write_bytes(b"learned")
    graph = json.loads((GRAPHS / "txt2img.json").read_text())
    graph["4"]["inputs"]["ckpt_name"] = "mine.safetensors"
    graph["6"]["inputs"]["text"] = "a fox, embedding:word, embedding:absent"
    (tmp_path / "graph.json").write_text(json.dumps(graph))
    return tmp_path


def _lock(base: Path) -> dict[str, Any]:
    assert main(["lock", str(base / "graph.json"), "--base-dir", str(base), "--device", "cpu"]) == 0
    found: dict[str, Any] = json.loads((base / "graph.lock.json").read_text())
    return found


def _verify(base: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    code = main(["verify", str(base / "graph.lock.json"), "--base-dir", str(base), "--json", *options])
    return code, json.loads(capsys.readouterr().out)["gaps"]


def test_a_lock_names_everything_that_the_pixels_depend_on(base: Path) -> None:
    lock = _lock(base)
    files = {f"{file['kind']}/{file['name']}": file for file in lock["files"]}
    assert list(files) == [
        "checkpoints/mine.safetensors",
        "checkpoints/mine.yaml",
        "checkpoints/mine.text_config.json",
        "embeddings/word.pt",
        "embeddings/absent",
    ]
    model = files["checkpoints/mine.safetensors"]
    assert model["size"] == (BUNDLED / "tiny-sd-v1.safetensors").stat().st_size
    assert model["used_by"] == ["4.ckpt_name"]
    assert files["embeddings/absent"]["sha256"] is None
    assert lock["graph"] == json.loads((base / "graph.json").read_text())
    assert lock["packs"] == []
    assert {"torch", "numpy", "pillow"} <= lock["packages"].keys()
    assert lock["compute"]["device"] == "cpu"


def test_the_hash_is_that_of_sha256sum(base: Path) -> None:
    """As coreutils print it: `printf learned | sha256sum`."""
    (word,) = [file for file in _lock(base)["files"] if file["name"] == "word.pt"]
    assert word["sha256"] == "d78e3c38d98d17d7355ec4a989e477bace56a6fa2508121a520146cd0a23ec80"


def test_what_was_just_locked_is_as_locked(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _lock(base)
    assert _verify(base, capsys) == (0, [])
    assert main(["verify", str(base / "graph.lock.json"), "--base-dir", str(base)]) == 0
    assert "everything is as locked, 5 files" in capsys.readouterr().out


def _model(base: Path) -> Path:
    return base / "models" / "checkpoints" / "mine.safetensors"


def _same_size(base: Path) -> None:
    data = bytearray(_model(base).read_bytes())
    data[-1] ^= 1
    _model(base).write_bytes(data)


def _learn(base: Path) -> None:
    (base / "models" / "embeddings" / "absent.pt").write_bytes(b"now")


CHANGES: dict[str, tuple[Callable[[Path], Any], str, str]] = {
    "gone": (lambda base: _model(base).rename(base / "away"), "checkpoints/mine.safetensors", "missing"),
    "longer": (lambda base: _model(base).write_bytes(b"x"), "checkpoints/mine.safetensors", "another size"),
    "other": (_same_size, "checkpoints/mine.safetensors", "other contents"),
    "beside": (lambda base: (base / "models/checkpoints/mine.yaml").unlink(), "checkpoints/mine.yaml", "missing"),
    "word": (_learn, "embeddings/absent", "was not there"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_of_a_file_is_a_gap(change: str, base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make, what, problem = CHANGES[change]
    _lock(base)
    make(base)
    code, (gap,) = _verify(base, capsys)
    assert code == 1
    assert (gap["what"], gap["problem"]) == (what, problem)


@pytest.mark.parametrize(
    ("section", "name", "value", "problem"),
    [
        ("packages", "torch", "1.4.0", "another one"),
        ("packages", "left-pad", "1.0", "not installed"),
        ("engine", "ldm_nodes", "0.0.1", "another one"),
        ("python", "version", "2.7.1", "another one"),
        ("system", "machine", "pdp11", "another one"),
        ("compute", "threads", 4096, "another one"),
    ],
)
def test_every_other_version_is_a_gap(
    section: str, name: str, value: Any, problem: str, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = _lock(base)
    lock[section][name] = value
    (base / "graph.lock.json").write_text(json.dumps(lock))
    code, (gap,) = _verify(base, capsys)
    assert code == 1
    assert (gap["what"], gap["problem"], gap["locked"]) == (f"{section} {name}", problem, value)
    assert main(["verify", str(base / "graph.lock.json"), "--base-dir", str(base)]) == 1
    assert f"{section} {name}: {problem}. Locked {value}" in capsys.readouterr().out


def test_a_device_that_is_not_here_is_a_gap(
    base: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(devices._AVAILABLE, "cuda", lambda: False)
    lock = _lock(base)
    lock["compute"]["device"] = "cuda"
    (base / "graph.lock.json").write_text(json.dumps(lock))
    _, (gap,) = _verify(base, capsys)
    assert gap["what"] == "compute device"
    assert "finds no cuda device here" in gap["problem"]


def test_classes_and_packs_that_are_not_here_are_gaps(base: Path, tmp_path: Path) -> None:
    data = _lock(base)
    data["graph"]["99"] = {"class_type": "Fancy", "inputs": {}}
    data["packs"] = [{"name": "fancy", "version": "1.0", "commit": "0c1d", "source": "https://example.org/fancy"}]
    lock = Lock.parse(json.dumps(data).encode())
    settings, hashes = Settings(Folders.under(base)), FileHashes(tmp_path / "hashes.json")
    found = gaps.gaps(lock, builtin_registry(), settings, hashes)
    assert [str(gap) for gap in found] == [
        "node class Fancy: not installed. Locked Fancy, here nothing.",
        "pack fancy: not installed. Locked 0c1d, here nothing.",
    ]
    other = (Pack("fancy", "1.1", "aaaa", "https://example.org/fancy"),)
    (_, gap) = gaps.gaps(lock, builtin_registry(), settings, hashes, packs=other)
    assert str(gap) == "pack fancy: another version. Locked 0c1d, here aaaa."
    assert Lock.parse(json.dumps(lock.to_json()).encode()) == lock


def test_a_lock_carries_its_graph(base: Path) -> None:
    _lock(base)
    assert main(["convert", str(base / "graph.lock.json"), str(base / "again.json"), "--to", "api"]) == 0
    assert json.loads((base / "again.json").read_text()) == json.loads((base / "graph.json").read_text())


def test_a_folder_is_locked_file_by_file(tmp_path: Path) -> None:
    for name in ("unet/weights.safetensors", "model_index.json", ".cache/hidden.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    need = NeededFile("diffusers", "mine\\small", ("1.model_path",), tmp_path)
    found = [name for _, name, _ in files_of([need], Folders.under(tmp_path))]
    assert found == ["mine/small/model_index.json", "mine/small/unet/weights.safetensors"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "This is no lock"),
        ("[", "not JSON"),
        ('{"ldm_nodes_lock": 7}', "has version 7"),
        ('{"ldm_nodes_lock": 1, "files": 3}', "This lock is damaged"),
    ],
)
def test_what_is_no_lock_is_told(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.lock.json"
    path.write_text(text)
    assert main(["verify", str(path)]) == 2
    assert says in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "absent.json")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_graph_that_cannot_run_is_not_locked(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _model(base).unlink()
    assert main(["lock", str(base / "graph.json"), "--base-dir", str(base)]) == 2
    assert "cannot be locked" in capsys.readouterr().err
    assert not (base / "graph.lock.json").exists()


def test_large_files_are_read_once(base: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in base.rglob("mine.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    first = _lock(base)
    assert str(_model(base).resolve()) in json.loads(cache.read_text())
    monkeypatch.setattr(file_hashes, "sha256", lambda path, told: f"read {path.name}")
    second = _lock(base)
    changed = [new["name"] for old, new in zip(first["files"], second["files"], strict=True) if old != new]
    assert changed == ["word.pt"]  # written within the last two seconds: its time of change proves nothing yet
    assert main(["verify", str(base / "graph.lock.json"), "--base-dir", str(base), "--rehash"]) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": [1, 2]}', "\0"])
def test_a_damaged_store_knows_nothing(text: str, tmp_path: Path) -> None:
    store = tmp_path / "sha256.json"
    store.write_text(text)
    hashes = FileHashes.open(store)
    assert hashes.known == {}
    os.utime(store, (1_700_000_000, 1_700_000_000))
    digest = hashes.of_all([store], quiet=True)[store]
    assert FileHashes.open(store).known == {str(store.resolve()): (len(text), 1_700_000_000_000_000_000, digest)}


def test_packages_are_told_with_what_they_need() -> None:
    found = dict(environment.packages())
    assert {"torch", "sympy", "wcwidth"} <= found.keys()
    assert "pytest" not in found


def test_requirements_are_listed_for_people_and_programs(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graph = json.loads((base / "graph.json").read_text())
    graph["3"]["class_type"] = "KSampler (Efficient)"
    graph["4"]["inputs"]["ckpt_name"] = "mien.ckpt"
    (base / "graph.json").write_text(json.dumps(graph))
    assert main(["requirements", str(base / "graph.json"), "--base-dir", str(base)]) == 1
    out = capsys.readouterr().out
    assert "node classes, 5 of 6 here" in out
    assert "✗ KSampler (Efficient): not installed (node 3); nearest: KSampler" in out
    assert "✗ checkpoints/mien.ckpt: not here (named by 4.ckpt_name); nearest: mine.safetensors" in out
    assert main(["requirements", str(base / "graph.json"), "--base-dir", str(base), "--json"]) == 1
    listed = json.loads(capsys.readouterr().out)
    assert not listed["met"]
    assert [need["name"] for need in listed["classes"] if not need["present"]] == ["KSampler (Efficient)"]
    assert listed["files"][0]["nearest"][0] == "mine.safetensors"
    assert main(["requirements", str(GRAPHS / "txt2img.json")]) == 0


def test_an_editor_s_document_tells_where_its_nodes_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    node = {"id": 1, "type": "Fancy", "properties": {"cnr_id": "fancy-pack", "ver": "1.2"}, "widgets_values": [1]}
    path = tmp_path / "ui.json"
    path.write_text(json.dumps({"nodes": [node], "links": [], "version": 0.4}))
    assert main(["requirements", str(path)]) == 1
    assert "✗ Fancy: not installed (node 1); from the pack fancy-pack 1.2" in capsys.readouterr().out


def test_a_graph_goes_to_python_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, graph = tmp_path / "graph.py", GRAPHS / "hires_fix.json"
    assert main(["export", str(graph), str(source)]) == 0
    assert main(["validate", str(source)]) == 0
    assert main(["convert", str(source), str(tmp_path / "graph.json"), "--to", "api"]) == 0
    assert json.loads((tmp_path / "graph.json").read_text()) == json.loads(graph.read_text())
    capsys.readouterr()
    assert main(["export", str(graph)]) == 0
    assert capsys.readouterr().out == source.read_text()


def test_a_graph_that_is_none_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "graph.json").write_text("{")
    assert main(["export", str(tmp_path / "graph.json"), str(tmp_path / "graph.py")]) == 2
    assert "cannot be exported" in capsys.readouterr().err
    assert not (tmp_path / "graph.py").exists()


def test_the_stubs_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nodes", "--stubs"]) == 0
    assert "class NodeMethods:" in capsys.readouterr().out
