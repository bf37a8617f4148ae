"""How a node's hooks (`fingerprint`, `check`) are called: by name, with only what they name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from ..settings import Folders
from .spec import Hook, NodeSpec


def named_inputs(hook: Hook, spec: NodeSpec) -> tuple[str, ...]:
    """Return the inputs of the node that `hook` names; all of them if it takes `**inputs`."""
    parameters = inspect.signature(hook).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return tuple(spec.inputs)
    return tuple(name for name in spec.inputs if name in parameters)


def call_hook(hook: Hook, spec: NodeSpec, literals: Mapping[str, Any], folders: Folders, **extra: Any) -> Any:
    """Call `hook` with the constants that it names.

    Wires arrive as None; so do absent inputs, unless the hook has a default for them. `folders` and `extra` are passed
    where the hook has parameters of these names that are no inputs.
    """
    parameters = inspect.signature(hook).parameters
    values: dict[str, Any] = {}
    for name in named_inputs(hook, spec):
        if name in literals:
            values[name] = literals[name]
        elif name in parameters and parameters[name].default is inspect.Parameter.empty:
            values[name] = None
    offered = {"folders": folders, **extra}
    values.update((name, value) for name, value in offered.items() if name in parameters and name not in spec.inputs)
    return hook(**values)


def takes_types(spec: NodeSpec) -> bool:
    """Say whether the node's `check` answers for the types of the wires itself."""
    return spec.check is not None and "input_types" in inspect.signature(spec.check).parameters
