"""`/jobs`: the queue and what became of it, with explicit states. An id that is unknown is 404, never done."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from ...engine.errors import PromptRejected
from ...jobs.batch import Batch
from ...jobs.errors import BadJob
from ...jobs.page import JobFilter
from ...jobs.record import JobRecord
from ...jobs.state import State
from ..body import json_answer, json_stream, parse, read_bytes, read_object, whole
from ..job_json import detail, summary, waiting
from ..orders import Body, Order, Refused, order_of
from ..seen import seen_by
from ..site import Json, Site, keeper_of, owner_of, site_of


async def page(request: web.Request) -> web.Response:
    """Answer jobs, the newest first: `?state=queued,running&batch=ID&limit=50&before=…`."""
    site, user, query = site_of(request), owner_of(request), request.query
    wanted = JobFilter(_states(query.get("state")), user, query.get("kind"), query.get("batch"))
    limit, before = whole(request, "limit"), whole(request, "before")
    return json_answer(await asyncio.to_thread(_page, site, user, wanted, 50 if limit is None else limit, before))


async def submit(request: web.Request) -> web.Response:
    """Put a graph into the queue as `POST /prompt` does, or a batch of it."""
    site, user = site_of(request), owner_of(request)
    try:
        body = await parse(await read_bytes(request))
        if not isinstance(body, dict):
            raise BadJob("Expected a JSON object with the graph under 'prompt'.")
        order, records = await asyncio.to_thread(_submit, site, body, user)
    except PromptRejected as rejected:
        raise web.HTTPBadRequest(text=f"{rejected}\n") from rejected
    except Refused as refused:
        return json_answer(refused.answer, status=400)
    return json_answer(
        {"jobs": [summary(record.brief) for record in records], "node_errors": order.node_errors}, status=201
    )


async def show(request: web.Request) -> web.StreamResponse:
    """Answer one job."""
    site, user, job_id = site_of(request), owner_of(request), request.match_info["id"]
    return await json_stream(request, iter([await asyncio.to_thread(_detail, site, job_id, user)]))


async def delete(request: web.Request) -> web.Response:
    """Forget a job that has ended."""
    site, user, job_id = site_of(request), owner_of(request), request.match_info["id"]
    found = await asyncio.to_thread(site.desk.store.brief, job_id, user)
    if not found.state.finished:
        raise web.HTTPConflict(text=f"Job {job_id} is {found.state}; cancel it first.\n")
    await asyncio.to_thread(site.desk.store.remove, [job_id], user)
    return web.Response(status=204)


async def cancel(request: web.Request) -> web.Response:
    """Stop a job, whether it waits or runs."""
    site, user = site_of(request), owner_of(request)
    return _answered(await asyncio.to_thread(site.desk.queue.cancel, request.match_info["id"], user))


async def retry(request: web.Request) -> web.Response:
    """Run a job that has ended again, as a new job."""
    site, user = site_of(request), owner_of(request)
    client_id = (await read_object(request, optional=True)).get("client_id")
    listener = None if client_id is None else str(client_id)
    return _answered(await asyncio.to_thread(site.desk.queue.retry, request.match_info["id"], user, listener), 201)


async def prioritise(request: web.Request) -> web.Response:
    """Give a waiting job a priority: `{"priority": 5}`."""
    site, user = site_of(request), owner_of(request)
    priority = (await read_object(request)).get("priority")
    if not isinstance(priority, int):
        raise web.HTTPBadRequest(text="'priority' must be a whole number.\n")
    return _answered(await asyncio.to_thread(site.desk.queue.prioritise, request.match_info["id"], priority, user))


async def move(request: web.Request) -> web.Response:
    """Let a waiting job run just before another one: `{"before": ID}`; with null, last."""
    site, user = site_of(request), owner_of(request)
    before = (await read_object(request)).get("before")
    target = None if before is None else str(before)
    return _answered(await asyncio.to_thread(site.desk.queue.move, request.match_info["id"], target, user))


async def pause(request: web.Request) -> web.Response:
    """Take no more jobs; the one that runs goes on. Only who sees everyone's jobs may."""
    reason = str((await read_object(request, optional=True)).get("reason") or "paused by hand")[:200]
    await asyncio.to_thread(keeper_of(request).desk.queue.pause, reason)
    return json_answer({"paused": reason})


async def resume(request: web.Request) -> web.Response:
    """Take jobs again."""
    await asyncio.to_thread(keeper_of(request).desk.queue.resume)
    return json_answer({"paused": ""})


def _answered(record: JobRecord, status: int = 200) -> web.Response:
    return json_answer(summary(record.brief), status)


def _states(text: str | None) -> tuple[State, ...] | None:
    if text is None:
        return None
    try:
        return tuple(State(name) for name in text.split(","))
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{error}; the states are {', '.join(State)}.\n") from error


def _detail(site: Site, job_id: str, user: str | None) -> str:
    record = site.desk.store.get(job_id, user)
    wait = site.forecast(user).get(job_id) if record.state is State.QUEUED else None
    return detail(seen_by(user, record), site.desk.live.snapshot(job_id), wait)


def _page(site: Site, user: str | None, wanted: JobFilter, limit: int, before: int | None) -> Json:
    store = site.desk.store
    found = store.page(wanted, limit, before)
    told = site.forecast(user) if any(job.state is State.QUEUED for job in found) else {}
    return {
        "jobs": [{**summary(job), "estimate": waiting(told[job.id]) if job.id in told else None} for job in found],
        "total": found.total,
        "before": found.before,
        "counts": {state.value: count for state, count in store.counts(wanted.owner).items()},
        "paused": site.desk.queue.paused,
    }


def _submit(site: Site, body: Body, user: str | None) -> tuple[Order, tuple[JobRecord, ...]]:
    batch = body.get("batch")
    if batch is None:
        order = order_of(body, site, user)
        return order, (site.desk.submit(order.job),)
    if not isinstance(batch, dict):
        raise BadJob('\'batch\' must be an object such as {"mode": "zip", "inputs": {"3.seed": [1, 2]}}.')
    items = Batch.parse(str(batch.get("mode")), batch.get("inputs"))
    order = order_of(body, site, user)
    if len(order.job.prompt) * len(items.items) > site.limits.upload:
        raise BadJob(f"The graphs of this batch have more than {site.limits.upload:,} characters together; send fewer.")
    for job in items.jobs(order.job, range(len(items.items))):
        order_of({"prompt": json.loads(job.prompt), "number": 0}, site, user)
    return order, site.desk.submit_batch(order.job, items)
