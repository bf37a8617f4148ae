"""The hub: its own library asks a hub on this machine; files come through the same gate as all others."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.server.downloads.download import Downloaded
from ldm_nodes.server.downloads.errors import Broken, DownloadError, Refused, WrongFile
from ldm_nodes.server.downloads.request import DownloadRequest

from .origin import Answer, Origin, Request, downloader, head, model, ranged, raw, redirect, serving

BODY = model(20_000)
SHA256 = hashlib.sha256(BODY).hexdigest()
COMMIT = "c" * 40
ERROR = {"X_Error_Message": "no", "Content_Type": "application/json", "Content_Length": 2}


def large(name: str = "model.safetensors", sha256: str = SHA256, size: int = len(BODY)) -> dict[str, Any]:
    return {"rfilename": name, "size": size, "lfs": {"sha256": sha256, "size": size, "pointerSize": 130}}


def small(name: str) -> dict[str, Any]:
    return {"rfilename": name, "size": 10, "blobId": "1"}


def repository(*files: dict[str, Any]) -> Answer:
    """Answer what the hub's API tells of a repository."""
    told = json.dumps({"id": "org/repo", "sha": COMMIT, "siblings": list(files)}).encode()
    return raw(head(Content_Type="application/json", Content_Length=len(told)), told)


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_canary")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def fetch(base: Path, source: str, *answers: Answer, **request: Any) -> tuple[Downloaded, list[Request]]:
    async def run() -> tuple[Downloaded, list[Request]]:
        async with serving(*answers) as hub:
            one = downloader(base, hub.port, endpoint=f"http://127.0.0.1:{hub.port}")
            return await one.fetch(DownloadRequest(source, **request)), hub.requests

    return asyncio.run(run())


def refused(base: Path, kind: type[DownloadError], source: str, *answers: Answer, **request: Any) -> str:
    with pytest.raises(kind) as caught:
        fetch(base, source, *answers, **request)
    assert not list(base.rglob("*.safetensors"))
    return str(caught.value)


def test_a_file_of_the_hub(tmp_path: Path) -> None:
    files = repository(large("vae/model.safetensors"), large("other.safetensors"))
    done, asked = fetch(tmp_path, "org/repo:vae/model.safetensors", files, ranged(BODY), to="vae")
    assert (done.kind, done.name, done.sha256) == ("vae", "model.safetensors", SHA256)
    assert asked[0].target.startswith("/api/models/org/repo")
    assert asked[1].target == f"/org/repo/resolve/{COMMIT}/vae/model.safetensors"
    assert asked[1].headers["authorization"] == "Bearer hf_canary"


def test_a_revision_is_asked_for_by_its_name_and_fetched_by_its_commit(tmp_path: Path) -> None:
    _, asked = fetch(tmp_path, "org/repo@v1.5:model.safetensors", repository(large()), ranged(BODY))
    assert "/revision/v1.5" in asked[0].target
    assert f"/resolve/{COMMIT}/" in asked[1].target


def test_the_only_model_needs_no_name(tmp_path: Path) -> None:
    done, _ = fetch(tmp_path, "org/repo", repository(small("README.md"), large(), large("old.ckpt")), ranged(BODY))
    assert done.name == "model.safetensors"


def test_of_several_models_one_must_be_named(tmp_path: Path) -> None:
    said = refused(tmp_path, Refused, "org/repo", repository(large("a.safetensors"), large("b.safetensors")))
    assert "org/repo:FILE. It has a.safetensors, b.safetensors." in said
    said = refused(tmp_path, Refused, "org/repo:c.safetensors", repository(large("a.safetensors"), small("x")))
    assert "no file 'c.safetensors'. It has a.safetensors, x." in said
    assert "It is empty" in refused(tmp_path, Refused, "org/repo", repository())


def test_what_arrives_is_held_to_the_hash_of_the_hub(tmp_path: Path) -> None:
    said = refused(tmp_path, WrongFile, "org/repo", repository(large(sha256="0" * 64)), ranged(BODY))
    assert f"expected {'0' * 64}" in said


def test_what_arrives_is_held_to_the_size_of_the_hub(tmp_path: Path) -> None:
    said = refused(tmp_path, WrongFile, "org/repo", repository(large(size=5)), ranged(BODY))
    assert "where the file has 5" in said


def test_two_hashes_that_disagree_are_told_before(tmp_path: Path) -> None:
    said = refused(tmp_path, Refused, "org/repo", repository(large()), sha256="1" * 64)
    assert SHA256 in said


def test_names_from_the_hub_stay_in_the_folder(tmp_path: Path) -> None:
    done, _ = fetch(tmp_path, "org/repo", repository(large("../../evil.safetensors")), ranged(BODY))
    assert done.path == tmp_path / "models" / "checkpoints" / "evil.safetensors"


def test_tokens_are_for_the_hub_alone(tmp_path: Path) -> None:
    async def run() -> tuple[Origin, Origin]:
        async with serving(ranged(BODY)) as store, serving(repository(large()), redirect(store.url())) as hub:
            one = downloader(tmp_path, hub.port, store.port, endpoint=f"http://127.0.0.1:{hub.port}")
            await one.fetch(DownloadRequest("org/repo"))
            return hub, store

    hub, store = asyncio.run(run())
    assert "authorization" in hub.requests[1].headers
    assert "authorization" not in store.requests[0].headers


def test_a_broken_download_goes_on(tmp_path: Path) -> None:
    _, asked = fetch(tmp_path, "org/repo", repository(large()), ranged(BODY, upto=9000), ranged(BODY))
    assert asked[2].start > 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("GatedRepo", "accept its licence"),
        ("RepoNotFound", "has no repository org/repo"),
        ("RevisionNotFound", "has no revision 'v9'"),
    ],
)
def test_what_the_hub_refuses_is_told_in_words(code: str, words: str, tmp_path: Path) -> None:
    status = "403 Forbidden" if code == "GatedRepo" else "404 Not Found"
    assert words in refused(tmp_path, Refused, "org/repo@v9", raw(head(status, X_Error_Code=code, **ERROR), b"{}"))


@pytest.mark.parametrize(
    "answer", [raw(head("500 Oops", **ERROR), b"{}"), raw(b""), raw(head(Content_Length=3), b"{]")]
)
def test_a_hub_that_does_not_answer(answer: Answer, tmp_path: Path) -> None:
    said = refused(tmp_path, Broken, "org/repo", answer)
    assert said.startswith("The hub cannot be asked for org/repo")
    assert "canary" not in said


def test_the_hub_must_be_on_the_list_too(tmp_path: Path) -> None:
    async def run() -> Origin:
        async with serving(repository(large())) as hub:
            one = downloader(tmp_path, endpoint=f"http://127.0.0.1:{hub.port}", hosts=("huggingface.co",))
            with pytest.raises(Refused, match="not among the hosts"):
                await one.fetch(DownloadRequest("org/repo"))
            return hub

    assert asyncio.run(run()).requests == []


def test_a_hub_without_a_machine(tmp_path: Path) -> None:
    one = downloader(tmp_path, endpoint="http://127.0.0.1:9", hosts=("127.0.0.1:9",))
    with pytest.raises(Broken, match="cannot be asked"):
        asyncio.run(one.fetch(DownloadRequest("org/repo")))
