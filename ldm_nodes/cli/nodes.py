"""`ldm-nodes nodes`: the catalogue, or one node with its inputs, outputs and documentation."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap

from ..engine.errors import MISSING
from ..engine.registry import Registry, did_you_mean
from ..engine.sockets import IoType, Scan
from ..engine.spec import InputSpec, NodeSpec
from ..scripting.stubs import stub
from .arguments import settings_of
from .known_nodes import registry_of

FEW = 6
COLUMN, LINE = 25, 120


def run(arguments: argparse.Namespace) -> int:
    """List all nodes by category, or describe the one asked for."""
    registry, folders = registry_of(arguments), settings_of(arguments).folders
    name = arguments.name
    if name and name not in registry:
        print(f"There is no node {name!r}. {did_you_mean(registry.suggestions(name))}".strip(), file=sys.stderr)
        return 2
    if arguments.stubs:
        print(stub(registry), end="")
    elif arguments.json:
        print(json.dumps(registry.object_info(folders, *([name] if name else [])), indent=2))
    elif name:
        print(_described(registry[name], Scan(folders)))
    else:
        print(_listed(registry, Scan(folders)))
    return 0


def _listed(registry: Registry, scan: Scan) -> str:
    specs = sorted((registry[name] for name in registry), key=lambda spec: (spec.category, spec.name))
    lines = []
    for before, spec in zip([None, *specs], specs, strict=False):
        if before is None or before.category != spec.category:
            lines.append(f"\n{spec.category}")
        lines.append(f"  {spec.name:<32} {_wires(spec, scan)}")
    return "\n".join(lines).lstrip("\n")


def _wires(spec: NodeSpec, scan: Scan) -> str:
    """Write a node's wires as `MODEL, CONDITIONING → LATENT`."""
    inputs = [item.field.io_type(scan) for item in spec.inputs.values() if _is_wire(item, scan)]
    outputs = [output.io_type(scan) for output in spec.outputs]
    return f"{', '.join(map(_type, inputs)) or '–'} → {', '.join(map(_type, outputs)) or 'saved or shown'}"


def _is_wire(item: InputSpec, scan: Scan) -> bool:
    io_type = item.field.io_type(scan)
    return isinstance(io_type, str) and io_type not in ("INT", "FLOAT", "STRING", "BOOLEAN")


def _described(spec: NodeSpec, scan: Scan) -> str:
    lines = [f"{spec.name} ({spec.display_name}), {spec.category}", "", spec.description]
    for title, rows in (("Inputs", _inputs(spec, scan)), ("Outputs", _outputs(spec, scan))):
        if rows:
            lines += ["", title, *rows]
    return "\n".join(lines)


def _inputs(spec: NodeSpec, scan: Scan) -> list[str]:
    return [f"  {name:<22} {_input(item, scan)}".rstrip() for name, item in spec.inputs.items()]


def _input(item: InputSpec, scan: Scan) -> str:
    io_type, options = item.config(scan)
    parts = [_type(tuple(io_type) if isinstance(io_type, list) else io_type)]
    if "min" in options or "max" in options:
        parts.append(f"{options.get('min', '')}…{options.get('max', '')}")
    if item.default is not MISSING and item.default is not None:
        parts.append(f"default {item.default!r}")
    if not item.required:
        parts.append("optional")
    below = [item.tooltip]
    if not isinstance(io_type, str) and len(io_type) > FEW:
        below.append(", ".join(map(str, io_type)))
    lines = [line for text in below for line in textwrap.wrap(text, LINE - COLUMN, break_on_hyphens=False)]
    return "  ".join(parts) + "".join(f"\n{'':{COLUMN}}{line}" for line in lines)


def _outputs(spec: NodeSpec, scan: Scan) -> list[str]:
    return [f"  {output.name:<22} {_type(output.io_type(scan))}" for output in spec.outputs]


def _type(io_type: IoType) -> str:
    if isinstance(io_type, str):
        return io_type
    if len(io_type) > FEW:
        return f"one of {len(io_type)}"
    return f"one of {{{', '.join(map(str, io_type))}}}"
