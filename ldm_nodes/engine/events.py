"""What a run tells while it goes on: a union of frozen records, in the order in which things happen.

`Started`, one `Cached`, then per node `Executing`, any `Progress`, `Preview` and `Notice`, `Executed`; last `Explained`
and exactly one of `Succeeded`, `Failed`, `Interrupted`. A node that must wait after all (for lazy inputs) is told as
`Executing` again; one that puts a graph in its place as `Expanded`, and as `Executed` when that graph is done. How
events become JSON, a progress bar or a log line is the receiver's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .dynamic_prompt import Place
from .errors import Problem
from .explanation import Explanation


@dataclass(frozen=True)
class Started:
    """A run begins; `node_ids` are all nodes of its plan, sources first."""

    run_id: str
    node_ids: tuple[str, ...]


@dataclass(frozen=True)
class Cached:
    """These nodes have results already; sent at the start, with an empty tuple too, and for a twin met later."""

    run_id: str
    node_ids: tuple[str, ...]


@dataclass(frozen=True)
class Executing:
    """A node's function is about to be called."""

    run_id: str
    node_id: str
    class_type: str
    title: str


@dataclass(frozen=True)
class Progress:
    """A node has done `value` of `total` steps."""

    run_id: str
    node_id: str
    value: float
    total: float


@dataclass(frozen=True)
class Preview:
    """A picture of work in progress, as the node made it."""

    run_id: str
    node_id: str
    image: Any


@dataclass(frozen=True)
class Notice:
    """Something that did not stop the node but that the user must see."""

    run_id: str
    node_id: str
    message: str


@dataclass(frozen=True)
class Expanded:
    """A node has put a graph in its place.

    Attributes:
        node_id: the node; it is done when the graph is.
        places: the new nodes, and where each stands.
    """

    run_id: str
    node_id: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Blocked:
    """A node was kept from running by an `ExecutionBlocker` with a message; the run goes on."""

    run_id: str
    node_id: str
    class_type: str
    message: str


@dataclass(frozen=True)
class Executed:
    """A node is done.

    Attributes:
        ui: what it has to show, or None; for a reused node what it showed the first time.
        seconds: how long its function took; 0 for a reused node.
        reused: the result came from the cache.
    """

    run_id: str
    node_id: str
    ui: Mapping[str, Any] | None
    seconds: float
    reused: bool


@dataclass(frozen=True)
class Estimate:
    """How far a run is, told by an `Estimator`.

    Attributes:
        fraction: from 0 to 1, in seconds of work; never less than before.
        seconds_left: how long it will still take, going by what nodes took before.
        seconds_low: it will hardly take less.
        seconds_high: it will hardly take more; None where nothing tells.
    """

    run_id: str
    fraction: float
    seconds_left: float
    seconds_low: float = 0.0
    seconds_high: float | None = None


@dataclass(frozen=True)
class Explained:
    """Why every node ran or did not; sent when nothing more will run, before the event that says how it ended."""

    run_id: str
    explanation: Explanation


@dataclass(frozen=True)
class Succeeded:
    """Every target has its result."""

    run_id: str


@dataclass(frozen=True)
class Failed:
    """A node failed and the run ended."""

    run_id: str
    problem: Problem


@dataclass(frozen=True)
class Interrupted:
    """Someone stopped the run.

    Attributes:
        node_id: the node that was at work, if any was.
        unresponsive: it did not stop when asked, and was left behind.
    """

    run_id: str
    node_id: str | None
    unresponsive: bool = False


Event = (
    Started
    | Cached
    | Executing
    | Progress
    | Preview
    | Notice
    | Expanded
    | Blocked
    | Executed
    | Estimate
    | Explained
    | Succeeded
    | Failed
    | Interrupted
)
EventSink = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Take an event and do nothing: the sink of whoever does not listen."""
