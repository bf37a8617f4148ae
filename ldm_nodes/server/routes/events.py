r"""`/jobs/events`, `/jobs/{id}/events`: what happens in the queue as server-sent events, all that an editor needs.

A stream begins with a `snapshot`, or, after an id that is still kept, with everything since. The id comes in the header
`Last-Event-ID`, which browsers send when they connect again, or as `?after=ID`; after 0 comes all that is kept. What
passes, `progress` and `estimate`, is told a few times a second and has no id. Numbers that are not finite are null.

What running jobs tell comes in an envelope, as the event named in it, with one of the objects below as DATA. Fields
that are left out of `nodes` and `causes` are empty or zero. Pictures of unfinished work go over `/ws`.

    envelope    {"job": "JOB", "time": 1700000000.5, "event": "executing", "data": DATA}
    started     {"run_id": "JOB", "node_ids": ["4", "3", "9"]}
    cached      {"run_id": "JOB", "node_ids": ["4"]}
    executing   {"run_id": "JOB", "node_id": "3", "class_type": "KSampler", "title": "My sampler"}
    progress    {"run_id": "JOB", "node_id": "3", "value": 5, "total": 20}
    estimate    {"run_id": "JOB", "fraction": 0.25, "seconds_left": 9.5, "seconds_low": 8.0, "seconds_high": 12.0}
    notice      {"run_id": "JOB", "node_id": "3", "message": "What the user should know."}
    expanded    {"run_id": "JOB", "node_id": "3", "places": [["3.0.0.a", "3", "3", "3"]]}
    blocked     {"run_id": "JOB", "node_id": "9", "class_type": "SaveImage", "message": "Not today."}
    executed    {"run_id": "JOB", "node_id": "9", "ui": {"images": [{"filename": "a.png", "subfolder": "", "type":
                "output"}]}, "seconds": 0.25, "reused": false}
    explained   {"run_id": "JOB", "explanation": {"nodes": {"4": {"status": "reused", "source": "memory"}, "3":
                {"status": "ran", "seconds": 1.5, "causes": [{"kind": "constant", "input_name": "seed", "before": "1",
                "after": "2", "text": "seed: 1 → 2"}], "nbytes": 8192}}, "evicted": [["model.safetensors", 1024, 3]],
                "kept_bytes": 8192}}
    succeeded   {"run_id": "JOB"}
    failed      {"run_id": "JOB", "problem": {"code": "node_failed", "message": "Wrong", "details": "", "node_id": "3",
                "title": "My sampler", "class_type": "KSampler", "input_name": "steps", "expected": "1 to 100",
                "remedy": "Use fewer.", "producer": "node 4", "extra_info": {}, "sentence": "", "text": "node 3 \"My
                sampler\" (KSampler), input \"steps\": Wrong. Received 500. It came from node 4. Expected 1 to 100. Use
                fewer.", "received": "500"}}
    interrupted {"run_id": "JOB", "node_id": "3", "unresponsive": false}

`seconds_high` is null where a node has never run, `ui` where nothing is shown, `node_id` of a problem where it is the
whole graph's. `places` are node, node to show it at, parent, and node of the prompt. These come without envelope:

    job         {"id": "JOB", "kind": "graph", "state": "running", "number": 0.0, "priority": 0, "created":
                1700000000.5, "started": 1700000001.5, "finished": null, "attempts": 1, "cancelling": false, "reason":
                "", "batch": null, "item": null, "retry_of": null, "client_id": null}
    removed     {"id": "JOB"}
    queue       {"paused": ""}
    snapshot    {"waiting": ["JOB2"], "estimates": {"JOB2": {"seconds_left": 20.0, "seconds_low": 15.0, "seconds_high":
                30.0}}, "running": [JOB], "live": {"JOB": {"last_event_id": 17, "node": "3", "progress": {"3": [5, 20]},
                "cached": ["4"], "executed": [], "estimate": {"fraction": 0.25, "seconds_left": 9.5, "seconds_low": 8.0,
                "seconds_high": 12.0}}}, "counts": {"queued": 1, "running": 1, "done": 0, "failed": 0, "cancelled": 0,
                "parked": 0}, "paused": ""}

In a `snapshot` JOB stands for an object as `job` tells it, and `estimates` for those waiting jobs of which it is known
when they will be done. The snapshot of one job's stream has that job as `job` in place of `waiting` and `estimates`.
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
from ..job_json import progress, summary, waiting
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
    newest, standing = await asyncio.to_thread(snapshot, site, job_id, user)
    await response.write(_framed("snapshot", json.dumps(standing), newest))
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


def snapshot(site: Site, job_id: str | None, user: str | None) -> tuple[int, Json]:
    """Return the newest event's id, and how things stand with it: of all jobs of a user, or of one."""
    found = site.desk.overview(user)
    if job_id:
        shown: Json = {"job": summary(site.desk.store.brief(job_id, user))}
    else:
        told = {waiting_id: waiting(span) for waiting_id, span in site.forecast(user).items()}
        shown = {"waiting": list(found.waiting), "estimates": told}
    running = [job for job in found.running if job_id in (None, job.id)]
    return found.last_id, {
        **shown,
        "running": [summary(job) for job in running],
        "live": {job.id: progress(found.snapshots[job.id]) for job in running if job.id in found.snapshots},
        "counts": {state.value: count for state, count in found.counts.items()},
        "paused": found.paused,
    }


def _last_id(request: web.Request) -> int | None:
    text = request.headers.get("Last-Event-ID", request.query.get("after", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_ID else None
