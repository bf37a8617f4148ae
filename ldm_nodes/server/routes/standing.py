"""How the queue stands and what a job has told, asked once: for clients that have just come, or come back."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from ...jobs.event_json import to_text
from ...jobs.updates import JobEvent
from ..body import json_answer, whole
from ..site import Json, Site, owner_of, site_of
from .events import PAGE, snapshot


async def overview(request: web.Request) -> web.Response:
    """Answer what runs and the ids of what waits, the next first: what a stream of events begins with."""
    newest, standing = await asyncio.to_thread(snapshot, site_of(request), None, owner_of(request))
    return json_answer({**standing, "last_event_id": newest})


async def log(request: web.Request) -> web.Response:
    """Answer what a job has told: `?since=ID`, at most so many events that `more` says whether there are others."""
    site, user, job_id = site_of(request), owner_of(request), request.match_info["id"]
    return json_answer(await asyncio.to_thread(_log, site, job_id, user, whole(request, "since") or 0))


def _log(site: Site, job_id: str, user: str | None, since: int) -> Json:
    """Return a part of a job's log. The job is looked at before its events, so none of them is newer than they say."""
    _, standing = snapshot(site, job_id, user)
    page = site.desk.events.since(since, job_id=job_id, owner=user, limit=PAGE)
    return {
        "job": standing["job"],
        "live": standing["live"].get(job_id),
        "events": [_told(event) for event in page],
        "complete": page.complete,
        "last_event_id": page.last_id,
        "more": page.more,
    }


def _told(event: JobEvent) -> Json:
    data = json.loads(to_text(event.event))
    return {"id": event.id, "time": event.time, "event": type(event.event).__name__.lower(), "data": data}
