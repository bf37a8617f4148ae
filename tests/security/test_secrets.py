"""Secrets: what clients send that no disk, log, picture or other user may hold (threats 38, 40, 41)."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.updates import JobChanged, Update
from ldm_nodes.server.access import COOKIE, session_of
from ldm_nodes.server.downloads.backend import DOWNLOAD, DownloadBackend, order
from ldm_nodes.server.downloads.errors import Refused
from ldm_nodes.server.downloads.request import DownloadRequest
from ldm_nodes.server.routes import ROUTES
from tests.jobs.pack import finished
from tests.server.downloads.origin import downloader, model, ranged
from tests.server.downloads.test_backend import origin_of
from tests.server.house import House, Socket, serving
from tests.server.program import running

from .studio import as_user, copying, png, studio, upload

CANARY = "canary-7f3a"
SECRETS = {
    name: f"{CANARY}-{name}"
    for name in (
        "api_key_comfy_org",
        "auth_token_comfy_org",
        "hf_token",
        "my_password",
        "Authorization",
        "client_secret",
    )
}
GETS = sorted({route.path for route in ROUTES if route.method == "GET" and route.path not in ("/ws", "/jobs/events")})


def _holding(folder: Path) -> list[str]:
    """Name the files that hold the canary."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if CANARY.encode() in path.read_bytes()]


def _answers(house: House, user: str, **names: str) -> str:
    """Return what every GET route answers to a user, in one text."""
    told = []
    for path in GETS:
        if path.endswith("/events"):
            continue  # streams do not end
        filled = path.replace("{name:.*}", "x")
        for part in ("prompt_id", "id", "name", "file", "folder", "index", "kind", "document", "version"):
            filled = filled.replace(f"{{{part}}}", names.get(part, "x"))
        answer = house.ask("GET", filled, headers=as_user(user))
        told.append(f"{filled}: {dict(answer.headers)} {answer.body.decode(errors='replace')}")
    return "\n".join(told)


def _frames(spy: Socket) -> list[str]:
    """Return what a socket was told until a run was over."""
    return [json.dumps(frame) for frame in spy.until_end()]


def test_line_40_and_41_nothing_that_is_secret_is_told_or_written_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"{CANARY}-environment")
    seen: list[dict[str, str]] = []
    with studio(tmp_path, "anna", "bert", "keeper") as house:
        upload(house, "a.png", png(), "anna")
        own, keeper = (house.socket(sid, **as_user(user)) for sid, user in (("anna's", "anna"), ("keeper's", "keeper")))
        house.desk.subscribe(lambda update: seen.append(dict(house.desk.secrets.of(getattr(update, "job_id", "")))))
        extra = {**SECRETS, "extra_pnginfo": {"workflow": {"nodes": []}}}
        body = {"prompt": copying("a.png"), "client_id": "anna's", "extra_data": extra}
        headers = {**as_user("anna"), "X-Api-Key": f"{CANARY}-header", "Cookie": f"{COOKIE}={CANARY}-cookie"}
        answer = house.ask("POST", "/prompt", body, {**headers, "Content-Type": "application/json"})
        assert answer.status == 200
        job_id = answer.json["prompt_id"]
        house.finish(job_id)
        told = _frames(own)
        house.ask("GET", "/prompt", headers={"Authorization": f"Bearer {CANARY}-wrong"})
        house.ask("POST", "/login", {"token": f"{CANARY}-wrong"})
        told += [_answers(house, user, prompt_id=job_id, id=job_id) for user in ("anna", "bert", "keeper")]
        keeper.close()
        own.close()
    assert SECRETS in seen, "while it ran, its nodes could ask for them"
    assert ["copy_00001_.png" in text for text in told[-3:]] == [True, False, True], "another user sees no trace of it"
    for text in (*told, caplog.text):
        assert CANARY not in text
        for user in ("anna", "bert", "keeper"):
            assert f"token-of-{user}" not in text
    saved = next((tmp_path / "output").rglob("*.png"))
    assert b"LoadImage" in saved.read_bytes(), "what is no secret is in the picture"
    assert _holding(tmp_path) == []


