"""Jobs as rows of tables, and back: the small part that changes, and beside it the large part that does not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from ..engine.dynamic_prompt import Place
from ..engine.errors import PromptRejected
from ..engine.json_text import read_json
from .database import Transaction
from .errors import BadJob, UnknownJob
from .event_json import dump
from .event_log import forget_events
from .job import GRAPH, Job
from .json_value import StoredObject, dump_in_parts
from .messages import Message
from .record import BRIEF, JobBrief, JobRecord
from .result import JobResult
from .secrets import without_secrets
from .state import State
from .updates import JobChanged, JobRemoved

SMALL = ("id", "number", "kind", "priority", "client_id", "owner", "batch_id", "item", "retry_of", "foreseen")
"""The columns of `jobs` that come from the job itself. What is large stands in `requests`."""
DEEP = 4
"""How far down extra data is written member by member: to the nodes of `extra_pnginfo.workflow`."""

Request = tuple[str, str, str, str]


def request_of(job: Job) -> Request:
    """Return what is kept in `requests` of a job. It may be large: make it before a transaction begins.

    Raises:
        BadJob: it is a graph that cannot be read.
    """
    if job.kind == GRAPH:
        _check_graph(job)
    extra = dump_in_parts(without_secrets(job.extra_data), DEEP)
    return job.prompt, json.dumps(job.targets), extra, dump(job.hashes)


def insert(transaction: Transaction, job: Job, request: Request, now: float) -> JobRecord:
    """Accept a job, and tell it.

    Raises:
        BadJob: its id is taken.
    """
    row = transaction.execute("SELECT owner, finished FROM jobs WHERE id = ?", (job.id,)).fetchone()
    if row is not None:
        if row["finished"] is None or row["owner"] != job.owner:
            raise BadJob(f"The id {job.id!r} is taken. Leave it out to get one.")
        remove_jobs(transaction, [job.id])
    small = (*(getattr(job, name) for name in SMALL), job.number, State.QUEUED, now)
    added = transaction.execute(
        f"INSERT INTO jobs ({', '.join(SMALL)}, rank, state, created) VALUES ({_marks(small)})", small
    )
    large = (added.lastrowid, *request)
    transaction.execute(f"INSERT INTO requests VALUES ({_marks(large)})", large)
    record = find(transaction, job.id)
    transaction.tell(JobChanged(record))
    return record


def _check_graph(job: Job) -> None:
    try:
        graph = read_json(job.prompt)
    except PromptRejected as rejected:
        raise BadJob(f"The prompt of a job must be JSON text: {rejected}") from rejected
    if not isinstance(graph, dict):
        raise BadJob(f"The prompt of a job must be a JSON object; received {type(graph).__name__}.")


def record_of(row: sqlite3.Row) -> JobRecord:
    """Return a row of the view `records` as a value."""
    targets = json.loads(row["targets"])
    small: dict[str, Any] = {name: row[name] for name in SMALL}
    return JobRecord(
        job=Job(
            prompt=row["prompt"],
            targets=None if targets is None else tuple(targets),
            extra_data=StoredObject(row["extra_data"]),
            hashes=StoredObject(row["hashes"]),
            **small | {"foreseen": bool(small["foreseen"])},
        ),
        state=State(row["state"]),
        cancelling=bool(row["cancelling"]),
        outputs=StoredObject(row["outputs"]),
        places={node_id: Place(*place) for node_id, place in json.loads(row["places"]).items()},
        messages=tuple((name, data) for name, data in json.loads(row["messages"])),
        **{name: row[name] for name in ("sequence", "created", "started", "finished", "attempts", "deaths", "reason")},
    )


def brief_of(row: sqlite3.Row) -> JobBrief:
    """Return the columns `BRIEF` of a row of the table `jobs` as a value."""
    values = {name: row[name] for name in BRIEF}
    return JobBrief(**values | {"state": State(row["state"]), "cancelling": bool(row["cancelling"])})


def find(connection: sqlite3.Connection | Transaction, job_id: str, owner: str | None = None) -> JobRecord:
    """Return a job as it stands.

    Raises:
        UnknownJob: there is none, or it is another's.
    """
    if (record := look(connection, job_id, owner)) is None:
        raise UnknownJob(job_id)
    return record


def look(connection: sqlite3.Connection | Transaction, job_id: str, owner: str | None = None) -> JobRecord | None:
    """Return a job as it stands, or None when there is none or it is another's."""
    row = connection.execute("SELECT * FROM records WHERE id = ?", (job_id,)).fetchone()
    return None if row is None or owner not in (None, row["owner"]) else record_of(row)


def change(transaction: Transaction, job_id: str, assignments: str, *values: object) -> JobRecord:
    """Set columns of a job, tell it, and return how it stands now."""
    transaction.execute(f"UPDATE jobs SET {assignments} WHERE id = ?", (*values, job_id))
    record = find(transaction, job_id)
    transaction.tell(JobChanged(record))
    return record


def end(
    transaction: Transaction, record: JobRecord, result: JobResult, messages: Sequence[Message], now: float
) -> JobRecord:
    """Bring a job to its end."""
    return change(
        transaction,
        record.id,
        "state = ?, finished = ?, cancelling = 0, reason = ?, outputs = ?, places = ?, messages = ?",
        result.state,
        now,
        result.reason,
        dump(result.outputs),
        dump(result.places),
        dump(messages),
    )


def remove_jobs(transaction: Transaction, job_ids: list[str]) -> None:
    """Delete finished jobs with all that is known of them."""
    for job_id in job_ids:
        row = transaction.execute("SELECT owner FROM jobs WHERE id = ? AND finished IS NOT NULL", (job_id,)).fetchone()
        if row is None:
            continue
        forget_events(transaction, job_id)
        transaction.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
        transaction.tell(JobRemoved(job_id, row["owner"]))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
