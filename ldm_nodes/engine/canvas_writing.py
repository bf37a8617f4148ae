"""How the editor's document is written: every key in the place where it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .canvas import Canvas, InputSlot, Json, OutputSlot, Reroute, Subgraph, WorkflowLink, WorkflowNode
from .errors import MISSING

SILENT: Mapping[str, tuple[Any, ...]] = {
    "nodes": ([],), "name": ("",), "mode": (0,), "inputs": ([],), "outputs": ([],), "widgets_values": (None,),
    "link": (None,), "links": (None, []), "groups": ([],), "type": (None,), "parentId": (None,), "linkIds": ([],),
    "reroutes": ([],), "linkExtensions": ([],), "subgraphs": ([],), "extra": ({},), "definitions": ({},),
}  # fmt: skip
"""Values that say nothing: they are written only where they were read."""


def write_canvases(canvas: Canvas, subgraphs: Iterable[Subgraph]) -> dict[str, Any]:
    """Return a canvas and the definitions beside it as JSON; what was only read comes out as it went in."""
    return _write_canvas(canvas, {}, [_write_subgraph(subgraph) for subgraph in subgraphs])


def _write_subgraph(subgraph: Subgraph) -> dict[str, Any]:
    own = {
        "id": subgraph.id,
        "name": subgraph.name,
        "inputs": list(subgraph.inputs),
        "outputs": list(subgraph.outputs),
    }
    nested = (subgraph.canvas.data.get("definitions") or {}).get("subgraphs")
    return _write_canvas(subgraph.canvas, own, nested or [])


def _write_canvas(canvas: Canvas, own: Json, definitions: list[Any]) -> dict[str, Any]:
    reroutes = [_write_reroute(reroute) for reroute in canvas.reroutes.values()]
    on_top = "reroutes" in canvas.order or (reroutes and canvas.data.get("version") == 1)
    below = {"reroutes": [] if on_top else reroutes, "linkExtensions": _extensions(canvas)}
    typed = {
        **own,
        **canvas.counters,
        "nodes": [_write_node(node) for node in canvas.nodes.values()],
        "links": [_write_link(link) for link in canvas.links.values()],
        "groups": list(canvas.groups),
        "reroutes": reroutes if on_top else [],
        "definitions": _inner(canvas, "definitions", {"subgraphs": definitions}),
        "extra": _inner(canvas, "extra", below),
    }
    inner = [key for key in ("extra", "definitions") if canvas.data.get(key) is not None]
    rest = {key: value for key, value in canvas.data.items() if key not in inner}
    return _filled(typed, rest, canvas.order)


def _inner(canvas: Canvas, key: str, typed: Json) -> dict[str, Any]:
    """Return an object of the canvas of which a part is told elsewhere."""
    return _filled(typed, canvas.data.get(key) or {}, canvas.orders.get(key, ()))


def _extensions(canvas: Canvas) -> list[Any]:
    """Tell which wire goes through which reroute point, in the old order as long as it is still true."""
    in_list = [link for link in canvas.links.values() if isinstance(link.data, tuple) and link.parent is not None]
    if canvas.extensions is not None:
        told = {item.get("id"): item.get("parentId") for item in canvas.extensions if item.get("id") in canvas.links}
        if told == {link.id: link.parent for link in in_list}:
            return list(canvas.extensions)
    return [{"id": link.id, "parentId": link.parent} for link in in_list]


def _write_node(node: WorkflowNode) -> dict[str, Any]:
    values = node.widget_values
    typed = {
        "id": node.id,
        "type": node.type,
        "mode": node.mode,
        "inputs": [_write_input(slot) for slot in node.inputs],
        "outputs": [_write_output(slot) for slot in node.outputs],
        "widgets_values": list(values) if isinstance(values, tuple) else values,
    }
    return _filled(typed, node.data, node.order)


def _write_input(slot: InputSlot) -> dict[str, Any]:
    return _filled({"link": slot.link}, slot.data, slot.order)


def _write_output(slot: OutputSlot) -> dict[str, Any]:
    return _filled({"links": None if slot.links is None else list(slot.links)}, slot.data, slot.order)


def _write_link(link: WorkflowLink) -> Any:
    ends = [link.id, link.origin, link.origin_slot, link.target, link.target_slot]
    if isinstance(link.data, tuple):
        return ends if link.type is MISSING else [*ends, link.type, *link.data]
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    typed = {**dict(zip(names, ends, strict=True)), "type": link.type, "parentId": link.parent}
    return _filled(typed, link.data, link.order)


def _write_reroute(reroute: Reroute) -> dict[str, Any]:
    typed = {"id": reroute.id, "parentId": reroute.parent, "linkIds": list(reroute.links)}
    return _filled(typed, reroute.data, reroute.order)


def _filled(typed: Json, rest: Json, order: tuple[str, ...]) -> dict[str, Any]:
    """Put everything into the order in which it was read; what is new and says something comes last."""
    nulls = [key for key in typed if key in rest and typed[key] in SILENT.get(key, ())]
    told = {**rest, **typed, **dict.fromkeys(nulls)}
    news = [key for key in told if key not in order and (key in rest or told[key] not in SILENT.get(key, ()))]
    return {key: told[key] for key in (*order, *news) if key in told}
