"""`/queue`, `/interrupt` and `/free`: ComfyUI's view of what waits and runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from aiohttp import web

from ...jobs.history import prompt_item_text
from ...jobs.record import JobRecord
from ...jobs.store import JobStore
from ..body import json_stream, read_object, texts
from ..site import keeper_of, owner_of, site_of


async def show(request: web.Request) -> web.StreamResponse:
    """Answer what runs and what waits, the next first."""
    store = site_of(request).desk.store
    running, waiting = await asyncio.to_thread(_unfinished, store, owner_of(request))
    return await json_stream(request, _pieces(store, running, waiting))


async def change(request: web.Request) -> web.Response:
    """Take jobs that wait out of the queue: all, or those named."""
    site, user = site_of(request), owner_of(request)
    body = await read_object(request)
    named = texts(body.get("delete"), "delete")
    if body.get("clear"):
        await asyncio.to_thread(site.desk.queue.cancel_all, user)
    if named:
        await asyncio.to_thread(lambda: site.desk.queue.withdraw(*named, owner=user))
    return web.Response()


async def interrupt(request: web.Request) -> web.Response:
    """Stop what runs; with a `prompt_id` only if it is that."""
    site, user = site_of(request), owner_of(request)
    wanted = (await read_object(request, optional=True)).get("prompt_id")
    ids = [str(wanted)] if wanted else []
    await asyncio.to_thread(lambda: site.desk.queue.interrupt(*ids, owner=user))
    return web.Response()


async def free(request: web.Request) -> web.Response:
    """Give memory back once no job runs: that of all users."""
    site, body = keeper_of(request), await read_object(request, optional=True)
    await asyncio.to_thread(site.free, bool(body.get("unload_models")), bool(body.get("free_memory")))
    return web.Response()


def _unfinished(store: JobStore, user: str | None) -> tuple[Sequence[JobRecord], Sequence[str]]:
    """Return the jobs that run and the ids of those that wait, as of one moment."""
    with store.database.read():
        return store.running(user), store.waiting_ids(user)


def _pieces(store: JobStore, running: Sequence[JobRecord], waiting: Sequence[str]) -> Iterator[str]:
    """Yield the text of ComfyUI's object of two lists."""
    yield f'{{"queue_running": [{", ".join(map(prompt_item_text, running))}], "queue_pending": ['
    before = ""
    for record in map(store.look, waiting):
        if record and not record.state.finished:
            yield before + prompt_item_text(record)
            before = ", "
    yield "]}"
