"""Downloads cannot be made to reach other machines or folders, or to run anything (threats 12, 13, 20, 21, 38, 40)."""

from __future__ import annotations

import asyncio
import os
import pickle
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import torch

from ldm_nodes.server.downloads import gate
from ldm_nodes.server.downloads.errors import DownloadError, Refused, WrongFile
from ldm_nodes.server.downloads.request import DownloadRequest
from ldm_nodes.server.downloads.rules import Rules
from ldm_nodes.server.downloads.source import parse_source, parse_url
from ldm_nodes.server.downloads.target import target_of
from ldm_nodes.settings import Folders
from tests.server.downloads.origin import Answer, Origin, downloader, head, model, ranged, raw, redirect, serving

from .test_files import ESCAPES

PUBLIC = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]
PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "100::1", "fec0::1", "2001::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::1", "2002:a00:1::", "::ffff:0:127.0.0.1",
]  # fmt: skip
BODY = model(1000)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text: str) -> None:
    assert gate.is_public(ip_address(text))


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not gate.is_public(ip_address(text))


def fetch(base: Path, source: str, *, name: str = "x.safetensors", **rules: Any) -> None:
    asyncio.run(downloader(base, **rules).fetch(DownloadRequest(source, name=name)))


def left(base: Path) -> list[Path]:
    return [path for path in base.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "source",
    [
        "file:///etc/passwd", "ftp://huggingface.co/x", "gopher://huggingface.co/x", "data://x/y", "FILE://x/y",
        "javascript://huggingface.co/%0aalert(1)", "http://huggingface.co/x.safetensors", "https:///x", "://x", "//x/y",
        "https://huggingface.co@127.0.0.1/x", "https://u:p@huggingface.co/x", "https://:@huggingface.co/x",
        "https://huggingface.co:443@evil.test/x", "https://huggingface.co\\@evil.test/x", "https://evil.test#.hf.co/x",
        "https://huggingface.co%2f@evil.test/", "https://huggingface.co%00.evil.test/", "https://huggingface.co.evil.test/",
        "https://evilhuggingface.co/x", "https://evilhf.co/x", "https://hf.co./x", "https://huggingface.co:8443/x",
        "https://huggingface.co:22/x", "https://hugging\tface.co/x", "https://huggingface.co/x y", "https://[::1/",
        "https://huggingface.co:99999/x", "https://huggingface.co\r\nHost: evil/x", "https://ｈuggingface.co@evil.test/",
        "https://127.0.0.1/x", "https://[::1]/x", "https://[::ffff:127.0.0.1]/x", "https://2130706433/x",
        "https://0177.0.0.1/x", "https://0x7f.1/x", "https://127.1/x", "https://localhost/x", "https://169.254.169.254/x",
        "https://metadata.google.internal/x", "https://①②⑦.⓪.⓪.①/x", "https://127。0。0。1/x",
    ],
)  # fmt: skip
def test_addresses_that_are_refused_before_anything_is_asked(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _unasked)
    with pytest.raises(Refused):
        asyncio.run(downloader(tmp_path, hosts=Rules().hosts, http=False).fetch(DownloadRequest(source)))
    assert left(tmp_path) == []


def _unasked(*_: object, **__: object) -> list[Any]:
    raise AssertionError("a name was looked up")


@pytest.mark.parametrize("host", [*PRIVATE, "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "0", "localhost"])
def test_being_on_the_list_does_not_make_an_address_public(host: str, tmp_path: Path) -> None:
    host = f"[{host}]" if ":" in host else host
    with pytest.raises(Refused, match=r"not public|no host"):
        fetch(tmp_path, f"http://{host}/x.safetensors", hosts=(host,), networks=())
    assert left(tmp_path) == []


def reached(base: Path, *answers: Answer, path: str = "/x.safetensors", **rules: Any) -> Origin:
    """Download from this machine, which must be refused, and return what it was asked."""

    async def run() -> Origin:
        async with serving(*answers) as origin:
            hosts = (f"127.0.0.1:{origin.port}", f"models.test:{origin.port}", *rules.pop("hosts", ()))
            with pytest.raises(Refused):
                await downloader(base, hosts=hosts, **rules).fetch(DownloadRequest(origin.url(path)))
            return origin

    origin = asyncio.run(run())
    assert left(base) == []
    return origin


def test_this_machine_is_not_reached(tmp_path: Path) -> None:
    assert reached(tmp_path, ranged(BODY), networks=()).requests == []


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[fd00:ec2::254]", "2852039166"])
def test_redirects_to_private_addresses_are_not_followed(host: str, tmp_path: Path) -> None:
    origin = reached(tmp_path, redirect(f"http://{host}/latest/meta-data"), hosts=(host,))
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://evil.test/x", "//evil.test/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "http://u@127.0.0.1/x",
        "\\\\evil.test\\x", "http://[::1", "http://127.0.0.1:99999/x", "http://127.0.0.1:x/", "//127.0.0.1:-1/x",
        "javascript:alert(1)", "data:,x",
    ],
)  # fmt: skip
def test_redirects_that_lead_elsewhere_are_not_followed(location: str, tmp_path: Path) -> None:
    assert len(reached(tmp_path, redirect(location)).requests) == 1


