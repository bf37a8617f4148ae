"""A web server that misbehaves on request, on this machine."""

from __future__ import annotations

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from yarl import URL

from ldm_nodes.server.downloads.download import Downloader
from ldm_nodes.server.downloads.hub import Hub
from ldm_nodes.server.downloads.rules import Rules
from ldm_nodes.settings import Folders

LOOPBACK = ("127.0.0.0/8", "::1/128")


def model(size: int = 300_000, seed: int = 0) -> bytes:
    """Return a sound safetensors file with about `size` bytes of noise."""
    import torch  # here and below, so that a process that only downloads starts at once
    from safetensors.torch import save

    numbers = torch.randint(0, 256, (size,), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    return save({"weight": numbers})


def format_of(path: Path) -> str:
    """Tell formats as the command line does."""
    from ldm_nodes.models.checkpoint import open_checkpoint

    return open_checkpoint(path).format


def downloader(base: Path, *ports: int, endpoint: str = "", **rules: Any) -> Downloader:
    """Return a downloader that may reach these ports of this machine, and loses patience soon."""
    hosts = tuple(f"127.0.0.1:{port}" for port in ports)
    usual: dict[str, Any] = {
        "hosts": hosts, "http": True, "networks": LOOPBACK, "patience": 0.5, "pause": 0.0, "attempts": 3, "least": 4096,
    }  # fmt: skip
    return Downloader(Folders.under(base), format_of, Rules(**{**usual, **rules}), Hub(endpoint))


class Request:
    """What was asked for: the target of the first line, and the headers by their names in lower case."""

    def __init__(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.target = lines[0].split(" ")[1]
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    @property
    def start(self) -> int:
        """Where the wanted range begins."""
        return int(self.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))


Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Origin:
    """Answers every request with the next of its answers, the last one again and again.

    Attributes:
        requests: what was asked.
        port: where.
    """

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[Request] = []
        self.port = 0
        self._answers = list(answers)

    def url(self, path: str = "/model.safetensors") -> str:
        """Return the address of a file."""
        return str(URL(f"http://127.0.0.1:{self.port}{path}"))

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            request = Request(await reader.readuntil(b"\r\n\r\n"))
            self.requests.append(request)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            await answer(request, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has had enough, as it should, or the test is over
        finally:
            writer.close()


@asynccontextmanager
async def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Origin]:
    """Run an origin inside the block."""
    origin = Origin(*answers)
    server = await asyncio.start_server(origin.answer, "127.0.0.1", 0, ssl=tls)
    origin.port = server.sockets[0].getsockname()[1]
    try:
        yield origin
    finally:
        server.close()


def head(status: str = "200 OK", **headers: object) -> bytes:
    """Return the head of an answer; `_` in a header's name is `-`."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\nConnection: close\r\n\r\n").encode()


def raw(*pieces: bytes, pause: float = 0.0) -> Answer:
    """Send these bytes, whatever was asked."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def redirect(location: str, status: str = "302 Found") -> Answer:
    """Send the client elsewhere."""
    return raw(head(status, Location=location, Content_Length=0))


def ranged(body: bytes, etag: str = '"one"', *, upto: int | None = None) -> Answer:
    """Serve a file as a good server does, ranges and If-Range included; break off after `upto` bytes of the body."""

    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        held = request.headers.get("if-range", etag) == etag
        start = request.start if held else 0
        if start >= len(body) and start:
            writer.write(head("416 Range Not Satisfiable", Content_Range=f"bytes */{len(body)}", Content_Length=0))
            return
        size = len(body) - start
        if start:
            span = f"bytes {start}-{len(body) - 1}/{len(body)}"
            writer.write(head("206 Partial Content", ETag=etag, Content_Length=size, Content_Range=span))
        else:
            writer.write(head(ETag=etag, Content_Length=size, Content_Type="application/octet-stream"))
        writer.write(body[start:] if upto is None else body[start : start + upto])
        await writer.drain()

    return answer


async def silence(_: Request, __: asyncio.StreamWriter) -> None:
    """Say nothing for long."""
    await asyncio.sleep(30)


async def endless(_: Request, writer: asyncio.StreamWriter) -> None:
    """Send a body that claims no end and has none."""
    header = b'{"weight":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'
    writer.write(head() + struct.pack("<Q", len(header)) + header)
    while True:
        writer.write(b"\0" * 65536)
        await writer.drain()
