"""What one run knows from the runs before: results by key, by content and from the disk, and why nodes must run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from .cache import NodeResult, OutputCache
from .content import made_by
from .explanation import Cause, Explanation, NodeRecord
from .history import History, Snapshot, causes
from .keys import Keys, Warn
from .prompt import Link
from .run_graph import RunGraph
from .spec import NodeSpec

Facts = tuple[Mapping[str, Any], ...]


class Recall:
    """The memory of one run.

    Args:
        graph: what runs.
        cache: results of the runs before; those of this one are added.
        history: what nodes depended on in the runs before; this one is added at its end.
        warn: told (node id, message) when a node's fingerprint cannot be taken.

    Attributes:
        keys: node id to cache key.
        held: the results in use.
    """

    def __init__(self, graph: RunGraph, cache: OutputCache, history: History, warn: Warn) -> None:
        self.keys = Keys(graph, graph.spec, graph.plan.folders, warn)
        self.keys.settle(graph.plan.order)
        self.held = cache.begin(self.keys.values())
        self._graph, self._cache, self._history, self._warn = graph, cache, history, warn
        self._seen = Snapshot(graph.plan, graph.nodes, graph.literals, graph.links, self.keys, self.keys.fingerprints)
        self._contents: dict[str, bytes | None] = {}

    def known(self, node_id: str) -> NodeResult | None:
        """Return the result of a node that has run before, or of an equal one, if it is in memory."""
        result = self._cache.get(self.keys[node_id])
        if result is not None:
            self._seen.identities[node_id] = result.identities
        return result

    def stored(self, node_id: str) -> bool:
        """Say whether a result is on the disk, without reading it."""
        return self._cache.stored(self.keys[node_id])

    def load(self, node_id: str) -> NodeResult | None:
        """Return a result from the disk, if it is there and sound."""
        result = self._cache.load(self.keys[node_id])
        if result is not None:
            self._seen.identities[node_id] = result.identities
        return result

    def same_bytes(self, node_id: str, heard: Facts) -> NodeResult | None:
        """Return the result of a node that did the same on inputs of the same bytes, however these came about.

        Args:
            node_id: a node whose inputs are there.
            heard: what the nodes behind it recorded now, which need not be what was recorded then.
        """
        spec, earlier = self._graph.specs[node_id], self._history.runs_with(node_id)
        if not earlier and self._named_late(self._seen, node_id, spec):
            return None
        for run in earlier:
            self._name(run, node_id, spec)
        key = self.keys.content(node_id, spec, partial(self._identity, spec.raw), self._seen.about(node_id, spec))
        self._contents[node_id] = key
        if key is None or (found := self._cache.get(key) or self._cache.load(key)) is None:
            return None
        facts = (*heard, *found.told)
        if spec.output_node and facts != found.facts:
            return None  # what it saved tells how it was made, and that has changed
        result = found if facts == found.facts else replace(found, facts=facts)
        self._cache.adopt(self.keys[node_id], key, result)
        self._seen.identities[node_id] = result.identities
        return result

    def keep(self, node_id: str, result: NodeResult, seconds: float) -> NodeResult:
        """Keep what a node made, and return it with its weight and the identities of its outputs."""
        keys = (self.keys[node_id], self._contents.pop(node_id, None))
        label = self._seen.describe(node_id)
        kept = self._cache.keep(keys, result, seconds, label, to_disk=not self._graph.spec(node_id).output_node)
        self._seen.identities[node_id] = kept.identities
        for complaint in self._cache.complaints():
            self._warn(node_id, complaint)
        return kept

    def causes(self, node_id: str) -> tuple[Cause, ...]:
        """Return why a node had to run; its sources are done."""
        return causes(node_id, self._seen, self._history.last_with(node_id))

    def end(self, records: Mapping[str, NodeRecord]) -> Explanation:
        """Let go of everything in use, remember the run, and return what became of its nodes."""
        evicted = tuple(self._cache.memory.evictions)
        self._cache.end()
        self._seen.records = records
        self._history.add(self._seen)
        return Explanation(records, evicted, self._cache.memory.used_bytes)

    def _identity(self, raw: Collection[str], name: str, link: Link) -> bytes | None:
        """Return the identity of what a wire carries; of one that carries nothing yet, that of what it would."""
        result = self.held.get(link.node_id)
        if result is not None and name not in raw and link.slot < len(result.identities):
            return result.identities[link.slot]
        key = self.keys[link.node_id]
        return made_by(key, link.slot) if isinstance(key, bytes) else None

    def _name(self, run: Snapshot, node_id: str, spec: NodeSpec) -> None:
        """Let what a node made in an earlier run be found by its content too, which was not worth working out then."""
        key = run.keys[node_id]
        if node_id in run.named or not isinstance(key, bytes) or not self._named_late(run, node_id, spec):
            return
        run.named.add(node_id)
        identity = partial(run.identity_at, spec.raw)
        if (content := run.keys.content(node_id, spec, identity, run.about(node_id, spec))) is not None:
            self._cache.name(key, content)

    @staticmethod
    def _named_late(run: Snapshot, node_id: str, spec: NodeSpec) -> bool:
        """Say whether a result's key by content can wait until someone looks for it.

        Not so where there is no other key; nor where lazy inputs are, of which is forgotten which were there.
        """
        return isinstance(run.keys[node_id], bytes) and not spec.lazy and run.nodes[node_id].class_type == spec.name
