"""Clients that do not read: they lose pictures and old progress, hold up nobody, and are closed in the end."""

from __future__ import annotations

import asyncio
from typing import Any

from ldm_nodes.engine.dynamic_prompt import Place
from ldm_nodes.server import client as module
from ldm_nodes.server.client import CROWDED, Client
from ldm_nodes.server.wire import Frame, Message, NodeText, Picture

PLACE = Place("3", "3", None, "3")


class Stuck:
    """A socket that takes nothing until it is let."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.sent: list[Any] = []
        self.closed = False

    async def send_str(self, text: str) -> None:
        await self.gate.wait()
        self.sent.append(text)

    async def send_bytes(self, data: bytes) -> None:
        await self.gate.wait()
        self.sent.append(data)

    async def close(self, **_: Any) -> None:
        self.closed = True


def _progress(step: int) -> Message:
    return Message("progress", {"value": step}, replaces="progress x")


def _picture(name: bytes) -> Picture:
    return Picture("x", PLACE, "image/jpeg", name)


async def _sent(frames: list[Frame]) -> list[Any]:
    """Return what reaches a client that reads nothing until all frames are on their way."""
    stuck = Stuck()
    client = Client(stuck, "me", None)  # type: ignore[arg-type]
    writer = asyncio.create_task(client.write())
    await asyncio.sleep(0)
    for frame in frames:
        client.send(frame)
    stuck.gate.set()
    while client._unsent:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    writer.cancel()
    return stuck.sent


def test_of_previews_that_were_not_sent_the_last_one_counts() -> None:
    frames: list[Frame] = [_picture(b"first"), _picture(b"second"), NodeText("3", "text"), _picture(b"third")]
    sent = asyncio.run(_sent(frames))
    assert [data[-5:] for data in sent] == [b"3text", b"third"]


def test_a_client_that_keeps_up_hears_every_step() -> None:
    sent = asyncio.run(_sent([_progress(step) for step in range(CROWDED)]))
    assert len(sent) == CROWDED


def test_a_crowd_of_steps_is_thinned_and_nothing_else_is() -> None:
    others: list[Frame] = [Message("executed", {"node": str(number)}) for number in range(CROWDED)]
    frames = [*others, *(_progress(step) for step in range(1000)), Message("execution_success", {})]
    sent = asyncio.run(_sent(frames))
    assert len(sent) == CROWDED + 2
    assert '"value": 999' in sent[-2]
    assert "execution_success" in sent[-1]


def test_a_client_that_never_reads_is_closed(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "SEND_SECONDS", 0.01)

    async def run() -> Stuck:
        stuck = Stuck()
        client = Client(stuck, "me", None)  # type: ignore[arg-type]
        client.send(Message("executed", {}))
        await client.write()
        return stuck

    assert asyncio.run(run()).closed


def test_a_client_with_a_mountain_of_frames_is_closed(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST", 100)

    async def run() -> Stuck:
        stuck = Stuck()
        stuck.gate.set()
        client = Client(stuck, "me", None)  # type: ignore[arg-type]
        for number in range(200):
            client.send(Message("executed", {"node": number}))
        await client.write()
        return stuck

    stuck = asyncio.run(run())
    assert stuck.closed
    assert not stuck.sent
