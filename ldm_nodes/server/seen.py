"""Where the files of jobs are for who looks: those of users lie below the folders of who sees everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..jobs.record import JobRecord
from ..settings import USERS
from .files import KINDS


def seen_by(viewer: str | None, record: JobRecord) -> JobRecord:
    """Return a job as a viewer must read it to find its files.

    Args:
        viewer: a user, who sees his own jobs only; None for who sees everyone's.
        record: the job.
    """
    owner = record.job.owner
    if viewer is not None or not owner:
        return record
    return replace(record, outputs={node_id: _below(f"{USERS}/{owner}", ui) for node_id, ui in record.outputs.items()})


def _below(folder: str, ui: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a node shows, with its files in a folder of another one's."""
    return {
        name: [_file_below(folder, item) for item in shown] if isinstance(shown, list) else shown
        for name, shown in ui.items()
    }


def _file_below(folder: str, item: Any) -> Any:
    if not isinstance(item, Mapping) or item.get("type") not in KINDS or "filename" not in item:
        return item
    subfolder = str(item.get("subfolder") or "")
    return {**item, "subfolder": f"{folder}/{subfolder}" if subfolder else folder}
