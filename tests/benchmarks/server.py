"""`python -m tests.benchmarks.server`: how soon the server answers, how long graphs take, how calm its event loop is.

It stands beside nothing but itself and ComfyUI 0.3.64's stated figures of the same machine. Times on a machine that is
busy with other things say little: the processor time of the start is told beside the clock's.
"""

from __future__ import annotations

import asyncio
import copy
import functools
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp

from ..server.program import PATIENCE, Program, running

GRAPH = json.loads((Path(__file__).parents[2] / "graphs" / "txt2img.json").read_text())
STARTS, ROUNDS, LARGE = 5, 200, 3000
CALM_SECONDS = 4.0
READ = ("/object_info", "/history", "/queue", "/jobs")
WAITING = 20
STEPS = 1000
"""Of the sampling beside which requests are sent."""


def main(parts: Sequence[str] = ("starts", "trips", "calm")) -> None:
    """Measure and print one line per question."""
    with tempfile.TemporaryDirectory() as folder:
        if "starts" in parts:
            for line in _starts(Path(folder)):
                print(line, flush=True)
        beats = Path(folder, "beats")
        with running(Path(folder, "work"), module=("tests.benchmarks.heart", str(beats))) as program:
            asyncio.run(_at_work(program, beats, parts))


def _starts(folder: Path) -> Iterator[str]:
    """From the start of the process to the first answer of a path, the catalogue being cached or not."""
    for path, target in (("/", "≤ 1.0 s"), ("/object_info", "≤ 1.0 s; ComfyUI 8.1 s")):
        clock, processor = [], []
        for number in range(STARTS):
            began = time.perf_counter()
            with running(folder / f"start{path.strip('/')}{number}") as program:
                program.get(path)
                clock.append(time.perf_counter() - began)
                processor.append(_processor_seconds(program.process.pid))
                assert "torch" not in _libraries(program.process.pid), "torch must not be loaded yet"
        shown = f"{min(clock):.2f} s at best, {median(clock):.2f} s in the middle"
        yield f"start to {path}: {shown}, {min(processor):.2f} s of the processor ({target})"


async def _at_work(program: Program, beats: Path, parts: Sequence[str]) -> None:
    async with aiohttp.ClientSession(program.url) as session, session.ws_connect("/ws?clientId=me") as socket:
        client = _Client(session, socket)
        listening = asyncio.create_task(client.listen())
        print(f"the first picture, torch and models loaded for it: {await _timed(lambda: client.run(GRAPH)):.1f} s")
        if "trips" in parts:
            await _trips(client)
        if "calm" in parts:
            await _calm(client, beats)
        listening.cancel()


async def _trips(client: _Client) -> None:
    times = [await _timed(lambda: client.run(GRAPH)) for _ in range(ROUNDS)]
    print(f"7 unchanged nodes, POST /prompt to the end on /ws: {_ms(times)} (ComfyUI 4 to 5 ms)", flush=True)
    large = _large()
    posts = []
    for _ in range(5):
        posts.append(await _timed(lambda: client.post(large)))
        await client.drain()
    print(f"POST of {LARGE:,} nodes to its answer: {_ms(posts)}", flush=True)
    print(f"{LARGE:,} unchanged nodes, POST to the end on /ws: {_ms([await _timed(lambda: client.run(large))])}")


async def _calm(client: _Client, beats: Path) -> None:
    """How late the event loop was at worst while a picture is sampled, and others ask for much.

    The history has some large graphs, and as many wait.
    """
    large, sampling = _large(), copy.deepcopy(GRAPH)
    sampling["3"]["inputs"] |= {"steps": STEPS, "sampler_name": "ddim"}
    drawn = {"extra_pnginfo": {"workflow": _drawn(large)}}
    asks: dict[str, Callable[[], Awaitable[Any]] | None] = {
        "nothing else": None,
        **{f"GET {path}": functools.partial(client.read, path) for path in READ},
        f"POST /prompt of {LARGE:,} nodes": lambda: client.post(large, front=True),
        f"the same with the editor's {len(json.dumps(drawn)) >> 10:,} KiB": lambda: client.post(
            large, front=True, extra_data=drawn
        ),
    }
    for _ in range(WAITING):
        await client.run(large)
    for seed, (name, ask) in enumerate(asks.items(), 1):
        sampling["3"]["inputs"]["seed"] = 1000 + seed
        job_id = await client.post(sampling)
        await client.until("progress", job_id)
        for _ in range(WAITING):
            await client.post(large)
        beats.write_text("")
        await _repeated(ask, CALM_SECONDS)
        late = [tuple(map(float, line.split())) for line in beats.read_text().splitlines()]
        await client.interrupt()
        await client.drain()
        clock, own = (max((one[index] for one in late), default=0.0) * 1000 for index in (0, 1))
        print(
            f"event loop while sampling, beside {name}: late {own:.0f} ms at worst but for other programs (≤ 50 ms),"
            f" {clock:.0f} ms by the clock",
            flush=True,
        )


