"""Many clients at once, who queue, cancel, send nonsense and lose their connections; each keeps a view of its own jobs.

A view comes from the socket's messages alone while the client is connected. After a lost connection the client asks for
what it may have missed, as ComfyUI's does.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE = 120.0
Graph = Mapping[str, Any]
ENDS = {"execution_success": "done", "execution_error": "failed", "execution_interrupted": "cancelled"}
MOST_OPEN = 12
"""How many unfinished jobs one client has at most."""


@dataclass(frozen=True)
class Work:
    """The graphs that a server can be asked for.

    Attributes:
        good: of a number, each another graph that ends well and soon.
        long: of a number, a graph that takes its time and can be stopped.
        broken: of a number, a graph that fails when it runs.
        bad: a graph that is refused.
    """

    good: Callable[[int], Graph]
    long: Callable[[int], Graph]
    broken: Callable[[int], Graph]
    bad: Graph


class Visitor:
    """One client.

    Attributes:
        view: job id to its state, as this client knows it.
        remaining: the length of the queue, as it was last told.
        refused: how many graphs were refused.
        lost: how often it lost its connection.
    """

    def __init__(self, url: str, name: str, work: Work, dice: random.Random) -> None:
        self.view: dict[str, str] = {}
        self.remaining: int | None = None
        self.refused = self.lost = 0
        self._url, self._name, self._work, self._dice = url, name, work, dice
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._listening: asyncio.Task[None] | None = None

    async def visit(self, session: aiohttp.ClientSession, jobs: int, everyone: asyncio.Barrier) -> None:
        """Queue so many jobs, with all that goes wrong, and stay until everyone's jobs have ended."""
        self._session = session
        await self._connect()
        while len(self.view) < jobs:
            await self._act()
            while len(self._open()) >= MOST_OPEN:
                await asyncio.sleep(0.005)
        await self._settled()
        await everyone.wait()
        await asyncio.sleep(0.2)  # for the last words of the others' jobs
        await self._leave()

    def _open(self) -> list[str]:
        return [job_id for job_id, state in self.view.items() if state in ("queued", "running")]

    async def _act(self) -> None:
        """Do one thing, most often the usual."""
        number = self._dice.randrange(1_000_000)
        what = self._dice.random()
        if what < 0.05:
            await self._lose_connection()
        elif what < 0.13:
            await self._send_nonsense()
        elif what < 0.20:
            await self._cancel(await self._post(self._work.long(number)))
        elif what < 0.27 and self._open():
            await self._cancel(self._dice.choice(self._open()))
        elif what < 0.35:
            await self._post(self._work.broken(number))
        else:
            await self._post(self._work.good(number))

    async def _post(self, graph: Graph) -> str:
        status, told = await self._ask("POST", "/prompt", {"prompt": graph, "client_id": self._name})
        assert status == 200, told
        job_id = str(told["prompt_id"])
        self.view.setdefault(job_id, "queued")
        return job_id

    async def _send_nonsense(self) -> None:
        body = self._dice.choice([{"prompt": self._work.bad}, {}, {"prompt": []}, {"prompt": {}}, []])
        status, told = await self._ask("POST", "/prompt", body)
        assert status == 400, told
        self.refused += 1

    async def _cancel(self, job_id: str) -> None:
        """Stop a job in one of the three ways."""
        ways = {"/interrupt": {"prompt_id": job_id}, "/queue": {"delete": [job_id]}, f"/jobs/{job_id}/cancel": {}}
        for path in self._dice.sample(list(ways), 2):
            status, told = await self._ask("POST", path, ways[path])
            assert status == 200, told
        await self._look_up(job_id)

    async def _look_up(self, job_id: str) -> None:
        status, told = await self._ask("GET", f"/jobs/{job_id}")
        assert status == 200, told
        if self.view[job_id] in ("queued", "running"):
            self.view[job_id] = told["state"]

    async def _lose_connection(self) -> None:
        """Vanish without a word, and come back."""
        assert self._socket is not None
        transport = self._socket._response.connection and self._socket._response.connection.transport
        if transport is not None and self._dice.random() < 0.7:
            transport.abort()
        else:
            await self._socket.close()
        self.lost += 1
        await asyncio.sleep(self._dice.uniform(0, 0.02))
        await self._leave()
        await self._connect()
        for job_id in self._open():
            await self._look_up(job_id)

    async def _settled(self) -> None:
        """Wait until this client knows of no unfinished job; it asks once more for those that it waits for too long."""
        async with asyncio.timeout(PATIENCE):
            while self._open():
                await asyncio.sleep(0.01)

    async def _connect(self) -> None:
        self._socket = await self._session.ws_connect(f"{self._url}/ws?clientId={self._name}")
        self._listening = asyncio.create_task(self._listen(self._socket))

    async def _leave(self) -> None:
        assert self._socket is not None
        assert self._listening is not None
        await self._socket.close()
        await self._listening

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._hear(json.loads(frame.data))

    def _hear(self, told: Mapping[str, Any]) -> None:
        data = told["data"]
        if told["type"] == "status":
            self.remaining = data["status"]["exec_info"]["queue_remaining"]
        elif told["type"] in ENDS:
            state, before = ENDS[told["type"]], self.view.get(data["prompt_id"], "queued")
            assert before in ("queued", "running", state), (data["prompt_id"], before, state)
            self.view[data["prompt_id"]] = state

    async def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self._session.request(method, self._url + path, json=body) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text.startswith(("{", "[")) else text


async def crowd(url: str, work: Work, clients: int, jobs: int, seed: int) -> list[Visitor]:
    """Let clients queue so many jobs in all, and return them when all have ended."""
    dice = random.Random(seed)
    visitors = [Visitor(url, f"visitor{number}", work, random.Random(dice.random())) for number in range(clients)]
    everyone = asyncio.Barrier(clients)
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
        for visitor in visitors:
            group.create_task(visitor.visit(session, jobs // clients, everyone))
    return visitors


def one_view(visitors: list[Visitor]) -> dict[str, str]:
    """Return what all clients know together; no job is known to two."""
    view = {job_id: state for visitor in visitors for job_id, state in visitor.view.items()}
    assert len(view) == sum(len(visitor.view) for visitor in visitors)
    return view
