"""Downloads from servers that drop connections, lie, change files and never end."""

from __future__ import annotations

import asyncio
import errno
import gzip
import hashlib
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.server.downloads.download import Downloaded
from ldm_nodes.server.downloads.errors import Broken, Busy, CannotWrite, DownloadError, Refused, WrongFile
from ldm_nodes.server.downloads.lock import locked
from ldm_nodes.server.downloads.progress import Progress, Told, ignore
from ldm_nodes.server.downloads.request import DownloadRequest

from .origin import Answer, Origin, Request, downloader, endless, head, model, ranged, raw, redirect, serving, silence

BODY = model()
OTHER = model(seed=1)


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def fetch(
    base: Path, *answers: Answer, told: Told = ignore, rules: dict[str, Any] | None = None, **request: Any
) -> tuple[Downloaded, Origin]:
    """Download from a server that gives these answers."""

    async def run() -> tuple[Downloaded, Origin]:
        async with serving(*answers) as origin:
            wanted = DownloadRequest(origin.url(), **request)
            return await downloader(base, origin.port, **(rules or {})).fetch(wanted, told), origin

    return asyncio.run(run())


def refused(base: Path, kind: type[DownloadError], *answers: Answer, **request: Any) -> str:
    """Download what cannot be, and return what is said about it."""
    with pytest.raises(kind) as caught:
        fetch(base, *answers, **request)
    return str(caught.value)


def left(base: Path) -> list[str]:
    """List the files that there are."""
    return sorted(path.name for path in base.rglob("*") if path.is_file())


def test_a_sound_file_gets_its_name(tmp_path: Path) -> None:
    done, _ = fetch(tmp_path, ranged(BODY), to="vae", name="sub/mine.safetensors", sha256=sha256(BODY).upper())
    assert done.path == tmp_path / "models" / "vae" / "sub" / "mine.safetensors"
    assert (done.kind, done.name, done.size, done.sha256) == (
        "vae", "sub/mine.safetensors", len(BODY), sha256(BODY),
    )  # fmt: skip
    assert done.path.read_bytes() == BODY
    assert left(tmp_path) == ["mine.safetensors"]


def test_progress_ends_at_the_end(tmp_path: Path) -> None:
    heard: list[Progress] = []
    fetch(tmp_path, ranged(BODY), told=heard.append)
    assert (heard[-1].received, heard[-1].total) == (len(BODY), len(BODY))
    assert [one.received for one in heard] == sorted(one.received for one in heard)


def test_dropped_connections_are_taken_up_where_they_broke(tmp_path: Path) -> None:
    done, origin = fetch(tmp_path, ranged(BODY, upto=100_000), ranged(BODY, upto=100_000), ranged(BODY))
    assert done.path.read_bytes() == BODY
    starts = [request.start for request in origin.requests]
    assert starts[0] == 0
    assert 0 < starts[1] < starts[2] < len(BODY)
    assert origin.requests[1].headers["if-range"] == '"one"'


