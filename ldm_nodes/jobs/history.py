"""ComfyUI's `/history`: a view of the jobs that ran and ended, in the order in which they ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..engine.dynamic_prompt import Place
from .record import JobRecord
from .rows import record_of
from .state import State
from .store import JobStore

RAN = "finished IS NOT NULL AND started IS NOT NULL AND kind = 'graph'"


class History:
    """The finished jobs of a store. Everywhere `owner` is whose jobs are shown, None for everyone's.

    Args:
        store: where the jobs are.
    """

    def __init__(self, store: JobStore) -> None:
        self._store = store

    def entries(
        self, max_items: int | None = None, offset: int | None = None, owner: str | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return entries by job id, the oldest first.

        Args:
            max_items: at most so many; None for all.
            offset: skip the first so many; None or a negative number for the last `max_items`.
            owner: whose.
        """
        return self.some(self.ids(max_items, offset, owner))

    def ids(self, max_items: int | None = None, offset: int | None = None, owner: str | None = None) -> list[str]:
        """Return the ids of the entries that `entries` returns, in the same order: light, however many they are."""
        size = -1 if max_items is None else max(max_items, 0)
        if offset is None or offset < 0:
            return self._ids("DESC", size, 0, owner)[::-1]
        return self._ids("ASC", size, offset, owner)

    def some(self, job_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the entries of these jobs, in their order; those that are no more are passed over."""
        found = (self._store.look(job_id) for job_id in job_ids)
        return {record.id: entry(record) for record in found if record and record.state.finished}

    def get(self, job_id: str, owner: str | None = None) -> dict[str, dict[str, Any]]:
        """Return the one entry under its id; nothing if the job is unknown, waits or runs: ask `JobStore.get` which."""
        condition, values = _owned(owner)
        with self._store.database.read() as connection:
            rows = connection.execute(
                f"SELECT * FROM records WHERE {condition} AND id = ?", (*values, job_id)
            ).fetchall()
        return {record.id: entry(record) for record in map(record_of, rows)}

    def delete(self, job_ids: list[str], owner: str | None = None) -> None:
        """Delete finished jobs; ids of other jobs are passed over."""
        self._store.remove(job_ids, owner)

    def clear(self, owner: str | None = None) -> None:
        """Delete all finished jobs."""
        condition, values = _owned(owner)
        with self._store.database.read() as connection:
            rows = connection.execute(f"SELECT id FROM jobs WHERE {condition}", values).fetchall()
        self._store.remove([row["id"] for row in rows])

    def _ids(self, direction: str, size: int, offset: int, owner: str | None) -> list[str]:
        condition, values = _owned(owner)
        with self._store.database.read() as connection:
            rows = connection.execute(
                f"SELECT id FROM jobs WHERE {condition}"
                f" ORDER BY finished {direction}, sequence {direction} LIMIT ? OFFSET ?",
                (*values, size, offset),
            ).fetchall()
        return [row["id"] for row in rows]


def prompt_item(record: JobRecord) -> list[Any]:
    """Return ComfyUI's `[number, prompt_id, prompt, extra_data, outputs_to_execute]`, as in `/queue` and `/history`."""
    job = record.job
    sent_by = {"client_id": job.client_id} if job.client_id else {}
    return [job.number, job.id, json.loads(job.prompt), {**job.extra_data, **sent_by}, list(job.targets or ())]


def entry(record: JobRecord) -> dict[str, Any]:
    """Return a finished job as ComfyUI's history tells it."""
    return {
        "prompt": prompt_item(record),
        "outputs": dict(record.outputs),
        "status": {
            "status_str": "success" if record.state is State.DONE else "error",
            "completed": record.state is State.DONE,
            "messages": [list(message) for message in record.messages],
        },
        "meta": {node_id: _meta(record.places.get(node_id) or own_place(node_id)) for node_id in record.outputs},
    }


def own_place(node_id: str) -> Place:
    """Return where a node of the prompt itself stands."""
    return Place(node_id, node_id, None, node_id)


def _meta(place: Place) -> dict[str, str | None]:
    return {
        "node_id": place.node_id,
        "display_node": place.display_id,
        "parent_node": place.parent_id,
        "real_node_id": place.real_id,
    }


def _owned(owner: str | None) -> tuple[str, tuple[str, ...]]:
    return (RAN, ()) if owner is None else (f"{RAN} AND owner = ?", (owner,))
