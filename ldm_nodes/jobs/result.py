"""What became of a run, as a backend tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.dynamic_prompt import Place
from ..engine.errors import Problem
from .state import State


@dataclass(frozen=True)
class JobResult:
    """The end of a run.

    Attributes:
        state: `DONE`, `FAILED` or `CANCELLED`.
        outputs: node id to what it has to show, of reused nodes too; also of what finished before a failure.
        problem: why it failed.
        places: where those nodes in `outputs` stand that others put in their place.
    """

    state: State
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problem: Problem | None = None
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Say in a sentence why it failed; empty where it did not."""
        return str(self.problem) if self.problem else ""