class Names:
    """A name server whose answers for one name change from question to question."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers: Iterator[list[str]] = iter(answers)
        self.asked = 0

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        assert host == "models.test"
        self.asked += 1
        return [
            (socket.AF_INET6 if ":" in text else socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))
            for text in next(self._answers)
        ]


def test_one_private_address_among_public_ones_refuses_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names(["8.8.8.8", "10.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    with pytest.raises(Refused, match=r"models\.test is at an address that is not public"):
        fetch(tmp_path, "http://models.test/x.safetensors", hosts=("models.test",), networks=())
    assert names.asked == 1


def test_the_checked_address_is_the_one_that_is_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: a name that is asked for again has another answer, so it must not be asked for again."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])

    async def run() -> Origin:
        async with serving(ranged(BODY)) as origin:
            monkeypatch.setattr(socket, "getaddrinfo", names)
            one = downloader(tmp_path, hosts=(f"models.test:{origin.port}",))
            await one.fetch(DownloadRequest(f"http://models.test:{origin.port}/x.safetensors"))
            return origin

    assert len(asyncio.run(run()).requests) == 1
    assert names.asked == 1


def test_a_name_is_checked_again_at_every_redirect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names(["127.0.0.1"], ["169.254.169.254"])

    async def run() -> Origin:
        async with serving(redirect("/again")) as origin:
            monkeypatch.setattr(socket, "getaddrinfo", names)
            one = downloader(tmp_path, hosts=(f"models.test:{origin.port}",))
            with pytest.raises(Refused, match="not public"):
                await one.fetch(DownloadRequest(f"http://models.test:{origin.port}/x.safetensors"))
            return origin

    assert len(asyncio.run(run()).requests) == 1
    assert names.asked == 2


def test_no_proxy_resolves_names_for_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> tuple[Origin, Origin]:
        async with serving(ranged(BODY)) as origin, serving(ranged(BODY)) as proxy:
            for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
            await downloader(tmp_path, origin.port).fetch(DownloadRequest(origin.url()))
            return origin, proxy

    origin, proxy = asyncio.run(run())
    assert (len(origin.requests), len(proxy.requests)) == (1, 0)


@pytest.mark.parametrize(
    "name", [*ESCAPES, "a//b", "~/.ssh/x", ".x", "a/.git/x", "x.safetensors/", "a<b", "a|b", "a\x85/x"]
)
@pytest.mark.parametrize("suffix", ["", ".safetensors"])
def test_names_that_lead_out_or_are_none(name: str, suffix: str, tmp_path: Path) -> None:
    folders = Folders.under(tmp_path / "base")
    try:
        path = target_of(folders, "checkpoints", name + suffix, pickles=True)
    except Refused:
        assert not (tmp_path / "base").exists()
        return
    assert suffix  # only what the ending makes harmless: "a" + ".safetensors"
    assert path.parent.resolve().is_relative_to(folders.of("checkpoints")[0].resolve())
    assert path.name.endswith(".safetensors")
    assert path.name.strip(". ") == path.name


@pytest.mark.parametrize("path", ["/..%2f..%2fx.safetensors", "/..%5c..%5cx.safetensors", "/a/%2e%2e%2fx.safetensors"])
def test_names_in_addresses_stay_in_the_folder(path: str, tmp_path: Path) -> None:
    async def run() -> Path:
        async with serving(ranged(BODY)) as origin:
            return (await downloader(tmp_path, origin.port).fetch(DownloadRequest(origin.url(path)))).path

    assert asyncio.run(run()) == tmp_path / "models" / "checkpoints" / "x.safetensors"


def test_names_that_servers_send_mean_nothing(tmp_path: Path) -> None:
    answer = raw(head(Content_Disposition='attachment; filename="../../evil.py"', Content_Length=len(BODY)), BODY)

    async def run() -> str:
        async with serving(answer) as origin:
            return (await downloader(tmp_path, origin.port).fetch(DownloadRequest(origin.url()))).name

    assert asyncio.run(run()) == "model.safetensors"
    assert [path.name for path in left(tmp_path)] == ["model.safetensors"]


@pytest.mark.parametrize("kind", ["..", "../input", "configs", "input", "output", "custom_nodes", "diffusers", "", "/"])
def test_only_folders_of_weights_are_written(kind: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no folder"):
        target_of(Folders.under(tmp_path), kind, "x.safetensors", pickles=True)


@pytest.mark.parametrize(
    "suffix", [".py", ".pth.py", ".json", ".yaml", ".html", ".pkl", ".zip", "", ".safetensors.exe"]
)
def test_only_models_are_written(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not end in"):
        target_of(Folders.under(tmp_path), "checkpoints", f"x{suffix}", pickles=True)


def test_links_that_lead_out_are_refused(tmp_path: Path) -> None:
    base, outside = tmp_path / "base", tmp_path / "outside"
    outside.mkdir()
    (base / "models" / "checkpoints").mkdir(parents=True)
    (base / "models" / "checkpoints" / "link").symlink_to(outside)
    with pytest.raises(Refused, match="leads outside"):
        target_of(Folders.under(base), "checkpoints", "link/x.safetensors", pickles=False)
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("planted", ["x.safetensors", "x.safetensors.part", ".x.safetensors.lock"])
def test_planted_links_are_not_written_through(planted: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("keep me")
    folder = tmp_path / "base" / "models" / "checkpoints"
    folder.mkdir(parents=True)
    (folder / planted).symlink_to(secret)

    async def run() -> None:
        async with serving(ranged(BODY)) as origin:
            with pytest.raises(DownloadError):
                await downloader(tmp_path / "base", origin.port).fetch(DownloadRequest(origin.url("/x.safetensors")))

    asyncio.run(run())
    assert secret.read_text() == "keep me"


class Harmful:
    """A pickle that would make a file."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self._path,)