def test_what_has_arrived_outlives_the_download(tmp_path: Path) -> None:
    async def run() -> tuple[Downloaded, Origin]:
        async with serving(ranged(BODY, upto=100_000), silence, silence, ranged(BODY)) as origin:
            request = DownloadRequest(origin.url())
            with pytest.raises(Broken, match="What has arrived is kept"):
                await downloader(tmp_path, origin.port, attempts=2, patience=0.2).fetch(request)
            assert left(tmp_path) == ["model.safetensors.part", "model.safetensors.part.json"]
            with pytest.raises(Broken):
                await downloader(tmp_path, origin.port, attempts=1, patience=0.2).fetch(request)
            return await downloader(tmp_path, origin.port).fetch(request), origin

    done, origin = asyncio.run(run())
    assert done.path.read_bytes() == BODY
    assert origin.requests[-1].start > 0
    assert left(tmp_path) == ["model.safetensors"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(tmp_path: Path) -> None:
    done, origin = fetch(tmp_path, ranged(BODY, upto=100_000), ranged(OTHER, '"two"'))
    assert origin.requests[1].start > 0
    assert done.path.read_bytes() == OTHER


def test_a_range_of_another_version_is_not_glued_on(tmp_path: Path) -> None:
    async def careless(request: Request, writer: asyncio.StreamWriter) -> None:
        request.headers.pop("if-range", None)
        await ranged(OTHER, '"two"')(request, writer)

    done, origin = fetch(tmp_path, ranged(BODY, upto=100_000), careless)
    assert [bool(request.start) for request in origin.requests] == [False, True, False]
    assert done.path.read_bytes() == OTHER


def test_a_server_without_ranges_sends_everything_again(tmp_path: Path) -> None:
    whole = raw(head(ETag='"one"', Content_Length=len(BODY)), BODY)
    done, origin = fetch(tmp_path, ranged(BODY, upto=100_000), whole)
    assert origin.requests[1].start > 0
    assert done.path.read_bytes() == BODY


@pytest.mark.parametrize("span", ["bytes 0-9/10", "bytes 5-/7", "lines 1-2/3", "", "bytes -1-5/9", "bytes 1-2/*"])
def test_a_wrong_range_is_not_glued_on(span: str, tmp_path: Path) -> None:
    wrong = raw(head("206 Partial Content", ETag='"one"', Content_Length=10, Content_Range=span), b"0123456789")
    done, _ = fetch(tmp_path, ranged(BODY, upto=100_000), wrong, ranged(BODY))
    assert done.path.read_bytes() == BODY


def test_without_etag_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    dropped = raw(head(Content_Length=len(BODY)), BODY[:100_000])
    done, origin = fetch(tmp_path, dropped, raw(head(Content_Length=len(BODY)), BODY))
    assert "range" not in origin.requests[1].headers
    assert done.path.read_bytes() == BODY


def test_a_weak_etag_proves_nothing_and_a_date_does(tmp_path: Path) -> None:
    date = "Tue, 24 Nov 2026 10:00:00 GMT"
    dropped = raw(head(ETag='W/"one"', Last_Modified=date, Content_Length=len(BODY)), BODY[:100_000])
    _, origin = fetch(tmp_path, dropped, raw(head(Content_Length=len(BODY)), BODY))
    assert origin.requests[1].headers["if-range"] == date


def test_a_known_hash_makes_every_server_resumable(tmp_path: Path) -> None:
    dropped = raw(head(Content_Length=len(BODY)), BODY[:100_000])
    done, origin = fetch(tmp_path, dropped, ranged(BODY), sha256=sha256(BODY))
    assert origin.requests[1].start > 0
    assert done.path.read_bytes() == BODY


def test_a_server_that_promises_more_than_it_has(tmp_path: Path) -> None:
    said = refused(tmp_path, Broken, raw(head(Content_Length=len(BODY) + 5), BODY))
    assert "closed before the end of the file" in said
    assert left(tmp_path) == ["model.safetensors.part", "model.safetensors.part.json"]


def test_a_server_that_promises_less_than_the_file_needs(tmp_path: Path) -> None:
    said = refused(tmp_path, WrongFile, raw(head(Content_Length=len(BODY) - 5), BODY))
    assert "model.safetensors is not a sound safetensors file" in said
    assert ".part" not in said
    assert left(tmp_path) == []


def test_a_server_that_promises_nothing(tmp_path: Path) -> None:
    done, _ = fetch(tmp_path, raw(head(), BODY))
    assert done.path.read_bytes() == BODY


def test_a_body_that_ends_early_without_a_promise_is_told_by_its_header(tmp_path: Path) -> None:
    assert "cut off" in refused(tmp_path, WrongFile, raw(head(), BODY[:-1000]))
    assert left(tmp_path) == []


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "18446744073709551617", "5, 6"])
def test_lengths_that_are_none(length: str, tmp_path: Path) -> None:
    refused(tmp_path, DownloadError, raw(head(Content_Length=length), BODY))
    assert "model.safetensors" not in left(tmp_path)


def test_a_wrong_hash_leaves_nothing(tmp_path: Path) -> None:
    said = refused(tmp_path, WrongFile, ranged(BODY), sha256=sha256(OTHER))
    assert sha256(BODY) in said
    assert sha256(OTHER) in said
    assert left(tmp_path) == []


def test_a_file_larger_than_allowed_is_not_begun(tmp_path: Path) -> None:
    assert "at most 0.2 MB are allowed" in refused(tmp_path, Refused, ranged(BODY), max_bytes=200_000)
    assert left(tmp_path) == []


