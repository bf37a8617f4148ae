"""Jobs as `/jobs` tells them: every job in exactly one state, whatever became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..engine.cost_model import Span
from ..engine.events import Estimate
from ..jobs.event_json import dump
from ..jobs.json_value import text_of
from ..jobs.live import Snapshot
from ..jobs.record import JobBrief, JobRecord


def summary(job: JobBrief) -> dict[str, Any]:
    """Return a job without its graph and its results; times in seconds since 1970."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "number": job.number,
        "priority": job.priority,
        "created": job.created,
        "started": job.started,
        "finished": job.finished,
        "attempts": job.attempts,
        "cancelling": job.cancelling,
        "reason": job.reason,
        "batch": job.batch_id or None,
        "item": job.item if job.batch_id else None,
        "retry_of": job.retry_of or None,
        "client_id": job.client_id or None,
    }


def detail(record: JobRecord, live: Snapshot | None, wait: Span | None = None) -> str:
    """Return all of a job as JSON text; what may be large stands in it as it is kept.

    Args:
        record: the job.
        live: how far it is, if it runs.
        wait: the time until it is done, if it waits.
    """
    job = record.job
    small = {
        **summary(record.brief),
        "targets": None if job.targets is None else list(job.targets),
        "messages": [list(message) for message in record.messages],
        "live": None if live is None else progress(live),
        "estimate": None if wait is None else waiting(wait),
    }
    large = {"prompt": job.prompt, "extra_data": text_of(job.extra_data), "outputs": text_of(record.outputs)}
    return f"{dump(small)[:-1]}, {', '.join(f'{json.dumps(name)}: {text}' for name, text in large.items())}}}"


def progress(live: Snapshot) -> Mapping[str, Any]:
    """Return how far a running job is."""
    return {
        "last_event_id": live.last_id,
        "node": live.at_work,
        "progress": {node_id: list(done) for node_id, done in live.progress.items()},
        "cached": list(live.cached),
        "executed": list(live.executed),
        "estimate": None if live.estimate is None else estimate(live.estimate),
    }


def estimate(found: Estimate) -> Mapping[str, Any]:
    """Return how far a running job is in time: the share that is done, and the seconds left with their range."""
    return {
        "fraction": found.fraction,
        "seconds_left": found.seconds_left,
        "seconds_low": found.seconds_low,
        "seconds_high": found.seconds_high,
    }


def waiting(span: Span) -> Mapping[str, Any]:
    """Return the seconds until a waiting job is done, with their range."""
    return {"seconds_left": span.seconds, "seconds_low": span.low, "seconds_high": span.high}
