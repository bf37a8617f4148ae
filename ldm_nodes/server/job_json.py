"""Jobs as `/jobs` tells them: every job in exactly one state, whatever became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..jobs.live import Snapshot
from ..jobs.record import JobRecord


def summary(record: JobRecord) -> dict[str, Any]:
    """Return a job without its graph and its results; times in seconds since 1970."""
    job = record.job
    return {
        "id": job.id,
        "kind": job.kind,
        "state": record.state.value,
        "number": job.number,
        "priority": job.priority,
        "created": record.created,
        "started": record.started,
        "finished": record.finished,
        "attempts": record.attempts,
        "cancelling": record.cancelling,
        "reason": record.reason,
        "batch": job.batch_id or None,
        "item": job.item if job.batch_id else None,
        "retry_of": job.retry_of or None,
        "client_id": job.client_id or None,
    }


def detail(record: JobRecord, live: Snapshot | None) -> dict[str, Any]:
    """Return all of a job.

    Args:
        record: the job.
        live: how far it is, if it runs.
    """
    job = record.job
    return {
        **summary(record),
        "prompt": json.loads(job.prompt),
        "targets": None if job.targets is None else list(job.targets),
        "extra_data": dict(job.extra_data),
        "outputs": dict(record.outputs),
        "messages": [list(message) for message in record.messages],
        "live": None if live is None else progress(live),
    }


def progress(live: Snapshot) -> Mapping[str, Any]:
    """Return how far a running job is."""
    return {
        "last_event_id": live.last_id,
        "node": live.at_work,
        "progress": {node_id: list(done) for node_id, done in live.progress.items()},
        "cached": list(live.cached),
        "executed": list(live.executed),
    }
