"""Models are fetched as jobs, where it is allowed; `tests/server/downloads/` tries the fetching itself."""

from __future__ import annotations

from pathlib import Path

from ldm_nodes.server.access import Access

from .house import House, serving

WANTED = {"source": "someone/model:file.safetensors", "to": "checkpoints"}


def test_a_server_fetches_nothing_unless_told_to(idle: House) -> None:
    assert idle.post("/downloads", WANTED).status == 403
    assert idle.get("/jobs").json["total"] == 0


def test_a_download_is_a_job_of_its_own_kind(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, downloads=True) as house:
        answer = house.post("/downloads", WANTED)
        assert (answer.status, answer.json["kind"], answer.json["state"]) == (201, "download", "queued")
        assert house.get("/prompt").json["exec_info"]["queue_remaining"] == 0, "it is no graph"
        assert house.get(f"/jobs/{answer.json['id']}").json["prompt"]["source"] == WANTED["source"]
        for wrong in ({}, {"source": 1}, {**WANTED, "sha256": "x"}, {**WANTED, "path": "/etc"}):
            assert house.post("/downloads", wrong).status == 400


def test_only_the_servers_own_token_fetches_for_everyone(tmp_path: Path) -> None:
    with serving(tmp_path, works=False, downloads=True, access=Access(tokens={"token": "anna", "own": ""})) as house:
        assert house.ask("POST", "/downloads", WANTED, {"Authorization": "Bearer token"}).status == 403
        assert house.ask("POST", "/downloads", WANTED, {"Authorization": "Bearer own"}).status == 201
