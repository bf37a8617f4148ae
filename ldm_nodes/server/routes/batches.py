"""`/batches`: one graph with many values."""

from __future__ import annotations

import asyncio
from collections import Counter

from aiohttp import web

from ..body import json_answer
from ..job_json import summary
from ..site import owner_of, site_of


async def show(request: web.Request) -> web.Response:
    """Answer how the items of a batch stand."""
    site, user = site_of(request), owner_of(request)
    items = await asyncio.to_thread(site.desk.store.batch_items, request.match_info["id"], user)
    jobs = [{"item": item.item, "id": item.job_id, "state": item.state.value} for item in items]
    return json_answer({"id": request.match_info["id"], "states": Counter(job["state"] for job in jobs), "jobs": jobs})


async def cancel(request: web.Request) -> web.Response:
    """Stop all items of a batch that have not ended."""
    site, user, batch_id = site_of(request), owner_of(request), request.match_info["id"]
    records = await asyncio.to_thread(lambda: site.desk.queue.cancel_all(user, batch_id))
    return json_answer({"id": batch_id, "jobs": [summary(record.brief) for record in records]})
