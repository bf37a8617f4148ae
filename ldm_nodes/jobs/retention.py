"""How much of what has been is kept."""

from __future__ import annotations

from dataclasses import dataclass

from .database import Transaction
from .event_log import forget_events
from .rows import remove_jobs

DAY = 86_400.0


@dataclass(frozen=True)
class Retention:
    """Limits; what goes first is what ended first. Jobs that wait or run are never dropped.

    Attributes:
        jobs: so many finished jobs.
        days: and those no longer than so many days; None for no such limit.
        size: in a file of so many bytes, free space inside it not counted.
        events: and of so many events; a finished job's are dropped all at once. Its history stays.
    """

    jobs: int = 10_000
    days: float | None = None
    size: int = 1 << 30
    events: int = 200_000


def prune(transaction: Transaction, limits: Retention, now: float) -> None:
    """Drop what is beyond the limits."""
    finished = "SELECT id FROM jobs WHERE finished IS NOT NULL"
    count = transaction.execute("SELECT count(*) FROM jobs WHERE finished IS NOT NULL").fetchone()[0]
    if count > limits.jobs:
        _remove_oldest(transaction, count - limits.jobs)
    if limits.days is not None:
        _remove(transaction, f"{finished} AND finished < ?", now - limits.days * DAY)
    while _used(transaction) > limits.size and (count := transaction.execute(finished).fetchall()):
        _remove_oldest(transaction, max(1, len(count) // 20))
    _drop_events(transaction, limits.events)


def _remove_oldest(transaction: Transaction, count: int) -> None:
    _remove(transaction, "SELECT id FROM jobs WHERE finished IS NOT NULL ORDER BY finished, sequence LIMIT ?", count)


def _remove(transaction: Transaction, query: str, value: float) -> None:
    remove_jobs(transaction, [row["id"] for row in transaction.execute(query, (value,)).fetchall()])


def _drop_events(transaction: Transaction, limit: int) -> None:
    oldest, newest = transaction.execute("SELECT min(id), max(id) FROM events").fetchone()
    if oldest is None or newest - oldest < limit:
        return
    old = transaction.execute(
        "SELECT DISTINCT job_id FROM events JOIN jobs ON jobs.id = job_id"
        " WHERE events.id <= ? AND finished IS NOT NULL",
        (newest - limit,),
    )
    for row in old.fetchall():
        forget_events(transaction, row["job_id"])


def _used(transaction: Transaction) -> int:
    pages, free, size = (
        transaction.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
