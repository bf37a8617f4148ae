"""Cache keys: what a node's result depends on, as a hash.

`key(n) = H(class, version, constants, fingerprint, keys of the parents)`, computed in topological order, so that a key
covers everything upstream at the cost of one hash per node. Ids, titles and the order of inputs play no part: equal
work has an equal key, within one graph and across graphs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any, Final

from .errors import shown
from .hooks import call_hook
from .plan import Plan
from .registry import Registry
from .spec import Hook, NodeSpec


class Uncached:
    """The key of a node whose result must not be used twice; it equals nothing."""

    def __repr__(self) -> str:
        return "UNCACHED"


UNCACHED: Final = Uncached()
Key = bytes | Uncached
Warn = Callable[[str, str], None]


def cache_keys(plan: Plan, registry: Registry, warn: Warn) -> dict[str, Key]:
    """Return the key of every node of a plan.

    Args:
        plan: the graph.
        registry: the nodes that there are.
        warn: told (node id, message) when a fingerprint cannot be taken, which makes the node run every time.
    """
    keys: dict[str, Key] = {}
    for node_id in plan.order:
        try:
            keys[node_id] = _key(node_id, plan, registry[plan.node(node_id).class_type], keys)
        except _NoKey as reason:
            keys[node_id] = UNCACHED
            if str(reason):
                warn(node_id, f"{reason} The node will run every time.")
    return keys


def canonical(value: Any) -> Any:
    """Return JSON that is equal for equal constants: 1, 1.0 and True are one value, as they are in Python.

    Raises:
        TypeError: for what JSON cannot hold, which is never equal to anything.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {name: canonical(item) for name, item in value.items()}
    raise TypeError(f"{shown(value)} cannot be compared")


class _NoKey(Exception):
    """Why a node has no key; the text is empty where the user need not know."""


def _key(node_id: str, plan: Plan, spec: NodeSpec, keys: dict[str, Key]) -> bytes:
    parents = []
    for name, link in plan.links[node_id].items():
        parent = keys[link.node_id]
        if isinstance(parent, Uncached):
            raise _NoKey
        parents.append((name, parent.hex(), link.slot))
    own = (spec.name, spec.version, node_id if spec.not_idempotent else None)
    fingerprint = _fingerprint(spec.fingerprint, node_id, plan, spec) if spec.fingerprint else None
    try:
        literals = canonical(plan.literals[node_id])
    except TypeError as error:
        raise _NoKey(f"A constant has no cache key: {error}.") from error
    text = json.dumps((own, fingerprint, literals, sorted(parents)), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _fingerprint(hook: Hook, node_id: str, plan: Plan, spec: NodeSpec) -> Any:
    """Ask the node what else its result depends on; NaN is its way to say "never the same"."""
    try:
        value = call_hook(hook, spec, plan.literals[node_id], plan.folders)
    except Exception as error:
        raise _NoKey(f"The node's fingerprint failed: {error}.") from error
    if isinstance(value, float) and math.isnan(value):
        raise _NoKey
    try:
        return [canonical(value)]
    except TypeError as error:
        raise _NoKey(f"The node's fingerprint has no cache key: {error}.") from error
