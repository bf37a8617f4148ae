"""`/downloads`: models are fetched as jobs, where whoever runs the server allows it."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from ..body import json_answer, read_object
from ..downloads.backend import order
from ..downloads.errors import Refused
from ..downloads.request import DownloadRequest
from ..job_json import summary
from ..site import keeper_of


async def submit(request: web.Request) -> web.Response:
    """Put a download into the queue: `{"source": "org/repo:file", "to": "checkpoints"}`."""
    site = keeper_of(request)
    if not site.downloads:
        raise web.HTTPForbidden(text="This server fetches nothing. Start it with --allow-downloads to let it.\n")
    try:
        job = order(DownloadRequest.parse(json.dumps(await read_object(request))))
    except Refused as refused:
        raise web.HTTPBadRequest(text=f"{refused}\n") from refused
    record = await asyncio.to_thread(site.desk.submit, job)
    return json_answer(summary(record.brief), 201)