@pytest.mark.slow
def test_line_41_the_program_tells_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LDM_NODES_TOKEN", f"{CANARY}-token")
    monkeypatch.setenv("LDM_NODES_USER", f"anna={CANARY}-anna")
    monkeypatch.setenv("HF_TOKEN", f"{CANARY}-hub")
    with running(tmp_path / "base") as program:
        texts = []
        for token in (f"{CANARY}-token", f"{CANARY}-anna", f"{CANARY}-wrong"):
            for path in ("/system_stats", "/internal/logs", "/internal/logs/raw", "/users", "/settings", "/metrics"):
                request = urllib.request.Request(f"{program.url}{path}", headers={"Authorization": f"Bearer {token}"})
                try:
                    with urllib.request.urlopen(request) as answer:
                        texts.append(f"{answer.headers} {answer.read().decode()}")
                except urllib.error.HTTPError as error:
                    texts.append(f"{error.headers} {error.read().decode()}")
                    error.close()
        assert program.stop() == 0
        assert CANARY not in program.told
    assert len(texts) == 18
    assert any("Listening" in text for text in texts)
    assert not [text for text in texts if CANARY in text or session_of(f"{CANARY}-token") in text]
    assert _holding(tmp_path / "base") == []


def test_line_38_a_token_in_an_address_is_used_and_never_written_down(tmp_path: Path) -> None:
    told: list[Any] = []

    def hear(update: Update) -> None:
        told.append(update.record if isinstance(update, JobChanged) else update)

    desk = JobDesk.open(tmp_path / "jobs.sqlite3")
    desk.subscribe(hear)
    with origin_of(ranged(model())) as origin:
        backend = DownloadBackend(downloader(tmp_path, origin.port), desk.secrets.of)
        dispatcher = Dispatcher(desk.store, backend, DOWNLOAD)
        job = order(DownloadRequest(origin.url(f"/model.safetensors?type=Model&token={CANARY}")))
        desk.submit(job)
        assert _holding(tmp_path) == []
        dispatcher.start()
        (record,) = finished(desk, job.id)
        dispatcher.close()
        assert (record.state, record.reason) == ("done", "")
        assert f"token={CANARY}" in origin.requests[0].target
        assert desk.secrets.of(job.id) == {}
    desk.close()
    assert _holding(tmp_path) == []
    assert CANARY not in repr((told, record))


def test_line_38_after_a_restart_the_token_is_asked_for_again(tmp_path: Path) -> None:
    desk = JobDesk.open(tmp_path / "jobs.sqlite3")
    job = order(DownloadRequest(f"https://civitai.com/api/download/models/1?token={CANARY}"))
    desk.submit(job)
    desk.close()
    desk = JobDesk.open(tmp_path / "jobs.sqlite3")
    dispatcher = Dispatcher(desk.store, DownloadBackend(downloader(tmp_path), desk.secrets.of), DOWNLOAD)
    dispatcher.start()
    (record,) = finished(desk, job.id)
    dispatcher.close()
    desk.close()
    assert record.state == "failed"
    assert "kept in memory only" in record.reason
    assert "with the whole address" in record.reason


@pytest.mark.parametrize(
    "source",
    [
        f"https://user:{CANARY}@huggingface.co/x.safetensors",
        f"https://{CANARY}@huggingface.co/x.safetensors",
        "https://huggingface.co/x/hf_abcdefghijklmnopqrst/y.safetensors",
        "hf_abcdefghijklmnopqrst/model:x.safetensors",
    ],
)
def test_line_38_secrets_where_none_may_be_are_refused_before_anything_is_written(tmp_path: Path, source: str) -> None:
    with serving(tmp_path, works=False, downloads=True) as house:
        answer = house.post("/downloads", {"source": source})
        assert answer.status == 400
        assert CANARY not in answer.text
        assert house.get("/jobs").json["total"] == 0
    assert _holding(tmp_path) == []


@pytest.mark.parametrize("query", ["", "?download=true", "?type=Model&format=SafeTensor&size=pruned&fp=fp16"])
def test_what_cannot_be_a_token_is_kept_over_a_restart(query: str) -> None:
    wanted = DownloadRequest(f"https://civitai.com/api/download/models/1{query}")
    assert DownloadRequest.parse(order(wanted).prompt) == wanted


@pytest.mark.parametrize("end", ["?token=x", "?X-Amz-Signature=x", "?download=true&sig=x", "?Expires=5", "#x", "?x"])
def test_what_may_be_a_token_is_not(end: str) -> None:
    wanted = DownloadRequest(f"https://civitai.com/api/download/models/1{end}")
    kept = DownloadRequest.parse(order(wanted).prompt)
    assert kept == DownloadRequest("https://civitai.com/api/download/models/1", withheld=True)
    assert kept.complete(wanted.source) == wanted
    with pytest.raises(Refused):
        kept.complete(None)
