"""`/jobs/events`: what happens in the queue as server-sent events, to be resumed with `Last-Event-ID`.

A stream begins with a `snapshot`, or, after an id that is still kept, with everything since. Events that were kept have
ids; `progress` passes and has none.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Iterator

from aiohttp import web

from ...engine.events import Preview
from ...jobs.event_json import to_text
from ...jobs.updates import JobChanged, JobEvent, JobRemoved, QueueChanged, Update
from ..body import json_answer
from ..job_json import progress, summary
from ..site import Json, Site, owner_of, site_of

MOST_UNSENT = 2000
PAGE = 500
QUIET_SECONDS = 15.0
LONGEST_ID = 20


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer the events of all jobs."""
    return await _stream(request, None)


async def stream_one(request: web.Request) -> web.StreamResponse:
    """Answer the events of one job."""
    site, user, job_id = site_of(request), owner_of(request), request.match_info["id"]
    await asyncio.to_thread(site.desk.store.brief, job_id, user)
    return await _stream(request, job_id)


async def _stream(request: web.Request, job_id: str | None) -> web.StreamResponse:
    site, user = site_of(request), owner_of(request)
    if request.method == "HEAD":
        return json_answer({})
    if site.hub.watchers >= site.limits.sockets:
        raise web.HTTPServiceUnavailable(text="Too many streams are open.\n")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    unsent: asyncio.Queue[Update] = asyncio.Queue(MOST_UNSENT)

    def watch(update: Update) -> None:
        if _concerns(update, job_id, user) and not unsent.full():
            unsent.put_nowait(update)

    end = site.hub.watch(watch)
    try:
        await response.prepare(request)
        last = await _catch_up(response, site, _last_id(request), job_id, user)
        await _follow(response, unsent, last)
    except (ConnectionResetError, asyncio.CancelledError):
        pass
    finally:
        end()
    return response


async def _catch_up(
    response: web.StreamResponse, site: Site, last: int | None, job_id: str | None, user: str | None
) -> int:
    """Send what is kept since an id, or how things stand; return the id to go on from."""
    while last is not None:
        since = functools.partial(site.desk.events.since, last, job_id=job_id, owner=user, limit=PAGE)
        page = await asyncio.to_thread(since)
        if not page.complete:
            break
        for event in page:
            await response.write(_kept(event))
        last = page.last_id
        if not page.more:
            return last
    newest, snapshot = await asyncio.to_thread(_snapshot, site, job_id, user)
    await response.write(_framed("snapshot", json.dumps(snapshot), newest))
    return newest


async def _follow(response: web.StreamResponse, unsent: asyncio.Queue[Update], last: int) -> None:
    """Send what happens; end when the client does not keep up, for it can come back with the last id it saw."""
    while not unsent.full():
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                update = await unsent.get()
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if not (isinstance(update, JobEvent) and update.id is not None and update.id <= last):
            for text in _told(update):
                await response.write(text)


def _concerns(update: Update, job_id: str | None, user: str | None) -> bool:
    match update:
        case JobEvent(job_id=found, owner=owner, event=event):
            shown = not isinstance(event, Preview)
        case JobChanged(record=record):
            found, owner, shown = record.id, record.job.owner, True
        case JobRemoved(job_id=found, owner=owner):
            shown = True
        case QueueChanged():
            return job_id is None
        case _:
            return False
    return shown and job_id in (None, found) and user in (None, owner)


def _told(update: Update) -> Iterator[bytes]:
    match update:
        case JobEvent():
            yield _kept(update)
        case JobChanged(record=record):
            yield _framed("job", json.dumps(summary(record.brief)))
        case JobRemoved(job_id=job_id):
            yield _framed("removed", json.dumps({"id": job_id}))
        case QueueChanged():
            yield _framed("queue", json.dumps({"paused": update.reason if update.paused else ""}))


def _kept(event: JobEvent) -> bytes:
    """Return an event; its text is the one that is kept, for that of an explanation may be long."""
    name = type(event.event).__name__.lower()
    head = json.dumps({"job": event.job_id, "time": event.time, "event": name})
    return _framed(name, f'{head[:-1]}, "data": {event.body or to_text(event.event)}}}', event.id)


def _framed(name: str, data: str, event_id: int | None = None) -> bytes:
    if "NaN" in data or "Infinity" in data:  # which no browser reads
        data = json.dumps(json.loads(data, parse_constant=lambda _: None))
    numbered = "" if event_id is None else f"id: {event_id}\n"
    return f"{numbered}event: {name}\ndata: {data}\n\n".encode()


def _snapshot(site: Site, job_id: str | None, user: str | None) -> tuple[int, Json]:
    found = site.desk.overview(user)
    shown: Json = {"job": summary(site.desk.store.brief(job_id, user))} if job_id else {"waiting": list(found.waiting)}
    running = [job for job in found.running if job_id in (None, job.id)]
    return found.last_id, {
        **shown,
        "running": [summary(job) for job in running],
        "live": {job.id: progress(found.snapshots[job.id]) for job in running if job.id in found.snapshots},
        "counts": {state.value: count for state, count in found.counts.items()},
        "paused": found.paused,
    }


def _last_id(request: web.Request) -> int | None:
    text = request.headers.get("Last-Event-ID", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_ID else None
