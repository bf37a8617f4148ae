"""What a node returns in place of a value to keep what follows from running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExecutionBlocker:
    """Stands in for one output, or for all when returned alone.

    A node that would receive one is not called and passes it on; the run goes on and succeeds.

    Attributes:
        message: told once, by the first node that is kept from running; None blocks silently.
    """

    message: str | None = None


def first_blocker(values: Any) -> ExecutionBlocker | None:
    """Return the first blocker among `values`, if there is one."""
    return next((value for value in values if isinstance(value, ExecutionBlocker)), None)
