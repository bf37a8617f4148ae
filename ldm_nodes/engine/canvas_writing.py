"""How the editor's document is written: every key in the place where it was read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .canvas import Canvas, InputSlot, Json, OutputSlot, Reroute, Subgraph, WorkflowLink, WorkflowNode


def write_canvases(canvas: Canvas, subgraphs: Iterable[Subgraph]) -> dict[str, Any]:
    """Return a canvas and the definitions beside it as JSON; what was only read comes out as it went in."""
    own = [_write_subgraph(subgraph) for subgraph in subgraphs]
    written = _write_canvas(canvas)
    if own or "definitions" in written:
        written["definitions"] = _filled(written.get("definitions") or {}, {"subgraphs": own}, {"subgraphs": []})
    return written


def _write_subgraph(subgraph: Subgraph) -> dict[str, Any]:
    typed = {
        "id": subgraph.id,
        "name": subgraph.name,
        "inputs": list(subgraph.inputs),
        "outputs": list(subgraph.outputs),
    }
    return _filled(_write_canvas(subgraph.canvas), typed, {"name": "", "inputs": [], "outputs": []})


def _write_canvas(canvas: Canvas) -> dict[str, Any]:
    typed = {
        "nodes": [_write_node(node) for node in canvas.nodes.values()],
        "links": [_write_link(link) for link in canvas.links.values()],
        "groups": list(canvas.groups),
        **canvas.counters,
    }
    written = _filled(canvas.data, typed, {"groups": []})
    reroutes = [_write_reroute(reroute) for reroute in canvas.reroutes.values()]
    if "reroutes" in written or (reroutes and written.get("version") == 1):
        return {**written, "reroutes": reroutes}
    return _with_extra(written, canvas, reroutes)


def _with_extra(written: dict[str, Any], canvas: Canvas, reroutes: list[Any]) -> dict[str, Any]:
    """Write reroute points as version 0.4 does, below `extra`."""
    extra = canvas.data.get("extra") or {}
    typed = {"reroutes": reroutes, "linkExtensions": _extensions(canvas)}
    filled = _filled(extra, typed, {"reroutes": [], "linkExtensions": []})
    return written | ({"extra": filled} if filled else {})


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
    return _filled(node.data, typed, {"mode": 0, "inputs": [], "outputs": [], "widgets_values": None})


def _write_input(slot: InputSlot) -> dict[str, Any]:
    return _filled(slot.data, {"link": slot.link}, {"link": None})


def _write_output(slot: OutputSlot) -> dict[str, Any]:
    return _filled(slot.data, {"links": None if slot.links is None else list(slot.links)}, {"links": None})


def _write_link(link: WorkflowLink) -> Any:
    ends = [link.id, link.origin, link.origin_slot, link.target, link.target_slot]
    if isinstance(link.data, tuple):
        return [*ends, link.type, *link.data] if link.type is not None or link.data else ends
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    typed = {**dict(zip(names, ends, strict=True)), "type": link.type}
    if "parentId" in link.data or link.parent is not None:
        typed["parentId"] = link.parent
    return _filled(link.data, typed, {"type": None})


def _write_reroute(reroute: Reroute) -> dict[str, Any]:
    typed = {"id": reroute.id, "parentId": reroute.parent, "linkIds": list(reroute.links)}
    return _filled(reroute.data, typed, {"parentId": None, "linkIds": []})


def _filled(data: Json, typed: Json, defaults: Json) -> dict[str, Any]:
    """Put what has an attribute into its place; what was not written and says nothing stays unwritten."""
    missing = object()
    told = {key: value for key, value in typed.items() if key in data or value != defaults.get(key, missing)}
    return {**data, **told}
