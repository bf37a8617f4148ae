"""How a node's hooks (`fingerprint`, `check`, `needs` ...) are called: by name, with only what they name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..settings import Folders
from .context import Context
from .coroutines import finished
from .sockets import Hidden
from .spec import Hook, NodeSpec


def named_inputs(hook: Hook, spec: NodeSpec) -> tuple[str, ...]:
    """Return the inputs of the node that `hook` names; all of them if it takes `**inputs`."""
    parameters = inspect.signature(hook).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return tuple(spec.inputs)
    return tuple(name for name in spec.inputs if name in parameters)


def call_hook(hook: Hook, spec: NodeSpec, literals: Mapping[str, Any], folders: Folders, **extra: Any) -> Any:
    """Call `hook` with the constants that it names, and wait for what it returns if it is an `async def`.

    Wires arrive as None; so do absent inputs, unless the hook has a default for them. `folders` and `extra` are passed
    where the hook has parameters of these names that are no inputs. A node that takes lists gets a list for each input.
    """
    parameters = inspect.signature(hook).parameters
    values: dict[str, Any] = {}
    for name in named_inputs(hook, spec):
        if name in literals:
            values[name] = literals[name]
        elif name in parameters and parameters[name].default is inspect.Parameter.empty:
            values[name] = None
    if spec.list_inputs:
        values = {name: [value] for name, value in values.items()}
    offered = {"folders": folders, **extra}
    values.update((name, value) for name, value in offered.items() if name in parameters and name not in spec.inputs)
    return finished(hook(**values))


def wanted_inputs(spec: NodeSpec, arguments: Mapping[str, Any]) -> list[str]:
    """Ask the node's hook `needs` which of its lazy inputs it wants, given what one call would receive."""
    assert spec.needs is not None  # the caller has looked
    parameters = inspect.signature(spec.needs).parameters
    takes_all = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    values = {name: value for name, value in arguments.items() if takes_all or name in parameters}
    absent = [name for name in named_inputs(spec.needs, spec) if name not in values and name in parameters]
    values |= {name: None for name in absent if parameters[name].default is inspect.Parameter.empty}
    wanted = finished(spec.needs(**values))
    return [name for name in wanted if isinstance(name, str)] if isinstance(wanted, Collection) else []


def hidden_values(spec: NodeSpec, context: Context[Any]) -> dict[str, Any]:
    """Return what the node's hidden parameters receive in a run; kinds that nobody knows receive nothing."""
    sources: dict[str, Callable[[], Any]] = {
        Hidden.PROMPT: lambda: context.prompt,
        Hidden.DYNPROMPT: lambda: context.graph,
        Hidden.EXTRA_PNGINFO: lambda: context.extra_pnginfo,
        Hidden.UNIQUE_ID: lambda: context.node_id,
        Hidden.AUTH_TOKEN_COMFY_ORG: lambda: context.secrets.get(Hidden.AUTH_TOKEN_COMFY_ORG),
        Hidden.API_KEY_COMFY_ORG: lambda: context.secrets.get(Hidden.API_KEY_COMFY_ORG),
    }
    return {name: sources[kind]() for name, kind in spec.hidden.items() if kind in sources}


def hidden_beforehand(spec: NodeSpec, node_id: str) -> dict[str, Any]:
    """Return what hooks receive for hidden parameters before anything runs: little is known then but the id."""
    known: dict[str, Any] = {Hidden.PROMPT: {}, Hidden.UNIQUE_ID: node_id}
    return {name: known.get(kind) for name, kind in spec.hidden.items() if kind in set(Hidden)}


def takes_types(spec: NodeSpec) -> bool:
    """Say whether the node's `check` answers for the types of the wires itself."""
    return spec.check is not None and "input_types" in inspect.signature(spec.check).parameters
