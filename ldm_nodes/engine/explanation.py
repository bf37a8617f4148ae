"""What became of the nodes of a run, and why: values that travel in events and results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .memory import Eviction

Status = Literal["ran", "reused", "skipped"]
Source = Literal["", "memory", "disk"]
Kind = Literal[
    "new", "class", "constant", "rewired", "upstream", "fingerprint", "always", "unfinished", "dropped", "same_bytes",
    "twin",
]  # fmt: skip


@dataclass(frozen=True)
class Cause:
    """One reason why a node ran, or was reused although it looked changed.

    Attributes:
        kind: `new`: no node of this id was in a run before. `class`: it was of another class. `constant`: a constant
            changed. `rewired`: an input comes from elsewhere. `upstream`: what comes over a wire changed.
            `fingerprint`: what the node looks at beside its inputs changed. `always`: the node, or one that it follows,
            says that it is never the same. `unfinished`: it did not finish last time. `dropped`: its result is no
            longer kept. `same_bytes`: reused, for its inputs have the bytes that they had. `twin`: reused from an equal
            node of this run.
        input_name: the input in question.
        before: what was there, in words.
        after: what is there now, in words.
    """

    kind: Kind
    input_name: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(name=self.input_name, before=self.before, after=self.after)


_SENTENCES: Mapping[Kind, str] = {
    "new": "first time",
    "class": "was {before}",
    "constant": "{name}: {before} → {after}",
    "rewired": "{name} now comes from {after}, before from {before}",
    "upstream": "{name}: the result of {after} changed",
    "fingerprint": "its fingerprint changed",
    "always": "it must run every time, or follows one that must",
    "unfinished": "it did not finish last time",
    "dropped": "its result was no longer kept",
    "same_bytes": "its inputs have the same bytes as before",
    "twin": "an equal node ran before it",
}


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """How a node fared.

    Attributes:
        status: `ran`, `reused` from the cache, or `skipped` because nothing that ran needed it.
        seconds: how long its function took.
        source: where a reused result was.
        causes: why it ran, or why it was reused although something upstream changed.
        nbytes: what its outputs hold, as far as nothing else holds it.
    """

    status: Status
    seconds: float = 0.0
    source: Source = ""
    causes: tuple[Cause, ...] = ()
    nbytes: int = 0


@dataclass(frozen=True)
class Explanation:
    """What became of a run's nodes, and of what was kept from before.

    Attributes:
        nodes: node id to how it fared and why, sources first.
        evicted: what had to go to make room, in order.
        kept_bytes: what models and results hold that are kept for the next run.
    """

    nodes: Mapping[str, NodeRecord] = field(default_factory=dict)
    evicted: tuple[Eviction, ...] = ()
    kept_bytes: int = 0
