"""`/history`: what ran, and what it showed."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ..body import json_answer, read_object, texts, whole
from ..site import owner_of, site_of


async def show(request: web.Request) -> web.Response:
    """Answer what ran: all, the last `max_items`, or so many from `offset` on."""
    history, user = site_of(request).desk.history, owner_of(request)
    size, offset = whole(request, "max_items"), whole(request, "offset")
    return json_answer(await asyncio.to_thread(history.entries, size, offset, user))


async def show_one(request: web.Request) -> web.Response:
    """Answer one entry under its id; an empty object while the job waits or runs, or is unknown."""
    history, user = site_of(request).desk.history, owner_of(request)
    return json_answer(await asyncio.to_thread(history.get, request.match_info["prompt_id"], user))


async def change(request: web.Request) -> web.Response:
    """Delete entries: all, or those named."""
    history, user = site_of(request).desk.history, owner_of(request)
    body = await read_object(request)
    named = texts(body.get("delete"), "delete")
    if body.get("clear"):
        await asyncio.to_thread(history.clear, user)
    if named:
        await asyncio.to_thread(history.delete, named, user)
    return web.Response()
