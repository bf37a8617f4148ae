"""`/health` and `/metrics`, for whoever watches over servers."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ..body import json_answer
from ..metrics import exposition
from ..site import keeper_of


async def health(request: web.Request) -> web.Response:
    """Answer that the server lives."""
    return json_answer({"status": "ok"})


async def metrics(request: web.Request) -> web.Response:
    """Answer numbers in the text format of Prometheus, which are those of all users."""
    body, kind = await asyncio.to_thread(exposition, keeper_of(request))
    return web.Response(body=body, headers={"Content-Type": kind})
