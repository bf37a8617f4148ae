"""Handlers that need the nodes of packs wait for them; pages and everything else answer meanwhile."""

from __future__ import annotations

import asyncio
import functools

from aiohttp import web
from aiohttp.typedefs import Handler

from .site import site_of

LOOK_SECONDS = 0.05
"""How often a request that waits looks again: on the event loop, for those that wait must not fill up the threads."""


def with_nodes(handler: Handler) -> Handler:
    """Return the handler that first waits until all packs are loaded or given up."""

    @functools.wraps(handler)
    async def wait(request: web.Request) -> web.StreamResponse:
        site = site_of(request)
        while not site.nodes_ready():
            await asyncio.sleep(LOOK_SECONDS)
        return await handler(request)

    return wait
