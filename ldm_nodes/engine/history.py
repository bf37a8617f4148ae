"""What nodes depended on in the runs before, and what of it changed when one had to run again."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .content import digest, made_by
from .errors import MISSING, shown
from .explanation import Cause, NodeRecord
from .keys import Keys, Uncached, canonical
from .plan import Plan
from .prompt import Link, PromptNode
from .spec import NodeSpec

MOST_NODES = 4_000
"""Nodes of earlier runs that are remembered beside those of the last run. Python looks through them whenever it looks
for garbage, and no thread goes on meanwhile: this many cost it some 5 ms."""
MOST_RUNS = 8
FIRST_TIME = (Cause("new"),)


@dataclass
class Snapshot:
    """What nodes depended on in a run, as far as the run came.

    Attributes:
        plan: what ran.
        nodes: node id to the node as written.
        literals: node id to its constants.
        links: node id to its wires.
        keys: node id to its cache key.
        fingerprints: node id to what its fingerprint was.
        identities: node id to the identities of its outputs (`content.py`).
        records: node id to how it fared.
        named: the nodes whose results can be found by content.
    """

    plan: Plan
    nodes: Mapping[str, PromptNode]
    literals: Mapping[str, Mapping[str, Any]]
    links: Mapping[str, Mapping[str, Link]]
    keys: Keys
    fingerprints: Mapping[str, Any]
    identities: dict[str, tuple[bytes | None, ...]] = field(default_factory=dict)
    records: Mapping[str, NodeRecord] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def identity(self, link: Link) -> bytes | None:
        """Return the identity of what a wire carries, or None where it is not known."""
        identities = self.identities.get(link.node_id, ())
        return identities[link.slot] if link.slot < len(identities) else None

    def identity_at(self, raw: Collection[str], name: str, link: Link) -> bytes | None:
        """Return the identity of what came to an input, or of what would have come."""
        found = None if name in raw else self.identity(link)
        key = self.keys.get(link.node_id)
        return made_by(key, link.slot) if found is None and isinstance(key, bytes) else found

    def about(self, node_id: str, spec: NodeSpec) -> str:
        """Return what else must be as it was for a result to be found by content, as text.

        That is the node itself, so that nodes that depend on more than they say run as often as they stand in the
        graph; and for those that save something the graph, which they write into it.
        """
        return f"{node_id!r}{self._graph_text!r}" if spec.output_node else repr(node_id)

    @cached_property
    def _graph_text(self) -> bytes | None:
        return digest(self.plan.to_json())

    def describe(self, node_id: str) -> str:
        """Name a node."""
        return f"node {node_id} ({self.nodes[node_id].class_type})" if node_id in self.nodes else f"node {node_id}"


class History:
    """The last runs, the latest last; of large graphs fewer."""

    def __init__(self) -> None:
        self._runs: deque[Snapshot] = deque(maxlen=MOST_RUNS)

    def last_with(self, node_id: str) -> Snapshot | None:
        """Return the latest run that had a node of this id."""
        return next((run for run in reversed(self._runs) if node_id in run.links), None)

    def runs_with(self, node_id: str) -> list[Snapshot]:
        """Return the runs that had a node of this id, the latest first."""
        return [run for run in reversed(self._runs) if node_id in run.links]

    def add(self, run: Snapshot) -> None:
        """Remember a run that is over, and forget the oldest until there are few enough nodes in them."""
        run.keys.end()
        self._runs.append(run)
        while len(self._runs) > 1 and sum(len(one.links) for one in self._runs) - len(run.links) > MOST_NODES:
            self._runs.popleft()


def causes(node_id: str, now: Snapshot, before: Snapshot | None) -> tuple[Cause, ...]:
    """Return why a node ran.

    Args:
        node_id: the node.
        now: the run that it ran in; the nodes behind it are done.
        before: the last run that had a node of this id.
    """
    if before is None:
        return FIRST_TIME
    was = before.nodes[node_id].class_type
    if was != now.nodes[node_id].class_type:
        return (Cause("class", before=was),)
    found = tuple(_changed_inputs(node_id, now, before))
    if now.fingerprints.get(node_id) != before.fingerprints.get(node_id):
        found = (*found, Cause("fingerprint"))
    if found:
        return found
    if isinstance(now.keys[node_id], Uncached):
        return (Cause("always"),)
    record = before.records.get(node_id)
    return (Cause("dropped" if record is not None and record.status != "skipped" else "unfinished"),)


def _changed_inputs(node_id: str, now: Snapshot, before: Snapshot) -> Iterator[Cause]:
    inputs_now, inputs_before = _inputs(node_id, now), _inputs(node_id, before)
    for name in dict.fromkeys((*inputs_now, *inputs_before)):
        one, other = inputs_before.get(name, MISSING), inputs_now.get(name, MISSING)
        if isinstance(one, Link) or isinstance(other, Link):
            if not _same_wire(one, other, now, before):
                yield _wire_cause(name, one, other, now, before)
        elif not _same_constant(one, other):
            yield Cause("constant", name, _shown(one), _shown(other))


def _inputs(node_id: str, run: Snapshot) -> dict[str, Any]:
    return {**run.literals[node_id], **run.links[node_id]}


def _same_wire(one: Any, other: Any, now: Snapshot, before: Snapshot) -> bool:
    """Say whether what comes over a wire is what came over the one before, as far as that is known."""
    if not isinstance(one, Link) or not isinstance(other, Link):
        return False
    key = now.keys.get(other.node_id)
    if isinstance(key, bytes) and key == before.keys.get(one.node_id) and one.slot == other.slot:
        return True  # also where the result was made again
    was, is_now = before.identity(one), now.identity(other)
    return was is not None and was == is_now


def _wire_cause(name: str, one: Any, other: Any, now: Snapshot, before: Snapshot) -> Cause:
    if one == other:
        return Cause("upstream", name, after=now.describe(other.node_id))
    return Cause("rewired", name, _origin(one, before), _origin(other, now))


def _origin(value: Any, run: Snapshot) -> str:
    return run.describe(value.node_id) if isinstance(value, Link) else _shown(value)


def _shown(value: Any) -> str:
    return "nothing" if value is MISSING else shown(value)


def _same_constant(one: Any, other: Any) -> bool:
    if one is MISSING or other is MISSING:
        return one is other
    try:
        return bool(canonical(one) == canonical(other))
    except (TypeError, ValueError, RecursionError):
        return False  # an object is never equal
