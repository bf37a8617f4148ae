"""ComfyUI's `/history`: a view of the jobs that ran and ended, in the order in which they ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..engine.dynamic_prompt import Place
from .event_json import dump
from .job import Job
from .json_value import text_of
from .record import JobRecord
from .state import State
from .store import JobStore

Seen = Callable[[JobRecord], JobRecord]
RAN = "finished IS NOT NULL AND started IS NOT NULL AND kind = 'graph'"


def _as_it_is(record: JobRecord) -> JobRecord:
    return record


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
        return {job_id: json.loads(text) for job_id, text in self.texts(job_ids)}

    def texts(self, job_ids: Iterable[str], seen: Seen = _as_it_is) -> Iterator[tuple[str, str]]:
        """Yield job ids and entries as JSON texts, as `some` returns them, one after the other.

        Args:
            job_ids: of which jobs.
            seen: returns a job as it is told to who asks.
        """
        for job_id in job_ids:
            if (record := self._store.look(job_id)) and record.state.finished:
                yield job_id, entry_text(seen(record))

    def get(self, job_id: str, owner: str | None = None) -> dict[str, dict[str, Any]]:
        """Return the one entry under its id; nothing if the job is unknown, waits or runs: ask `JobStore.get` which."""
        return self.some(self.known(job_id, owner))

    def known(self, job_id: str, owner: str | None = None) -> list[str]:
        """Return the id if there is an entry under it, in a list; else an empty one."""
        condition, values = _owned(owner)
        with self._store.database.read() as connection:
            rows = connection.execute(f"SELECT id FROM jobs WHERE {condition} AND id = ?", (*values, job_id)).fetchall()
        return [row["id"] for row in rows]

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


def prompt_item_text(record: JobRecord) -> str:
    """Return ComfyUI's `[number, prompt_id, prompt, extra_data, outputs_to_execute]`, as in `/queue` and `/history`.

    The graph, which may be large, is not read but stands in it as it is kept.
    """
    job = record.job
    head, targets = json.dumps([job.number, job.id]), json.dumps(list(job.targets or ()))
    return f"{head[:-1]}, {job.prompt}, {_extra_text(job)}, {targets}]"


def entry_text(record: JobRecord) -> str:
    """Return a finished job as ComfyUI's history tells it."""
    done = record.state is State.DONE
    status = {
        "status_str": "success" if done else "error",
        "completed": done,
        "messages": [list(message) for message in record.messages],
    }
    meta = {node_id: _meta(record.places.get(node_id) or own_place(node_id)) for node_id in record.outputs}
    return (
        f'{{"prompt": {prompt_item_text(record)}, "outputs": {text_of(record.outputs)}, '
        f'"status": {dump(status)}, "meta": {dump(meta)}}}'
    )


def _extra_text(job: Job) -> str:
    """Return what is kept with a job, and which socket sent it."""
    kept = text_of(job.extra_data)
    sent_by = json.dumps({"client_id": job.client_id}) if job.client_id else "{}"
    if '"client_id"' in kept:
        return dump({**job.extra_data, **json.loads(sent_by)})
    members = [text[1:-1] for text in (kept, sent_by) if text != "{}"]
    return f"{{{', '.join(members)}}}"


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