def test_a_request_cannot_ask_for_more_than_the_rules_allow(tmp_path: Path) -> None:
    said = refused(tmp_path, Refused, ranged(BODY), max_bytes=1 << 40, rules={"max_bytes": 200_000})
    assert "at most 0.2 MB" in said


def test_a_body_without_end_stops_at_the_cap(tmp_path: Path) -> None:
    assert "more than the 1.0 MB" in refused(tmp_path, WrongFile, endless, max_bytes=1_000_000)
    assert left(tmp_path) == []


def test_a_web_page_is_no_model(tmp_path: Path) -> None:
    page = b"<!doctype html><title>Sign in</title>"
    said = refused(tmp_path, Refused, raw(head(Content_Type="text/html; charset=utf-8"), page))
    assert "sent a web page" in said
    assert left(tmp_path) == []


def test_a_page_to_sign_in_costs_nothing_of_what_has_arrived(tmp_path: Path) -> None:
    page = raw(head(Content_Type="text/html"), b"<html>Sign in to this hotel")
    refused(tmp_path, Refused, ranged(BODY, upto=100_000), page)
    assert left(tmp_path) == ["model.safetensors.part", "model.safetensors.part.json"]


@pytest.mark.parametrize("tag", ['"\xff"', '"\x01"', '"' + "x" * 8000 + '"', '"', ""])
def test_odd_etags(tag: str, tmp_path: Path) -> None:
    odd = head(Content_Length=len(BODY)).replace(b"\r\n", b"\r\nETag: " + tag.encode("latin-1") + b"\r\n", 1)
    done, _ = fetch(tmp_path, raw(odd, BODY[:100_000]), ranged(BODY))
    assert done.path.read_bytes() == BODY


def test_a_web_page_that_claims_to_be_a_file_is_no_model(tmp_path: Path) -> None:
    page = b"<!doctype html><title>Sign in</title>"
    said = refused(tmp_path, WrongFile, raw(head(Content_Type="application/octet-stream"), page))
    assert "no .safetensors file; it starts with b'<!doctype html>" in said


def test_what_will_be_refused_is_refused_at_its_first_bytes(tmp_path: Path) -> None:
    slow = raw(head(Content_Length=1 << 30), b"PK\x03\x04" + b"\0" * 100, pause=0.05)
    assert "starts with b'PK" in refused(tmp_path, WrongFile, slow)
    assert left(tmp_path) == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, gzip"])
