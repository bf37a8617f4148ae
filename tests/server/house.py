"""A server at work in a thread of the test's process, and clients that say exactly what they are told to say."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import aiohttp
import numpy as np
from aiohttp import web

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Choice
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.jobs.backend import Backend
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.jobs.record import JobRecord
from ldm_nodes.server.access import Access
from ldm_nodes.server.app import make_app
from ldm_nodes.server.door import Runner
from ldm_nodes.server.frontend import Frontend
from ldm_nodes.server.hub import Hub
from ldm_nodes.server.site import Limits, Site
from ldm_nodes.settings import Folders
from tests.jobs.pack import PATIENCE, Bench, Graph, Number, finished, graph_of, registry

T = TypeVar("T")


@node("Drawn", category="test")
def drawn(value: Number, *, context: Context[Bench]) -> Number:
    """Say something and show a picture of work in progress."""
    context.notice("as you see")
    context.progress(1, 1, preview=lambda: np.zeros((8, 16, 3), np.uint8))
    return value


@node("Opened", category="test", output=True)
def opened(name: Annotated[str, Choice(lambda folders: folders.names("input"))]) -> NodeOutput[None]:
    """Show the name of a file."""
    return NodeOutput(None, {"text": [name]})


@node("Pictured", category="test", output=True)
def pictured(value: Number) -> NodeOutput[None]:
    """Name a picture after a number, without making one."""
    return NodeOutput(None, {"images": [{"filename": f"{value}.png", "subfolder": "", "type": "output"}]})


def nodes() -> Registry:
    """Return the nodes of the tests' servers."""
    found = registry()
    found.register(drawn, opened, pictured)
    return found


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Socket:
    """A WebSocket as a client sees it."""

    def __init__(self, house: House, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._house, self._socket = house, socket

    def receive(self) -> dict[str, Any] | bytes:
        """Return the next frame: a message or bytes."""
        frame = self._house.run(self._socket.receive(timeout=PATIENCE))
        if frame.type is aiohttp.WSMsgType.BINARY:
            return bytes(frame.data)
        assert frame.type is aiohttp.WSMsgType.TEXT, frame
        found: dict[str, Any] = json.loads(frame.data)
        return found

    def until_end(self) -> list[dict[str, Any]]:
        """Return all messages up to and with the one that says that a run is over."""
        told: list[dict[str, Any]] = []
        while not (told and told[-1]["type"] == "executing" and told[-1]["data"]["node"] is None):
            frame = self.receive()
            if isinstance(frame, dict):
                told.append(frame)
        return told

    def send(self, message: Any) -> None:
        self._house.run(self._socket.send_str(json.dumps(message)))

    def close(self) -> None:
        self._house.run(self._socket.close())


class House:
    """A server and what is behind it."""

    def __init__(self, site: Site, bench: Bench, runner: web.AppRunner, loop: asyncio.AbstractEventLoop) -> None:
        self.site, self.bench = site, bench
        self._runner, self._loop = runner, loop
        self._session: aiohttp.ClientSession | None = None

    @property
    def port(self) -> int:
        return int(self._runner.addresses[0][1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self) -> list[web.RequestHandler]:
        """The open connections."""
        assert self._runner.server is not None
        return self._runner.server.connections

    @property
    def desk(self) -> JobDesk:
        return self.site.desk

    def run(self, work: Awaitable[T]) -> T:
        """Do something on the event loop and wait for it."""

        async def done() -> T:
            return await work

        future: Future[T] = asyncio.run_coroutine_threadsafe(done(), self._loop)
        return future.result(PATIENCE)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        raw: bytes | None = None,
    ) -> Answer:
        """Send a request as a script does: JSON without a type unless `headers` say otherwise."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, sent, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: Any = None) -> Answer:
        return self.ask("POST", path, {} if body is None else body)

    def upload(
        self,
        path: str,
        fields: Mapping[str, str],
        filename: str,
        data: bytes,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form with a file."""
        edge = "ldm-nodes-edge"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="image"; filename="{filename}"\r\n\r\n'
        raw = b"".join(parts) + head.encode() + data + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return self.ask("POST", path, headers={**(headers or {}), **kind}, raw=raw)

    def queue(self, middle: str = "", number: int = 1, *, client_id: str = "", **inputs: Any) -> str:
        """Queue a graph of the tests' nodes and return its id."""
        return self.queue_graph(graph_of(middle, number, **inputs), client_id)

    def queue_graph(self, graph: Graph, client_id: str = "") -> str:
        answer = self.post("/prompt", {"prompt": graph, **({"client_id": client_id} if client_id else {})})
        assert answer.status == 200, answer.text
        return str(answer.json["prompt_id"])

    def finish(self, *job_ids: str) -> list[JobRecord]:
        """Wait until jobs have ended."""
        return finished(self.desk, *job_ids)

    def socket(self, sid: str = "", **headers: str) -> Socket:
        """Open a WebSocket; the greeting is still to be received."""
        return Socket(
            self, self.run(self._connect(sid, {name.replace("_", "-"): value for name, value in headers.items()}))
        )

    async def _connect(self, sid: str, headers: Mapping[str, str]) -> aiohttp.ClientWebSocketResponse:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        query = f"?clientId={sid}" if sid else ""
        return await self._session.ws_connect(f"http://{self.host}/ws{query}", headers=headers)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        await self._runner.cleanup()


@contextlib.contextmanager
def serving(
    base: Path,
    *,
    access: Access | None = None,
    works: bool = True,
    backend: Callable[[Folders, JobDesk], Backend] | None = None,
    **parts: Any,
) -> Iterator[House]:
    """Give a server with the tests' nodes.

    Args:
        base: its folder.
        access: who may come in.
        works: jobs are taken; else they wait.
        backend: makes what runs jobs, of folders and queue; by default what runs the tests' nodes.
        parts: of `Site`, others than the usual.
    """
    bench = Bench()
    folders = Folders.under(base)
    for folder in (folders.input, folders.output, folders.temp):
        folder.mkdir(exist_ok=True)
    desk = JobDesk.open(base / "ldm_nodes.sqlite3")
    usual = LocalBackend(lambda: Executor(nodes(), OutputCache(Memory(1 << 20)), bench), folders, 5.0, desk.secrets.of)
    dispatcher = Dispatcher(desk.store, backend(folders, desk) if backend else usual)
    site = Site(
        **{
            "registry": nodes(),
            "folders": folders,
            "desk": desk,
            "hub": Hub(),
            "access": access or Access(),
            "user_folder": base / "user",
            "frontend": Frontend.find("editor"),
            "limits": Limits(upload=1 << 20),
            **parts,
        }
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = Runner(make_app(site), shutdown_timeout=1.0)
    house = House(site, bench, runner, loop)
    house.run(_start(runner))
    if works:
        dispatcher.start()
    try:
        yield house
    finally:
        bench.gate.set()
        dispatcher.close()
        house.run(house.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        desk.close()


async def _start(runner: web.AppRunner) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
