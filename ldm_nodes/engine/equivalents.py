"""Which installed class could stand in for one that is not here: alike by name, by inputs, by what the wires carry."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .prompt import Prompt, PromptNode
from .registry import LONG_NAME, Registry
from .sockets import ANY, IoType, Scan, fits
from .spec import NodeSpec

ALIKE = 0.6
"""How alike two names are from which on the one reminds of the other; `difflib.get_close_matches` has the same."""
SHARED = 0.5
"""The part of the inputs' names that must agree where the classes' names do not."""
MOST = 3


@dataclass(frozen=True)
class Equivalent:
    """A class that could stand in for another.

    Attributes:
        name: the class.
        fits: whether every wire of the graph could be connected to it.
    """

    name: str
    fits: bool


@dataclass
class Usage:
    """How a graph uses a class that is not here.

    Attributes:
        inputs: the names of the inputs that it is given.
        received: input name to the type of a wire that enters; `*` where it comes from another unknown class.
        wanted: output number to the types of the inputs that it enters.
    """

    inputs: set[str] = field(default_factory=set)
    received: dict[str, IoType] = field(default_factory=dict)
    wanted: dict[int, set[IoType]] = field(default_factory=dict)


def usages(prompt: Prompt, registry: Registry, scan: Scan) -> dict[str, Usage]:
    """Return how a graph uses the classes that the registry does not have, by class."""
    found = {node.class_type: Usage() for node in prompt.nodes.values() if node.class_type not in registry}
    for node in prompt.nodes.values():
        if usage := found.get(node.class_type):
            usage.inputs |= node.inputs.keys()
        for name, link in node.links.items():
            source = prompt.nodes.get(link.node_id)
            if usage:
                usage.received[name] = _output_type(source, link.slot, registry, scan)
            if source and source.class_type in found:
                types = found[source.class_type].wanted.setdefault(link.slot, set())
                types.add(_input_type(node, name, registry, scan))
    return found


def equivalents(name: str, usage: Usage, registry: Registry, scan: Scan) -> tuple[Equivalent, ...]:
    """Return up to three classes that could stand in, the likeliest first."""
    ranked = []
    for spec in (registry[known] for known in registry):
        alike = _alike(name, (spec.name, spec.display_name))
        shared = _shared(usage.inputs, spec.inputs)
        connects = _connects(usage, spec, scan)
        wired = bool(usage.received or usage.wanted)
        if alike >= ALIKE or (connects and wired and shared >= SHARED):
            ranked.append((alike + shared + connects, Equivalent(spec.name, connects)))
    ranked.sort(key=lambda found: (-found[0], found[1].name))
    return tuple(equivalent for _, equivalent in ranked[:MOST])


def _alike(name: str, others: Iterable[str]) -> float:
    plain = _plain(name)
    return max(difflib.SequenceMatcher(None, plain, _plain(other)).ratio() for other in others)


def _plain(name: str) -> str:
    """Return a name without what packs decorate theirs with: case, spaces, words in brackets."""
    return re.sub(r"\([^)]*\)|[\W_]+", "", name[:LONG_NAME].lower())


def _shared(given: set[str], known: Mapping[str, object]) -> float:
    return len(given & known.keys()) / len(given | known.keys()) if given else 0.0


def _connects(usage: Usage, spec: NodeSpec, scan: Scan) -> bool:
    """Say whether every wire finds a socket: an input of its own on the left, any output on the right."""
    free = {name: item.field.io_type(scan) for name, item in spec.inputs.items()}
    for name, received in sorted(usage.received.items(), key=lambda found: found[0] not in free):
        places = [name, *free] if name in free else list(free)
        place = next((known for known in places if fits(received, free[known])), None)
        if place is None:
            return False
        del free[place]
    outputs = [output.io_type(scan) for output in spec.outputs]
    return all(any(fits(output, kind) for output in outputs) for kinds in usage.wanted.values() for kind in kinds)


def _output_type(source: PromptNode | None, slot: int, registry: Registry, scan: Scan) -> IoType:
    spec = registry.get(source.class_type) if source else None
    return spec.outputs[slot].io_type(scan) if spec and 0 <= slot < len(spec.outputs) else ANY


def _input_type(node: PromptNode, name: str, registry: Registry, scan: Scan) -> IoType:
    spec = registry.get(node.class_type)
    return spec.inputs[name].field.io_type(scan) if spec and name in spec.inputs else ANY