def test_nothing_is_inflated(encoding: str, tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    answer = raw(head(Content_Encoding=encoding, Content_Length=len(bomb)), bomb)
    assert "sends the file compressed" in refused(tmp_path, Refused, answer)
    assert left(tmp_path) == []


def test_plain_bytes_are_asked_for(tmp_path: Path) -> None:
    _, origin = fetch(tmp_path, ranged(BODY))
    assert origin.requests[0].headers["accept-encoding"] == "identity"


def test_a_trickle_is_taken_for_broken(tmp_path: Path) -> None:
    trickle = raw(head(Content_Length=len(BODY), ETag='"one"'), *(BODY[i : i + 1] for i in range(200)), pause=0.02)
    said = refused(tmp_path, Broken, trickle, rules={"patience": 0.15, "attempts": 1})
    assert "less than 4096 bytes in 0.15 seconds" in said


def test_a_trickle_of_headers_is_taken_for_broken(tmp_path: Path) -> None:
    trickle = raw(b"HTTP/1.1 200 OK\r\n", *(f"X-{i}: 1\r\n".encode() for i in range(200)), pause=0.02)
    assert "in 0.15 seconds" in refused(tmp_path, Broken, trickle, rules={"patience": 0.15, "attempts": 1})
    assert left(tmp_path) == []


def test_a_slow_server_that_goes_on_is_waited_for(tmp_path: Path) -> None:
    pieces = [BODY[i : i + 50_000] for i in range(0, len(BODY), 50_000)]
    slow = raw(head(Content_Length=len(BODY)), *pieces, pause=0.1)
    done, _ = fetch(tmp_path, slow, rules={"patience": 0.3})
    assert done.size == len(BODY)


def test_there_is_an_end_to_all_patience(tmp_path: Path) -> None:
    pieces = [b"\0" * 8192] * 300
    slow = raw(head(Content_Length=len(BODY) * 9), BODY[:9000], *pieces, pause=0.02)
    assert "more than 0.2 seconds" in refused(tmp_path, Broken, slow, rules={"seconds": 0.2})


VERSIONS = [model(20_000, seed) for seed in range(3)]


def piece(start: int, total: int | str, body: bytes) -> Answer:
    """Claim that `body` is a part of the first version."""
    span = f"bytes {start}-{start + len(body) - 1}/{total}"
    return raw(head("206 Partial", ETag='"0"', Content_Range=span, Content_Length=len(body)), body)


VERSION, PLACE = st.sampled_from([0, 1, 2]), st.integers(0, 20_000)
MISHAPS = st.one_of(
    st.builds(lambda version, upto: ranged(VERSIONS[version], f'"{version}"', upto=upto), VERSION, PLACE),
    st.builds(lambda version, upto: raw(head(), VERSIONS[version][:upto]), VERSION, PLACE),
    st.builds(piece, PLACE, st.sampled_from([len(VERSIONS[0]), 7, "*"]), st.binary(max_size=50)),
    st.builds(raw, st.binary(max_size=60)),
    st.sampled_from([raw(head("503 Busy")), raw(head("416 No", Content_Range="bytes */5")), raw(b"")]),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True)
@given(mishaps=st.lists(MISHAPS, max_size=6), last=st.integers(0, 2))
def test_whatever_happens_versions_are_never_mixed(mishaps: list[Answer], last: int) -> None:
    """All versions have one size and one header, so that a mixture would look sound."""
    with TemporaryDirectory() as base:
        try:
            done, _ = fetch(Path(base), *mishaps, ranged(VERSIONS[last], f'"{last}"'), rules={"attempts": 8})
        except DownloadError:
            assert "model.safetensors" not in left(Path(base))
        else:
            assert done.path.read_bytes() in VERSIONS


def test_busy_servers_are_asked_again(tmp_path: Path) -> None:
    done, origin = fetch(tmp_path, raw(head("503 Busy", Content_Length=0)), raw(b"nonsense\r\n\r\n"), ranged(BODY))
    assert len(origin.requests) == 3
    assert done.size == len(BODY)


@pytest.mark.parametrize(("status", "words"), [("404 No", "no such file"), ("401 No", "sign in"), ("418 No", "418")])
def test_a_clear_no_is_not_asked_again(status: str, words: str, tmp_path: Path) -> None:
    async def run() -> Origin:
        async with serving(raw(head(status, Content_Length=0))) as origin:
            with pytest.raises(Refused, match=words):
                await downloader(tmp_path, origin.port).fetch(DownloadRequest(origin.url()))
            return origin

    assert len(asyncio.run(run()).requests) == 1
    assert left(tmp_path) == []


def test_redirects_are_followed(tmp_path: Path) -> None:
    done, origin = fetch(tmp_path, redirect("/elsewhere?signature=a%2Fb"), redirect("there"), ranged(BODY))
    assert [request.target for request in origin.requests][1:] == ["/elsewhere?signature=a%2Fb", "/there"]
    assert done.name == "model.safetensors"


@pytest.mark.parametrize("status", ["301 a", "302 b", "303 c", "307 d", "308 e"])
def test_redirects_in_circles_end(status: str, tmp_path: Path) -> None:
    assert "more than 8 times" in refused(tmp_path, Refused, redirect("/again", status))
    assert left(tmp_path) == []


def test_a_redirect_to_nowhere(tmp_path: Path) -> None:
    assert "without saying where" in refused(tmp_path, Refused, raw(head("302 Found", Content_Length=0)))


def test_torch_files_need_a_word(tmp_path: Path) -> None:
    assert "can carry programs" in refused(tmp_path, Refused, ranged(BODY), name="a.ckpt")
    said = refused(tmp_path, WrongFile, ranged(BODY), name="a.ckpt", rules={"pickles": True})
    assert "called as what it is not" in said


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    fetch(tmp_path, ranged(BODY))
    assert "is there already" in refused(tmp_path, Refused, ranged(OTHER))
    assert "is another file" in refused(tmp_path, Refused, ranged(OTHER), sha256=sha256(OTHER))
    done, origin = fetch(tmp_path, ranged(BODY), sha256=sha256(BODY))
    assert (done.size, origin.requests) == (len(BODY), [])


def test_what_is_left_of_another_source_is_not_gone_on_with(tmp_path: Path) -> None:
    refused(tmp_path, Broken, ranged(BODY, upto=100_000), silence, rules={"attempts": 1})
    done, origin = fetch(tmp_path, ranged(OTHER))
    assert origin.requests[0].start == 0
    assert done.path.read_bytes() == OTHER


@pytest.mark.parametrize("notes", ["", "{", "[]", '{"source": 1}', '{"total": -1, "validator": "", "source": ""}'])
def test_damaged_notes_mean_a_new_start(notes: str, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "model.safetensors.part").write_bytes(b"rubbish")
    (folder / "model.safetensors.part.json").write_text(notes)
    done, _ = fetch(tmp_path, ranged(BODY))
    assert done.path.read_bytes() == BODY


def test_a_whole_file_that_never_got_its_name_is_not_fetched_again(tmp_path: Path) -> None:
    async def run() -> tuple[Downloaded, Origin]:
        async with serving(ranged(BODY)) as origin:
            request = DownloadRequest(origin.url())
            done = await downloader(tmp_path, origin.port).fetch(request)
            part = done.path.rename(done.path.with_name("model.safetensors.part"))
            source = hashlib.sha256(request.source.encode()).hexdigest()
            notes = {"source": source, "validator": '"one"', "total": None}
            part.with_name("model.safetensors.part.json").write_text(json.dumps(notes))
            return await downloader(tmp_path, origin.port).fetch(request), origin

    done, origin = asyncio.run(run())
    assert origin.requests[1].start == len(BODY)
    assert done.path.read_bytes() == BODY


def test_two_downloads_of_one_file(tmp_path: Path) -> None:
    target = tmp_path / "models" / "checkpoints" / "model.safetensors"
    target.parent.mkdir(parents=True)
    with locked(target):
        assert "already" in refused(tmp_path, Busy, ranged(BODY))
    assert left(tmp_path) == []


def test_two_at_once_give_one_whole_file(tmp_path: Path) -> None:
    async def run() -> list[object]:
        async with serving(ranged(BODY)) as origin:
            one = downloader(tmp_path, origin.port)
            wanted = [one.fetch(DownloadRequest(origin.url())) for _ in range(4)]
            return list(await asyncio.gather(*wanted, return_exceptions=True))

    ended = asyncio.run(run())
    assert sum(isinstance(end, Downloaded) for end in ended) == 1
    assert all(isinstance(end, Downloaded | Busy | Refused) for end in ended)
    assert left(tmp_path) == ["model.safetensors"]


def test_a_disk_without_room_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    assert "the disk has 0.0 MB left" in refused(tmp_path, CannotWrite, ranged(BODY))


def test_a_disk_that_fails_is_told_and_nothing_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    refused(tmp_path, Broken, ranged(BODY, upto=100_000), silence, rules={"attempts": 1})
    monkeypatch.setattr("ldm_nodes.server.downloads.partial.Partial.recall", fail)
    assert "cannot be used: Input/output error" in refused(tmp_path, CannotWrite, ranged(BODY))
    assert left(tmp_path) == ["model.safetensors.part", "model.safetensors.part.json"]


def test_a_wish_to_stop_leaves_what_has_arrived(tmp_path: Path) -> None:
    pieces = [BODY[i : i + 10_000] for i in range(0, len(BODY), 10_000)]

    async def run() -> None:
        async with serving(raw(head(Content_Length=len(BODY), ETag='"one"'), *pieces, pause=0.05)) as origin:
            task: asyncio.Task[Downloaded] | None = None

            def told(progress: Progress) -> None:
                if progress.received > 0 and task:
                    task.cancel()

            request = DownloadRequest(origin.url())
            task = asyncio.create_task(downloader(tmp_path, origin.port).fetch(request, told))
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert left(tmp_path) == ["model.safetensors.part", "model.safetensors.part.json"]
