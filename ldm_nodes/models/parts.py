"""Another network with other parts in it: what object patches do to the network.

Modules on the way to a replaced part are copied, without their weights; all others are the same objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, TypeVar

from torch import nn

Module = TypeVar("Module", bound=nn.Module)


def with_parts(network: Module, parts: Mapping[str, Any]) -> Module:
    """Return a copy of `network` with modules or attributes replaced, by their dotted names.

    Raises:
        AttributeError: there is no module on the way to a part.
    """
    root = _shallow(network)
    copies: dict[str, nn.Module] = {"": root}
    for name, part in parts.items():
        path, _, last = name.rpartition(".")
        owner = _copied(copies, path)
        if isinstance(part, nn.Module):
            copies[name] = part
        else:
            owner._modules.pop(last, None)  # torch refuses to let anything else take a module's place
        setattr(owner, last, part)
    return root


def _copied(copies: dict[str, nn.Module], path: str) -> nn.Module:
    """Return the copy of the module at `path`; whatever lies on the way to it becomes a copy too."""
    if path in copies:
        return copies[path]
    names = path.split(".")
    for depth in range(1, len(names) + 1):
        here, above = ".".join(names[:depth]), copies[".".join(names[: depth - 1])]
        if here not in copies:
            copies[here] = above._modules[names[depth - 1]] = _shallow(above.get_submodule(names[depth - 1]))
    return copies[path]


def _shallow(module: Module) -> Module:
    """Return a module of the same children and weights, in which others can be put."""
    made = copy(module)
    made._parameters, made._buffers, made._modules = {**module._parameters}, {**module._buffers}, {**module._modules}
    return made
