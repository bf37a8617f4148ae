"""What there is: nodes, models, and what the server says of itself."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.nodes import builtin_registry

from .house import House, serving


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Folders of models, one with a header that says something, and an embedding in a folder."""
    folder = tmp_path / "models"
    for name in ("loras", "embeddings/styles", "checkpoints"):
        (folder / name).mkdir(parents=True)
    header = json.dumps({"__metadata__": {"title": "A LoRA"}}).encode()
    (folder / "loras" / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    (folder / "loras" / "empty.safetensors").write_bytes(struct.pack("<Q", 2) + b"{}")
    (folder / "loras" / "endless.safetensors").write_bytes(struct.pack("<Q", 2**63) + b"{}")
    (folder / "embeddings" / "styles" / "old.master.pt").write_bytes(b"")
    return folder


def test_every_node_is_described_as_clients_need_it(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, registry=builtin_registry()) as house:
        info = house.get("/api/object_info").json
        assert len(info) == len(builtin_registry())
        for name, entry in info.items():
            assert entry["name"] == name
            assert isinstance(entry["category"], str)
            assert isinstance(entry["input"]["required"], dict)
            assert len(entry["output"]) == len(entry["output_is_list"]) == len(entry["output_name"])
        assert info["KSampler"]["input"]["required"]["seed"][1]["max"] == 2**64 - 1
        assert house.get("/object_info/KSampler").json == {"KSampler": info["KSampler"]}
        assert house.get("/object_info/Nothing").json == {}


def test_lists_of_files_are_as_they_are_now(idle: House, tmp_path: Path) -> None:
    def choices() -> Any:
        return idle.get("/object_info/Opened").json["Opened"]["input"]["required"]["name"][0]

    before = choices()
    (tmp_path / "input" / "new.png").write_bytes(b"")
    assert sorted(choices()) == sorted([*before, "new.png"])


def test_models_are_listed_by_kind(idle: House, models: Path) -> None:
    kinds = idle.get("/models").json
    assert kinds[:6] == ["checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models"]
    assert idle.get("/models/loras").json == ["a.safetensors", "empty.safetensors", "endless.safetensors"]
    for unknown in ("unet", "clip", "nothing", "input"):
        assert idle.get(f"/models/{unknown}").status == 404
    assert idle.get("/embeddings").json == ["styles/old.master"]


def test_headers_of_models_are_shown(idle: House, models: Path) -> None:
    assert idle.get("/view_metadata/loras?filename=a.safetensors").json == {"title": "A LoRA"}
    for query in ("loras?filename=empty.safetensors", "loras?filename=endless.safetensors", "loras?filename=no",
                  "loras", "nothing?filename=a.safetensors", "embeddings?filename=styles/old.master.pt"):  # fmt: skip
        assert idle.get(f"/view_metadata/{query}").status == 404


def test_models_are_described(idle: House, models: Path) -> None:
    kinds = {entry["name"]: entry["folders"] for entry in idle.get("/experiment/models").json}
    assert "configs" not in kinds
    assert "custom_nodes" not in kinds
    assert kinds["loras"] == ["models/loras", "output/loras"]
    described = idle.get("/experiment/models/loras").json
    assert [entry["name"] for entry in described] == ["a.safetensors", "empty.safetensors", "endless.safetensors"]
    assert set(described[0]) == {"name", "pathIndex", "modified", "created", "size"}
    assert idle.get("/experiment/models/nothing").status == 404


def test_a_model_has_the_picture_beside_it(idle: House, models: Path) -> None:
    from PIL import Image

    assert idle.get("/experiment/models/preview/loras/0/a.safetensors").status == 404
    Image.new("RGB", (4, 4)).save(models / "loras" / "a.preview.png")
    answer = idle.get("/experiment/models/preview/loras/0/a.safetensors")
    assert (answer.status, answer.headers["content-type"], answer.body[8:12]) == (200, "image/webp", b"WEBP")
    assert idle.get("/experiment/models/preview/loras/7/a.safetensors").status == 404


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/prompt", {"exec_info": {"queue_remaining": 0}}),
        ("/queue", {"queue_running": [], "queue_pending": []}),
        ("/history", {}),
        ("/history/nothing", {}),
        ("/features", {"supports_preview_metadata": True, "max_upload_size": 1 << 20}),
        ("/extensions", []),
        ("/i18n", {}),
        ("/workflow_templates", {}),
        ("/health", {"status": "ok"}),
    ],
)
def test_an_empty_server_answers_under_both_names(idle: House, path: str, expected: object) -> None:
    for prefix in ("", "/api"):
        answer = idle.get(prefix + path)
        assert (answer.status, answer.json) == (200, expected)
        assert answer.headers["content-type"].startswith("application/json")


