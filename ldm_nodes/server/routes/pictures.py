"""`/jobs/pictures`: what jobs have made, the newest first, without their graphs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from ...jobs.page import JobFilter
from ...jobs.state import State
from ..body import json_answer, whole
from ..seen import seen_by
from ..site import Json, Site, owner_of, site_of

USUAL = 30
FILE = ("filename", "subfolder", "type")


async def page(request: web.Request) -> web.Response:
    """Answer the pictures of some jobs: `?limit=30&before=…`, where both count jobs; some may have made none."""
    site, user = site_of(request), owner_of(request)
    limit, before = whole(request, "limit"), whole(request, "before")
    return json_answer(await asyncio.to_thread(_page, site, user, USUAL if limit is None else limit, before))


def _page(site: Site, user: str | None, limit: int, before: int | None) -> Json:
    ended = tuple(state for state in State if state.finished)
    found = site.desk.store.page(JobFilter(ended, user), limit, before)
    made = (picture for job in found for picture in _pictures(site, job.id, user))
    return {"pictures": list(made), "before": found.before}


def _pictures(site: Site, job_id: str, user: str | None) -> Iterator[Mapping[str, Any]]:
    """Yield a job's pictures, the last one first."""
    found = site.desk.store.look(job_id)
    if found is None or user not in (None, found.job.owner):
        return
    record = seen_by(user, found)
    for node_id, shown in reversed(tuple(record.outputs.items())):
        place = {"job": job_id, "node": node_id, "time": record.finished}
        for image in reversed(tuple(shown.get("images") or ())):
            if isinstance(image, Mapping) and image.get("filename"):
                yield {**place, **{name: image.get(name, "") for name in FILE}}
