"""Handlers that need the nodes of packs wait for them; pages and everything else answer meanwhile."""

from __future__ import annotations

import asyncio
import functools

from aiohttp import web
from aiohttp.typedefs import Handler

from .site import site_of


def with_nodes(handler: Handler) -> Handler:
    """Return the handler that first waits until all packs are loaded or given up."""

    @functools.wraps(handler)
    async def wait(request: web.Request) -> web.StreamResponse:
        await asyncio.to_thread(site_of(request).wait_for_nodes)
        return await handler(request)

    return wait
