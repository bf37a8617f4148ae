"""A part of a long list of jobs: what is asked for, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .errors import BadJob
from .record import JobBrief
from .state import State

LONGEST_PAGE = 1000


@dataclass(frozen=True)
class JobFilter:
    """Which jobs are wanted; None takes all.

    Attributes:
        states: in these states.
        owner: of this user.
        kind: of this kind.
        batch_id: of this batch.
    """

    states: tuple[State, ...] | None = None
    owner: str | None = None
    kind: str | None = None
    batch_id: str | None = None

    def sql(self) -> tuple[str, list[Any]]:
        """Return a condition and its parameters."""
        parts: list[str] = ["TRUE"]
        values: list[Any] = []
        for column, value in (("owner", self.owner), ("kind", self.kind), ("batch_id", self.batch_id)):
            if value is not None:
                parts.append(f"{column} = ?")
                values.append(value)
        if self.states is not None:
            parts.append(f"state IN ({', '.join('?' * len(self.states))})")
            values += self.states
        return " AND ".join(parts), values


@dataclass(frozen=True)
class JobPage:
    """Some jobs, the newest first.

    Attributes:
        records: at most as many as were asked for.
        total: how many there are in all.
        before: what to ask for to get the next page; None when this is the last.
    """

    records: tuple[JobBrief, ...]
    total: int
    before: int | None

    def __iter__(self) -> Iterator[JobBrief]:
        return iter(self.records)


def checked_limit(limit: int) -> int:
    """Return how many jobs a page may hold.

    Raises:
        BadJob: it is out of range.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise BadJob(f"A page holds 1 to {LONGEST_PAGE} jobs; received {limit}.")
    return limit
