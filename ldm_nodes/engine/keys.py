"""Cache keys: what a node's result depends on, as a hash.

`key(n) = H(class, version, constants, fingerprint, keys of the parents)`, computed in topological order, so that a key
covers everything upstream at the cost of one hash per node. Ids, titles and the order of inputs play no part: equal
work has an equal key, within one graph and across graphs. Only a node whose class has an identity of its own
(`NodeSpec.has_identity`) has its id in its key.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

from ..settings import Folders
from .content import combined, text_identity
from .errors import shown
from .hooks import call_hook, hidden_beforehand
from .plan import Plan
from .prompt import Link
from .registry import Registry
from .spec import Hook, NodeSpec


class Uncached:
    """The key of a node whose result must not be used twice; it equals nothing."""

    def __repr__(self) -> str:
        return "UNCACHED"


UNCACHED: Final = Uncached()
Key = bytes | Uncached
Warn = Callable[[str, str], None]


class Wired(Protocol):
    """What keys depend on of a graph; `Plan` and `RunGraph` have it."""

    @property
    def literals(self) -> Mapping[str, Mapping[str, Any]]:
        """Node id to its constants."""

    @property
    def links(self) -> Mapping[str, Mapping[str, Link]]:
        """Node id to its wires."""


def _nobody(node_id: str, message: str) -> None:
    """Tell nobody: the run is over."""


class Keys(dict[str, Key]):
    """Node id to key.

    Args:
        graph: constants and wires.
        spec_of: node id to what is known of its class.
        folders: where files are, for fingerprints.
        warn: told (node id, message) when a fingerprint cannot be taken, which makes the node run every time.

    Attributes:
        fingerprints: node id to its fingerprint, `UNCACHED` for one that equals nothing; of nodes that have one.
    """

    def __init__(self, graph: Wired, spec_of: Callable[[str], NodeSpec], folders: Folders, warn: Warn) -> None:
        super().__init__()
        self._graph, self._spec_of, self._folders, self._warn = graph, spec_of, folders, warn
        self.fingerprints: dict[str, Any] = {}
        self._heads: dict[str, str] = {}

    def end(self) -> None:
        """Settle no more keys, and let go of whoever was told, which is a run with all that it has made."""
        self._warn = _nobody

    def settle(self, node_ids: Iterable[str]) -> None:
        """Work out the keys of nodes that are given sources first; those of their sources must be here already."""
        for node_id in node_ids:
            try:
                self[node_id] = self._key(node_id)
            except _NoKey as reason:
                self[node_id] = UNCACHED
                if str(reason):
                    self._warn(node_id, f"{reason} The node will run every time.")

    def content(
        self, node_id: str, spec: NodeSpec, identity: Callable[[str, Link], bytes | None], about: str
    ) -> bytes | None:
        """Return a node's key by content (`content.py`), or None if it has none.

        Args:
            node_id: the node.
            spec: its class.
            identity: returns that of what comes to an input over a wire.
            about: what else its work depends on.
        """
        identities = []
        for name, link in self._graph.links[node_id].items():
            if (of_wire := identity(name, link)) is None:
                return None
            identities.append((name, of_wire))
        constants = self._graph.literals[node_id]
        if texts := {name: value for name, value in constants.items() if type(value) is str}:
            identities += [(name, text_identity(value)) for name, value in texts.items()]
            constants = {name: value for name, value in constants.items() if name not in texts}
        try:
            return combined(f"{self._own(node_id, spec, constants)}{about}", identities)
        except (_NoKey, TypeError, ValueError, RecursionError):
            return None

    def _key(self, node_id: str) -> bytes:
        spec = self._spec_of(node_id)
        parents = []
        for name, (source, slot) in self._graph.links[node_id].items():
            parent = self[source]
            if isinstance(parent, Uncached):
                raise _NoKey
            parents.append(f"{name!r}{parent.hex()}{slot}")
        parents.sort()
        try:
            text = self._own(node_id, spec, self._graph.literals[node_id]) + ",".join(parents)
        except (TypeError, ValueError, RecursionError) as error:
            raise _NoKey(f"A constant has no cache key: {error}.") from error
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def _own(self, node_id: str, spec: NodeSpec, constants: Mapping[str, Any]) -> str:
        """Return what a node's result depends on beside its wires."""
        node = node_id if spec.has_identity else None
        fingerprint = self._fingerprint(spec, spec.fingerprint, node_id) if spec.fingerprint else None
        literals = sorted([(name, canonical(value)) for name, value in constants.items()]) if constants else []
        return f"{self._head(spec)}{node!r}{fingerprint!r}{literals!r}"

    def _head(self, spec: NodeSpec) -> str:
        """Return a class and its version; of a server's users each has results of his own, and learns of no others."""
        if spec.name not in self._heads:
            whose = (self._folders.user,) if self._folders.user else ()
            self._heads[spec.name] = repr((spec.name, spec.version, *whose))
        return self._heads[spec.name]

    def _fingerprint(self, spec: NodeSpec, hook: Hook, node_id: str) -> Any:
        """Return what else a node's result depends on, asked once."""
        if node_id not in self.fingerprints:
            self.fingerprints[node_id] = UNCACHED
            self.fingerprints[node_id] = self._take_fingerprint(spec, hook, node_id)
        if self.fingerprints[node_id] is UNCACHED:
            raise _NoKey
        return self.fingerprints[node_id]

    def _take_fingerprint(self, spec: NodeSpec, hook: Hook, node_id: str) -> Any:
        """Ask the node; NaN is its way to say "never the same"."""
        constants = self._graph.literals[node_id]
        try:
            value = call_hook(hook, spec, constants, self._folders, **hidden_beforehand(spec, node_id))
        except Exception as error:
            raise _NoKey(f"The node's fingerprint failed: {error}.") from error
        if _says_never(value):
            raise _NoKey
        try:
            return [canonical(value)]
        except (TypeError, RecursionError) as error:
            raise _NoKey(f"The node's fingerprint has no cache key: {error}.") from error


def cache_keys(plan: Plan, registry: Registry, warn: Warn) -> Keys:
    """Return the key of every node of a plan.

    Args:
        plan: the graph.
        registry: the nodes that there are.
        warn: told (node id, message) when a fingerprint cannot be taken, which makes the node run every time.
    """
    keys = Keys(plan, lambda node_id: registry[plan.node(node_id).class_type], plan.folders, warn)
    keys.settle(plan.order)
    return keys


def canonical(value: Any) -> Any:
    """Return what is equal, and prints equal, for equal constants: 1, 1.0 and True are one value, as in Python.

    Raises:
        TypeError: for what JSON cannot hold, which is never equal to anything.
    """
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else float(value)
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {str.__str__(name): canonical(value[name]) for name in sorted(value)}
    raise TypeError(f"{shown(value)} cannot be compared")


class _NoKey(Exception):
    """Why a node has no key; the text is empty where the user need not know."""


def _says_never(value: Any) -> bool:
    members = value if isinstance(value, list | tuple) else (value,)
    return any(isinstance(member, float) and math.isnan(member) for member in members)
