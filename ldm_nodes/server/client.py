"""One socket: what is still to be sent to it, in order. A slow one loses previews and old progress, blocking nobody."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Any, assert_never

from aiohttp import web

from .wire import Frame, Message, NodeText, Picture

log = logging.getLogger(__name__)

CROWDED = 64
"""From so many unsent frames on, those that are out of date are dropped."""
MOST = 10_000
"""With so many unsent frames a socket is closed: its client reconnects and is shown how things stand."""
SEND_SECONDS = 30.0


class Client:
    """A socket.

    Args:
        socket: the open WebSocket.
        sid: the client's id.
        user: whose it is; None sees everyone's.

    Attributes:
        features: what the client said that it understands.
        wants_logs: lines of the log are sent to it.
    """

    def __init__(self, socket: web.WebSocketResponse, sid: str, user: str | None) -> None:
        self.sid, self.user = sid, user
        self.features: Mapping[str, Any] = {}
        self.wants_logs = False
        self._socket = socket
        self._unsent: deque[Frame] = deque()
        self._more = asyncio.Event()

    def send(self, frame: Frame) -> None:
        """Have a frame sent after those before it; returns at once."""
        if isinstance(frame, Picture) or len(self._unsent) >= CROWDED:
            self._drop_outdated(frame)
        self._unsent.append(frame)
        self._more.set()

    async def write(self) -> None:
        """Send what there is to send, until the socket closes or is hopelessly slow."""
        while not self._socket.closed:
            await self._more.wait()
            self._more.clear()
            while self._unsent:
                if len(self._unsent) > MOST or not await self._sent(self._unsent.popleft()):
                    log.info("The socket of client %s is too slow and was closed.", self.sid)
                    await self.close()
                    return

    async def close(self) -> None:
        """Close the socket, without waiting long for a client that does not answer."""
        self._unsent.clear()
        await self._socket.close(code=1001, message=b"going away", drain=False)

    def _drop_outdated(self, frame: Frame) -> None:
        mark = "" if isinstance(frame, NodeText) else frame.replaces
        old = next((one for one in self._unsent if mark and getattr(one, "replaces", "") == mark), None)
        if old is not None:
            self._unsent.remove(old)

    async def _sent(self, frame: Frame) -> bool:
        """Send a frame; say whether it went out in time."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(frame)
        except (TimeoutError, ConnectionError):
            return False
        return True

    async def _send(self, frame: Frame) -> None:
        match frame:
            case Message():
                await self._socket.send_str(frame.text())
            case Picture():
                await self._socket.send_bytes(frame.frame(self.features.get("supports_preview_metadata") is True))
            case NodeText():
                await self._socket.send_bytes(frame.frame())
            case _:
                assert_never(frame)
