"""`/queue`, `/interrupt` and `/free`: ComfyUI's view of what waits and runs."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ...jobs.history import prompt_item
from ..body import json_answer, read_object, texts
from ..site import Json, Site, owner_of, site_of


async def show(request: web.Request) -> web.Response:
    """Answer what runs and what waits, the next first."""
    return json_answer(await asyncio.to_thread(_queue, site_of(request), owner_of(request)))


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
    """Give memory back once no job runs."""
    body = await read_object(request, optional=True)
    await asyncio.to_thread(site_of(request).free, bool(body.get("unload_models")), bool(body.get("free_memory")))
    return web.Response()


def _queue(site: Site, user: str | None) -> Json:
    store = site.desk.store
    return {
        "queue_running": [prompt_item(record) for record in store.running(user)],
        "queue_pending": [prompt_item(record) for record in store.waiting(user)],
    }
