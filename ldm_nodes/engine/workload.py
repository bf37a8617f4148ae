"""How much there is to do in each node of a plan, before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from .cost_model import Work
from .plan import Plan
from .registry import Registry
from .sockets import Choice
from .spec import NodeSpec

SIZES = ("width", "height", "batch_size", "length")
"""Inputs that say how large a value is; they hold for everything that follows along the wires."""
COUNTS = ("steps",)
"""Inputs that say how often a node does its work."""
MOST_CHOICES = 12
"""Choices upstream that are told apart; a node behind more of them is known by its class alone."""

Sizes = Mapping[str, float]
Choices = frozenset[tuple[str, str]]


def workloads(plan: Plan, registry: Registry) -> dict[str, Work]:
    """Return the work of every node of a plan."""
    sizes: dict[str, Sizes] = {}
    choices: dict[str, Choices] = {}
    works: dict[str, Work] = {}
    for node_id in plan.order:
        spec, constants = registry[plan.node(node_id).class_type], plan.literals[node_id]
        sources = {link.node_id: None for link in plan.links[node_id].values() if link.node_id in works}
        sizes[node_id] = _sizes(constants, [sizes[source] for source in sources])
        choices[node_id] = _choices(spec, constants, [choices[source] for source in sources])
        size, steps = prod(sizes[node_id].values()), prod(_amounts(constants, COUNTS).values())
        works[node_id] = Work(spec.name, choices[node_id], max(size, 1.0), max(steps, 1.0))
    return works


def _sizes(constants: Mapping[str, Any], upstream: list[Sizes]) -> Sizes:
    """Return a node's own sizes, and the largest of those that reach it."""
    own = _amounts(constants, SIZES)
    if not own and len(upstream) == 1:
        return upstream[0]
    reaching: dict[str, float] = {}
    for sizes in upstream:
        for name, amount in sizes.items():
            reaching[name] = max(amount, reaching.get(name, 0.0))
    return reaching | own


def _choices(spec: NodeSpec, constants: Mapping[str, Any], upstream: list[Choices]) -> Choices:
    own = frozenset(_chosen(spec, constants))
    if not own and len(upstream) == 1:
        return upstream[0]
    found = own.union(*upstream)
    return found if len(found) <= MOST_CHOICES else own


def _chosen(spec: NodeSpec, constants: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in constants.items():
        if isinstance(value, str) and name in spec.inputs and isinstance(spec.inputs[name].field, Choice):
            yield name, value


def _amounts(constants: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    found = ((name, constants.get(name)) for name in names)
    return {name: float(amount) for name, amount in found if isinstance(amount, int | float) and amount > 0}
