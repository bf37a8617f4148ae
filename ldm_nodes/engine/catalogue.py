"""Which node classes there are, for whoever only reads and writes documents: our own registry, or any server's list.

A catalogue answers with the entries of ComfyUI's `/object_info`; `definition_of` makes a value of one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from ..settings import Folders
from .errors import Problem, PromptRejected
from .json_text import read_json
from .registry import Registry, node_info
from .sockets import Scan

Json = Mapping[str, Any]


class Catalogue(Protocol):
    """Whoever can describe node classes."""

    def info(self, name: str) -> Json | None:
        """Return the entry of `/object_info` for a class, or None where there is no such class."""


@dataclass(frozen=True)
class ObjectInfo:
    """The answer of a server's `/object_info`, saved."""

    entries: Json = field(default_factory=dict)

    @classmethod
    def parse(cls, source: str | bytes | Json) -> ObjectInfo:
        """Read it from JSON text or from what a JSON parser made of it.

        Raises:
            PromptRejected: when it is no list of node classes.
        """
        data = read_json(source) if isinstance(source, str | bytes) else source
        if not isinstance(data, Mapping) or not all(_is_info(entry) for entry in data.values()):
            expected = 'what a server answers to /object_info: {"KSampler": {"input": {…}, "output": […]}, …}'
            raise PromptRejected(
                (Problem("invalid_object_info", "This is no list of node classes", expected=expected),)
            )
        return cls(data)

    def info(self, name: str) -> Json | None:
        """Return the entry of a class."""
        return self.entries.get(name)


@dataclass(frozen=True)
class Installed:
    """The nodes of a registry, with the files that the folders hold when first asked."""

    registry: Registry
    folders: Folders

    @cached_property
    def _scan(self) -> Scan:
        return Scan(self.folders)

    def info(self, name: str) -> Json | None:
        """Return the entry of a class."""
        spec = self.registry.get(name)
        return None if spec is None else node_info(spec, self._scan)


@dataclass(frozen=True)
class InputDefinition:
    """One input of a node class.

    Attributes:
        name: its name.
        type: the wire type; `COMBO` for a list of choices.
        choices: the list; None where there is none.
        options: default, range and what else the editor is told.
        required: a prompt must give it.
    """

    name: str
    type: str
    choices: tuple[Any, ...] | None = None
    options: Json = field(default_factory=dict)
    required: bool = True


@dataclass(frozen=True)
class NodeDefinition:
    """A node class, as much of it as documents need.

    Attributes:
        name: the class name.
        title: what the editor calls it.
        inputs: required ones first, each part in the order of the class.
        outputs: name and wire type of each.
    """

    name: str
    title: str
    inputs: tuple[InputDefinition, ...]
    outputs: tuple[tuple[str, str], ...]


def definition_of(name: str, info: Json) -> NodeDefinition:
    """Make a value of an entry of `/object_info`."""
    inputs = [
        _input(input_name, entry, section == "required")
        for section in ("required", "optional")
        for input_name, entry in _ordered(info, section)
    ]
    types = ["COMBO" if isinstance(found, list | tuple) else str(found) for found in info.get("output") or ()]
    told = [str(output_name) for output_name in info.get("output_name") or ()]
    names = [*told, *types[len(told) :]][: len(types)]
    title = info.get("display_name")
    outputs = tuple(zip(names, types, strict=True))
    return NodeDefinition(name, title if isinstance(title, str) and title else name, tuple(inputs), outputs)


def _is_info(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("input", {}), Mapping)
        and all(isinstance(section, Mapping) for section in entry.get("input", {}).values())
        and isinstance(entry.get("output") or [], list)
        and isinstance(entry.get("output_name") or [], list)
    )


def _ordered(info: Json, section: str) -> list[tuple[str, Any]]:
    entries: Json = info.get("input", {}).get(section) or {}
    order = info.get("input_order")
    told = order.get(section) if isinstance(order, Mapping) else None
    first = [name for name in told if name in entries] if isinstance(told, list | tuple) else []
    return [(name, entries[name]) for name in dict.fromkeys([*first, *entries])]


def _input(name: str, entry: Any, required: bool) -> InputDefinition:
    parts = list(entry) if isinstance(entry, list | tuple) else [entry]
    options = parts[1] if len(parts) > 1 and isinstance(parts[1], Mapping) else {}
    written = parts[0] if parts else "*"
    if isinstance(written, list | tuple):
        return InputDefinition(name, "COMBO", tuple(written), options, required)
    choices = options.get("options") if written == "COMBO" else None
    known = tuple(choices) if isinstance(choices, list | tuple) else () if written == "COMBO" else None
    return InputDefinition(name, str(written), known, options, required)
