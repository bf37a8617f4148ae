"""Every node as a method; what each takes and gives stands in the stub beside this file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calls import node_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..engine.registry import Registry
    from .graph import Graph
    from .handles import NodeHandle


class NodeMethods:
    """The part of `Graph` that has a method for every node.

    Type checkers and editors read `methods.pyi` instead; `ldm-nodes nodes --stubs` prints it anew.
    """

    registry: Registry

    def __getattr__(self: Graph, name: str) -> Callable[..., NodeHandle]:
        """Return the function that adds a node of the class `name`.

        Raises:
            AttributeError: when there is no such class; the message suggests similar names.
        """
        if name.startswith("_"):  # what copying and inspecting look for before there is a registry
            raise AttributeError(name)
        return node_call(self, self.spec(name, AttributeError))

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.registry]
