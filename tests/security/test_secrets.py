"""Secrets: what clients send that no disk, log, picture or other user may hold (threats 38, 40, 41)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.updates import JobChanged, Update
from ldm_nodes.server.downloads.backend import DOWNLOAD, DownloadBackend, order
from ldm_nodes.server.downloads.errors import Refused
from ldm_nodes.server.downloads.request import DownloadRequest
from tests.jobs.pack import finished
from tests.server.downloads.origin import downloader, model, ranged
from tests.server.downloads.test_backend import origin_of
from tests.server.house import serving

CANARY = "canary-7f3a"


def _holding(folder: Path) -> list[str]:
    """Name the files that hold the canary."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if CANARY.encode() in path.read_bytes()]


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
