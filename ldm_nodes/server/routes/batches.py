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
    records = await asyncio.to_thread(site.desk.store.batch, request.match_info["id"], user)
    states = Counter(record.state.value for record in records)
    return json_answer({"id": request.match_info["id"], "states": states, "jobs": [summary(one) for one in records]})


async def cancel(request: web.Request) -> web.Response:
    """Stop all items of a batch that have not ended."""
    site, user, batch_id = site_of(request), owner_of(request), request.match_info["id"]
    records = await asyncio.to_thread(lambda: site.desk.queue.cancel_all(user, batch_id))
    return json_answer({"id": batch_id, "jobs": [summary(record) for record in records]})
