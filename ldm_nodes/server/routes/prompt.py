"""`/prompt`: graphs go into the queue."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ...engine.errors import PromptRejected
from ...engine.rejection import no_prompt, rejection_json
from ..body import json_answer, parse, read_bytes
from ..orders import Refused, order_of
from ..site import owner_of, site_of


async def remaining(request: web.Request) -> web.Response:
    """Answer how many jobs wait and run."""
    count = site_of(request).hub.remaining(owner_of(request))
    return json_answer({"exec_info": {"queue_remaining": count}})


async def submit(request: web.Request) -> web.Response:
    """Check a graph, in either format, and put it into the queue."""
    site, user = site_of(request), owner_of(request)
    try:
        body = await parse(await read_bytes(request))
        if not isinstance(body, dict):
            raise no_prompt()
        order = await asyncio.to_thread(order_of, body, site, user)
    except PromptRejected as rejected:
        return json_answer(rejection_json(rejected), status=400)
    except Refused as refused:
        return json_answer(refused.answer, status=400)
    await asyncio.to_thread(site.desk.submit, order.job)
    return json_answer({"prompt_id": order.job.id, "number": order.number, "node_errors": order.node_errors})
