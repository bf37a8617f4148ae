"""How long a connection may stay without saying what it wants, and how many there may be.

aiohttp has no such limits: a client that sends one byte of its headers now and then keeps a connection for ever.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from .site import SITE, Limits

FULL = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Runner(web.AppRunner):
    """Runs an application behind a `Door`, within the limits of its site."""

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return Door(plain, self.app[SITE].limits, **self._kwargs)


class Door(web.Server):
    """A server that closes connections whose first request does not come, and bounds how many there are.

    Where there are too many, the one goes that has waited longest with its first request; a new one is refused only
    where all others are at work.

    Args:
        plain: the server whose requests these are.
        limits: `header_seconds` and `connections`.
        options: of every connection; as aiohttp takes them.
    """

    def __init__(self, plain: web.Server, limits: Limits, **options: Any) -> None:
        super().__init__(self._answer, request_factory=self._begin, **options)
        self._plain, self._limits = plain, limits
        self._silent: dict[web.RequestHandler, tuple[asyncio.Transport, asyncio.TimerHandle]] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take in a connection, for the time being."""
        super().connection_made(handler, transport)
        if len(self.connections) > self._limits.connections and not self._drop_oldest():
            transport.write(FULL)
            transport.close()
            return
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._limits.header_seconds, self._drop, handler)
        self._silent[handler] = (transport, timer)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        self._let_in(handler)
        super().connection_lost(handler, exc)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._plain.request_handler(request)

    def _begin(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> web.BaseRequest:
        """Make the request whose headers are complete."""
        self._let_in(protocol)
        return self._plain.request_factory(message, payload, protocol, writer, task)

    def _let_in(self, handler: web.RequestHandler) -> None:
        if found := self._silent.pop(handler, None):
            found[1].cancel()

    def _drop(self, handler: web.RequestHandler) -> None:
        transport, timer = self._silent.pop(handler)
        timer.cancel()
        transport.abort()

    def _drop_oldest(self) -> bool:
        if self._silent:
            self._drop(next(iter(self._silent)))
            return True
        return False