async def _repeated(ask: Callable[[], Awaitable[Any]] | None, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if ask is not None:
            await ask()
        await asyncio.sleep(0.05)


class _Client:
    """A script that queues graphs and hears of them."""

    def __init__(self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._session, self._socket = session, socket
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def post(self, graph: Mapping[str, Any], **more: Any) -> str:
        async with self._session.post("/prompt", json={"prompt": graph, "client_id": "me", **more}) as answer:
            told = await answer.json()
            assert answer.status == 200, told
            return str(told["prompt_id"])

    async def run(self, graph: Mapping[str, Any]) -> None:
        await self.until("executing", await self.post(graph), node=None)

    async def until(self, kind: str, job_id: str, **wanted: Any) -> None:
        """Wait for a message of a job."""
        while True:
            told = await asyncio.wait_for(self._heard.get(), PATIENCE)
            data = told["data"]
            if told["type"] == kind and data.get("prompt_id") == job_id and wanted.items() <= data.items():
                return

    async def listen(self) -> None:
        """Hear what the server tells, as a client in a browser does at all times."""
        async for frame in self._socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._heard.put_nowait(json.loads(frame.data))

    async def read(self, path: str) -> None:
        async with self._session.get(path) as answer:
            assert answer.status == 200, path
            await answer.read()

    async def interrupt(self) -> None:
        for path, body in (("/queue", {"clear": True}), ("/interrupt", {})):
            async with self._session.post(path, json=body) as answer:
                assert answer.status == 200, path

    async def drain(self) -> None:
        """Wait until nothing is left to do."""
        while True:
            async with self._session.get("/prompt") as answer:
                if (await answer.json())["exec_info"]["queue_remaining"] == 0:
                    return
            await asyncio.sleep(0.02)


def _large() -> dict[str, Any]:
    """Return a graph of many nodes: one picture in many copies, each followed by the next."""
    graph: dict[str, Any] = {"1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1}}}
    graph["1"]["inputs"]["color"] = 0
    for number in range(2, LARGE):
        graph[str(number)] = {"class_type": "ImageInvert", "inputs": {"image": [str(number - 1), 0]}}
    graph[str(LARGE)] = {"class_type": "PreviewImage", "inputs": {"images": [str(LARGE - 1), 0]}}
    return graph


def _drawn(graph: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document about as large as what the editor keeps of a graph."""
    socket = {"name": "image", "type": "IMAGE", "link": 1, "localized_name": "image", "slot_index": 0}
    nodes = [
        {
            "id": int(node_id), "type": node["class_type"], "pos": [100.5, 200.25], "size": [270, 130], "flags": {},
            "order": 1, "mode": 0, "inputs": [socket], "outputs": [socket], "widgets_values": [8, 8, 1, 0],
            "properties": {"Node name for S&R": node["class_type"], "cnr_id": "comfy-core", "ver": "0.3.64"},
        }
        for node_id, node in graph.items()
    ]  # fmt: skip
    return {"nodes": nodes, "links": [[number, number, 0, number + 1, 0, "IMAGE"] for number in range(len(nodes))]}


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _ms(times: list[float]) -> str:
    return f"{median(times) * 1000:.1f} ms in the middle, {min(times) * 1000:.1f} ms at best"


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _libraries(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


if __name__ == "__main__":
    main(*([sys.argv[1:]] if sys.argv[1:] else []))
