"""`/history`: what ran, and what it showed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from aiohttp import web

from ...jobs.history import History
from ..body import json_answer, json_stream, json_text, read_object, texts, whole
from ..site import owner_of, site_of

AT_ONCE = 20
"""How many entries are read and written in one go; each may hold a graph of a hundred kilobytes."""


async def show(request: web.Request) -> web.StreamResponse:
    """Answer what ran: all, the last `max_items`, or so many from `offset` on."""
    history, user = site_of(request).desk.history, owner_of(request)
    size, offset = whole(request, "max_items"), whole(request, "offset")
    return await json_stream(request, _pieces(history, await asyncio.to_thread(history.ids, size, offset, user)))


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


def _pieces(history: History, job_ids: Sequence[str]) -> Iterator[str]:
    """Yield the text of an object of these entries."""
    before = "{"
    for start in range(0, len(job_ids), AT_ONCE):
        if found := history.some(job_ids[start : start + AT_ONCE]):
            yield before + json_text(found)[1:-1]
            before = ", "
    yield "}" if before == ", " else "{}"