@pytest.mark.parametrize("name", ["x.ckpt", "x.safetensors", "x.pt"])
@pytest.mark.parametrize("zipped", [True, False])
def test_programs_in_models_are_not_run_and_not_kept(name: str, zipped: bool, tmp_path: Path) -> None:
    trap, file = tmp_path / "trap", tmp_path / "harmful"
    if zipped:
        torch.save({"state_dict": Harmful(trap)}, file)
    else:
        file.write_bytes(pickle.dumps({"state_dict": Harmful(trap)}))

    async def run() -> None:
        async with serving(ranged(file.read_bytes())) as origin:
            one = downloader(tmp_path / "base", origin.port, pickles=True)
            with pytest.raises(WrongFile):
                await one.fetch(DownloadRequest(origin.url(f"/{name}")))

    asyncio.run(run())
    assert not trap.exists()
    assert left(tmp_path / "base") == []


def test_tokens_in_addresses_are_nowhere(tmp_path: Path) -> None:
    async def run() -> str:
        async with serving(ranged(BODY, upto=500), raw(head("503 Busy"))) as origin:
            with pytest.raises(DownloadError) as caught:
                await downloader(tmp_path, origin.port).fetch(
                    DownloadRequest(origin.url("/x.safetensors?token=canary"))
                )
            return str(caught.value)

    assert "canary" not in asyncio.run(run())
    assert left(tmp_path)
    assert not [path for path in left(tmp_path) if b"canary" in path.read_bytes()]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_host_that_cannot_prove_itself_is_refused(tmp_path: Path) -> None:
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=x",
    ]
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def run() -> Origin:
        async with serving(ranged(BODY), tls=context) as origin:
            one = downloader(tmp_path / "base", origin.port)
            with pytest.raises(Refused, match="certificate is not valid"):
                await one.fetch(DownloadRequest(f"https://127.0.0.1:{origin.port}/x.safetensors"))
            return origin

    assert asyncio.run(run()).requests == []
    assert left(tmp_path / "base") == []


def test_addresses_are_sent_as_they_were_checked() -> None:
    assert str(parse_url("https://hf.co/a%2Fb?s=%2F%2b")) == "https://hf.co/a%2Fb?s=%2F%2b"


@pytest.mark.parametrize("source", ["org", "org/repo/file", "../x/y", "org/repo:", "org/repo::x", "a b/c", "", "/a/b"])
def test_what_is_no_source(source: str) -> None:
    with pytest.raises(Refused, match="neither"):
        parse_source(source)
