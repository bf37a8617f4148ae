"""Which nodes there are: class name to node, filled once by the application and passed to whoever needs it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

from ..settings import Folders
from .errors import BadNode
from .sockets import Scan
from .spec import InputSpec, Node, NodeSpec

LONG_NAME = 200


class Registry:
    """Class name to `NodeSpec`. There is no instance at module level: build one and pass it on."""

    def __init__(self, *nodes: Node[..., Any] | NodeSpec) -> None:
        self._nodes: dict[str, Node[..., Any] | NodeSpec] = {}
        self.register(*nodes)

    def register(self, *nodes: Node[..., Any] | NodeSpec) -> None:
        """Add nodes.

        Raises:
            BadNode: when a name is taken; the message names both owners.
        """
        for new in nodes:
            if (old := self._nodes.get(new.name)) is not None:
                raise BadNode(
                    f"Two nodes are named {new.name!r}: {_owner(old)} and {_owner(new)}. Rename one, or leave one of "
                    "the two packs out."
                )
            self._nodes[new.name] = new

    def replace(self, *nodes: Node[..., Any] | NodeSpec) -> None:
        """Put nodes in the place of those that have their names, or add them: for code that was changed."""
        self._nodes.update((new.name, new) for new in nodes)

    def remove(self, *names: str) -> None:
        """Take nodes out; names that are not there are left alone."""
        for name in names:
            self._nodes.pop(name, None)

    def register_module(self, module: ModuleType) -> None:
        """Add the nodes that `module` defines, in the order of its text; what it only imports stays out.

        Raises:
            BadNode: when a name is taken.
        """
        nodes = [value for value in vars(module).values() if isinstance(value, Node)]
        self.register(*(found for found in nodes if found.function.__module__ == module.__name__))

    def get(self, name: str) -> NodeSpec | None:
        """Return the node called `name`, or None."""
        found = self._nodes.get(name)
        return found.spec if isinstance(found, Node) else found

    def __getitem__(self, name: str) -> NodeSpec:
        """Return the node called `name`.

        Raises:
            KeyError: when there is none; the message suggests similar names.
        """
        if (found := self.get(name)) is None:
            raise KeyError(f"There is no node {name!r}. {did_you_mean(self.suggestions(name))}".strip())
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def suggestions(self, name: str) -> tuple[str, ...]:
        """Return up to three names that look like `name`, the most similar first."""
        lowered = {known.lower(): known for known in self._nodes}
        return tuple(lowered[close] for close in close_names(name.lower(), lowered))

    def object_info(self, folders: Folders, *names: str) -> dict[str, dict[str, Any]]:
        """Return the catalogue in the form of ComfyUI's `/object_info`: of all nodes, or of those named.

        The folders are looked through once; unknown names are left out.
        """
        scan = Scan(folders)
        wanted = [name for name in names or self._nodes if name in self]
        return {name: node_info(self[name], scan) for name in wanted}


def close_names(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three of the `known` names that look like `name`, the most similar first."""
    return tuple(difflib.get_close_matches(name[:LONG_NAME], list(known), n=3, cutoff=0.6))


def did_you_mean(names: tuple[str, ...]) -> str:
    """Turn suggestions into a sentence, or into nothing when there are none."""
    return f"Did you mean {' or '.join(names)}?" if names else ""


def node_info(spec: NodeSpec, scan: Scan) -> dict[str, Any]:
    """Return one entry of ComfyUI's `/object_info`."""
    sections: dict[str, Mapping[str, Any]] = {
        "required": _section(spec, scan, True), "optional": _section(spec, scan, False), "hidden": spec.hidden
    }  # fmt: skip
    inputs = {name: section for name, section in sections.items() if section or name == "required"}
    types = [spec_output.io_type(scan) for spec_output in spec.outputs]
    info: dict[str, Any] = {
        "input": {name: dict(section) for name, section in inputs.items()},
        "input_order": {name: list(section) for name, section in inputs.items()},
        "output": [list(io_type) if isinstance(io_type, tuple) else io_type for io_type in types],
        "output_is_list": [spec_output.is_list for spec_output in spec.outputs],
        "output_name": [spec_output.name for spec_output in spec.outputs],
        "name": spec.name,
        "display_name": spec.display_name,
        "description": spec.description,
        "python_module": spec.module,
        "category": spec.category,
        "output_node": spec.output_node,
    }
    return info | {flag: True for flag in ("deprecated", "experimental") if getattr(spec, flag)}


def _section(spec: NodeSpec, scan: Scan, required: bool) -> dict[str, list[Any]]:
    def entry(item: InputSpec) -> list[Any]:
        io_type, options = item.config(scan)
        return [io_type, options] if options else [io_type]

    return {name: entry(item) for name, item in spec.inputs.items() if item.required is required}


def _owner(found: Node[..., Any] | NodeSpec) -> str:
    function = found.function
    return f"{function.__module__}.{function.__qualname__}"
