"""What is asked for: a graph as text and everything needed to run it anywhere. A value without handles to anything."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.errors import shown
from .errors import BadJob

GRAPH = "graph"
"""The kind of job that runs a graph; other kinds, such as downloads, have dispatchers of their own."""

LONGEST_ID = 200
LARGEST_NUMBER = 2**53
LARGEST_PRIORITY = 1_000_000


def new_id() -> str:
    """Return an id that no other job has."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Job:
    """One thing to run.

    Attributes:
        prompt: the graph in API form, as JSON text; for another kind of job whatever its backend reads.
        id: unique in a queue.
        number: ComfyUI's: the lowest runs first among equals in priority.
        targets: the nodes wanted; None for all output nodes.
        kind: which dispatcher takes it.
        priority: the highest runs first.
        client_id: the socket that asked for it; hears its events.
        owner: the user whose job it is; empty where there is only one.
        extra_data: what the client wants kept with it, such as `extra_pnginfo`. Secrets in it are never stored.
        hashes: name of a file that the graph reads → its sha256, for backends that must fetch it.
        batch_id: the batch it belongs to, or empty.
        item: its place in the batch, from 0.
        retry_of: the job that it repeats, or empty.
        foreseen: the graph was looked at together with the files that it names; a backend need not do it again.
    """

    prompt: str
    id: str = field(default_factory=new_id)
    number: float = 0
    targets: tuple[str, ...] | None = None
    kind: str = GRAPH
    priority: int = 0
    client_id: str = ""
    owner: str = ""
    extra_data: Mapping[str, Any] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    batch_id: str = ""
    item: int = 0
    retry_of: str = ""
    foreseen: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.id) <= LONGEST_ID:
            raise BadJob(f"A job's id has 1 to {LONGEST_ID} characters; this one has {len(self.id)}.")
        if not -LARGEST_NUMBER <= self.number <= LARGEST_NUMBER:  # which NaN is not either
            raise BadJob(f"A job's number lies between -2**53 and 2**53; received {shown(self.number)}.")
        check_priority(self.priority)
        for name in ("prompt", "id", "client_id", "owner", "batch_id"):
            _check_text(name, getattr(self, name))

    @property
    def digest(self) -> str:
        """The sha256 of what is asked for, whoever asks: equal jobs have equal digests."""
        wanted = "\0".join((self.kind, self.prompt, *("" if self.targets is None else self.targets)))
        return hashlib.sha256(wanted.encode()).hexdigest()


def check_priority(priority: int) -> None:
    """Refuse a priority that is out of range.

    Raises:
        BadJob: it is.
    """
    if not -LARGEST_PRIORITY <= priority <= LARGEST_PRIORITY:
        raise BadJob(f"A priority lies between -{LARGEST_PRIORITY} and {LARGEST_PRIORITY}; received {shown(priority)}.")


def _check_text(name: str, text: str) -> None:
    """Refuse halves of surrogate pairs, which JSON can spell and no file can hold.

    Raises:
        BadJob: when there is one.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadJob(f"The {name} of a job must be valid text; {error.reason} at character {error.start}.") from error
