"""A node of ours as a class that ComfyUI can load: the other way round than `foreign.py`.

Pictures, masks, latents, conditionings, numbers and texts have ComfyUI's forms already. What only our nodes understand,
a model above all, goes along wires of types of its own, which ComfyUI lets nobody plug in elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from ..engine.context import Context
from ..engine.hooks import call_hook
from ..engine.sockets import IoType, Scan
from ..engine.spec import NodeOutput, NodeSpec
from ..settings import Folders

PREFIX = "LdmNodes_"
WIRE_PREFIX = "LDM_"
SHARED = frozenset({"IMAGE", "MASK", "LATENT", "CONDITIONING", "INT", "FLOAT", "STRING", "BOOLEAN", "*"})
"""Types whose values are the same here and there."""
NOWHERE = Folders.under(Path("nowhere"))
"""Outputs list no files."""
HIDDEN = {"host_prompt": "PROMPT", "host_pnginfo": "EXTRA_PNGINFO", "host_node_id": "UNIQUE_ID"}


class Host(Protocol):
    """ComfyUI as far as a node needs it."""

    def folders(self) -> Folders:
        """Return where files are."""
        ...

    def context(self, node_id: str, prompt: Mapping[str, Any], pnginfo: Mapping[str, Any] | None) -> Context[Any]:
        """Return what a call of a node may ask for and tell."""
        ...

    def computing(self) -> AbstractContextManager[None]:
        """Return the state of torch that our nodes expect."""
        ...


def wire(io_type: IoType) -> str | list[str]:
    """Return the type of a wire of ours in ComfyUI; of a union, that of each member. Lists of choices stay."""
    if not isinstance(io_type, str):
        return list(io_type)
    return ",".join(name if name in SHARED else WIRE_PREFIX + name for name in io_type.split(","))


def as_class(spec: NodeSpec, host: Host) -> type:
    """Return the class by which ComfyUI knows a node of ours.

    Args:
        spec: the node. Its inputs are neither lazy nor raw wires, it is no coroutine and puts no graph in its place.
        host: ComfyUI.
    """
    attributes: dict[str, Any] = {
        "__doc__": spec.description,
        "__module__": __name__,
        "INPUT_TYPES": classmethod(lambda _: _input_types(spec, host)),
        "RETURN_TYPES": tuple(wire(output.io_type(Scan(NOWHERE))) for output in spec.outputs),
        "RETURN_NAMES": tuple(output.name for output in spec.outputs),
        "OUTPUT_IS_LIST": tuple(output.is_list for output in spec.outputs),
        "INPUT_IS_LIST": spec.list_inputs,
        "FUNCTION": "run",
        "CATEGORY": f"ldm_nodes/{spec.category}",
        "OUTPUT_NODE": spec.output_node,
        "DESCRIPTION": spec.description,
        "DEPRECATED": spec.deprecated,
        "EXPERIMENTAL": spec.experimental,
        "NOT_IDEMPOTENT": spec.not_idempotent,
        "run": lambda _, **inputs: _run(spec, host, inputs),
    }
    if spec.fingerprint is not None:
        attributes["IS_CHANGED"] = classmethod(lambda _, **literals: _fingerprint(spec, host, literals))
    return type(PREFIX + spec.name, (), attributes)


def _input_types(spec: NodeSpec, host: Host) -> dict[str, dict[str, Any]]:
    """Return what ComfyUI's editor draws and its validation checks, with the files that are there now."""
    scan = Scan(host.folders())
    sections: dict[str, dict[str, Any]] = {"required": {}, "optional": {}, "hidden": dict(HIDDEN)}
    for name, item in spec.inputs.items():
        io_type, options = item.config(scan)
        kind = wire(io_type if isinstance(io_type, str) else tuple(io_type))
        sections["required" if item.required else "optional"][name] = (kind, options)
    return sections


def _run(spec: NodeSpec, host: Host, inputs: dict[str, Any]) -> Any:
    """Call a node and return what it made as ComfyUI wants it."""
    prompt, pnginfo, node_id = (_first(inputs.pop(name, None)) for name in HIDDEN)
    with host.computing():
        given = {name: _inward(value) for name, value in inputs.items()}
        if spec.context_parameter is not None:
            given[spec.context_parameter] = host.context(str(node_id or ""), prompt or {}, pnginfo)
        returned = spec.function(**given)
    if not isinstance(returned, NodeOutput):
        return _values(spec, returned)
    return {"ui": dict(returned.ui), "result": _values(spec, returned.result)}


def _first(hidden: Any) -> Any:
    """Return a hidden value, which arrives in a list where the node takes lists."""
    return hidden[0] if isinstance(hidden, list) and hidden else hidden


def _values(spec: NodeSpec, returned: Any) -> tuple[Any, ...]:
    if not spec.outputs:
        return ()
    return returned if len(spec.outputs) > 1 else (returned,)


def _inward(value: Any) -> Any:
    """Return a value of ComfyUI's as our nodes expect it: tensors are float32 on the processor, and no others'."""
    if hasattr(value, "is_inference"):
        moved = value.detach().to("cpu")
        moved = moved.float() if moved.is_floating_point() else moved
        return moved.clone() if moved.is_inference() else moved
    if isinstance(value, dict):
        return {key: _inward(item) for key, item in value.items()}
    if isinstance(value, list):  # a conditioning, or a list of values
        return [_inward(item) for item in value]
    return value


def _fingerprint(spec: NodeSpec, host: Host, literals: Mapping[str, Any]) -> Any:
    assert spec.fingerprint is not None  # as_class has looked
    given = {name: value for name, value in literals.items() if name not in HIDDEN}
    return call_hook(spec.fingerprint, spec, given, host.folders())
