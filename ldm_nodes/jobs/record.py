"""A job together with what has become of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..engine.dynamic_prompt import Place
from .job import Job
from .state import State


@dataclass(frozen=True)
class JobBrief:
    """A job without its graph and its results, as lists of jobs tell it. Attributes are those of `JobRecord` and `Job`.

    It has one column of the store's table for each attribute.
    """

    id: str
    kind: str
    state: State
    number: float
    priority: int
    sequence: int
    created: float
    started: float | None
    finished: float | None
    attempts: int
    cancelling: bool
    reason: str
    batch_id: str
    item: int
    retry_of: str
    client_id: str
    owner: str


@dataclass(frozen=True)
class JobRecord:
    """One row of the store. Times are seconds since 1970.

    Attributes:
        job: what was asked for.
        state: where it stands.
        sequence: grows with every job accepted; pages are cut by it.
        created: when it was accepted.
        started: when its last run began, or None.
        finished: when it ended, or None.
        attempts: how often a run began.
        deaths: how often the process ended under it.
        cancelling: someone asked the running job to stop.
        reason: why it failed, was parked, or was put back into the queue.
        outputs: node id to what it has to show.
        places: where those of these nodes stand that others put in their place.
        messages: ComfyUI's messages of the last run, for `/history`.
    """

    job: Job
    state: State
    sequence: int
    created: float
    started: float | None = None
    finished: float | None = None
    attempts: int = 0
    deaths: int = 0
    cancelling: bool = False
    reason: str = ""
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    messages: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def brief(self) -> JobBrief:
        """The job without its graph and its results."""
        known = {**vars(self.job), **vars(self)}
        return JobBrief(**{name: known[name] for name in BRIEF})


BRIEF: tuple[str, ...] = tuple(field.name for field in fields(JobBrief))