def test_unknown_paths_and_methods_are_answered_at_once(idle: House) -> None:
    for path in (
        "/assets",
        "/api/assets",
        "/subgraphs",
        "/api/internal/logs",
        "/scripts/none.js",
        "/templates/none.json",
    ):
        answer = idle.get(path)
        assert (answer.status, answer.body) == (404, b"")
    assert idle.ask("POST", "/nowhere").status == 404
    assert idle.ask("DELETE", "/prompt").status == 405
    assert idle.ask("HEAD", "/prompt").status == 200


def test_the_log_is_shown_and_followed(idle: House) -> None:
    import logging

    log = logging.getLogger("ldm_nodes.test")
    log.setLevel(logging.INFO)
    log.addHandler(idle.site.logs)
    socket = idle.socket("me")
    socket.receive()
    assert idle.ask("PATCH", "/internal/logs/subscribe", {"clientId": "me", "enabled": True}).status == 200
    log.info("a line from %s", Path.home())
    told = socket.receive()
    assert isinstance(told, dict)
    assert told["type"] == "logs"
    assert told["data"]["entries"][0]["m"] == "a line from ~\n"
    assert idle.get("/internal/logs").json.endswith("a line from ~\n")
    assert idle.get("/internal/logs/raw").json["entries"][-1]["m"] == "a line from ~\n"
    log.removeHandler(idle.site.logs)


def test_files_of_a_folder_are_listed_newest_first(idle: House, tmp_path: Path) -> None:
    import os

    for age, name in enumerate(("new.png", "old.png")):
        (tmp_path / "output" / name).write_bytes(b"")
        os.utime(tmp_path / "output" / name, (1000 - age, 1000 - age))
    assert idle.get("/internal/files/output").json == ["new.png", "old.png"]
    answer = idle.get("/internal/files/models")
    assert (answer.status, answer.json) == (400, {"error": "Invalid directory type"})


def test_memory_is_given_back_when_asked(tmp_path: Path) -> None:
    asked: list[tuple[bool, bool]] = []
    with serving(tmp_path, works=False, free=lambda models, memory: asked.append((models, memory))) as house:
        assert house.post("/free", {"unload_models": True}).body == b""
        assert house.post("/free", {"free_memory": True, "unload_models": True}).status == 200
    assert asked == [(True, False), (True, True)]


def test_metrics_are_in_the_format_of_prometheus(idle: House) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    idle.queue()
    families = {family.name: family for family in text_string_to_metric_families(idle.get("/metrics").text)}
    samples = {sample.labels["state"]: sample.value for sample in families["ldm_nodes_jobs"].samples}
    assert samples == {"queued": 1, "running": 0, "done": 0, "failed": 0, "cancelled": 0, "parked": 0}


def test_example_graphs_are_listed_and_shown(tmp_path: Path) -> None:
    (tmp_path / "graphs").mkdir()
    (tmp_path / "graphs" / "one.json").write_text('{"1": {}}')
    with serving(tmp_path, works=False, graphs=tmp_path / "graphs") as house:
        assert house.get("/graphs").json == ["one"]
        assert house.get("/graphs/one").json == {"1": {}}
        assert house.get("/graphs/two").status == 404
