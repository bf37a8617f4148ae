"""`/history`: what ran, and what it showed."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator, Sequence

from aiohttp import web

from ...jobs.history import History
from ..body import json_stream, json_text, read_object, texts, whole
from ..seen import seen_by
from ..site import owner_of, site_of


async def show(request: web.Request) -> web.StreamResponse:
    """Answer what ran: all, the last `max_items`, or so many from `offset` on."""
    history, user = site_of(request).desk.history, owner_of(request)
    size, offset = whole(request, "max_items"), whole(request, "offset")
    return await json_stream(request, _pieces(history, await asyncio.to_thread(history.ids, size, offset, user), user))


async def show_one(request: web.Request) -> web.StreamResponse:
    """Answer one entry under its id; an empty object while the job waits or runs, or is unknown."""
    history, user = site_of(request).desk.history, owner_of(request)
    found = await asyncio.to_thread(history.known, request.match_info["prompt_id"], user)
    return await json_stream(request, _pieces(history, found, user))


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


def _pieces(history: History, job_ids: Sequence[str], user: str | None) -> Iterator[str]:
    """Yield the text of an object of these entries."""
    before = "{"
    for job_id, text in history.texts(job_ids, functools.partial(seen_by, user)):
        yield f"{before}{json_text(job_id)}: {text}"
        before = ", "
    yield "}" if before == ", " else "{}"
