"""How the editor's document is read: every field is looked at once, and what is wrong is told with its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from .canvas import (
    Canvas,
    InputSlot,
    Json,
    NodeId,
    OutputSlot,
    Reroute,
    Subgraph,
    WorkflowLink,
    WorkflowNode,
)
from .errors import MISSING, Problem, PromptRejected
from .json_text import MAX_DEPTH, read_json, too_deep

MAX_SUBGRAPHS = 10_000
INNER: Mapping[str, tuple[str, ...]] = {"extra": ("reroutes", "linkExtensions"), "definitions": ("subgraphs",)}
"""Objects of a canvas of which a part has an attribute."""
OPTIONAL = frozenset({"link", "widgets_values", "parentId", "type"})
"""Keys whose attribute may be None."""
COUNTERS = ("last_node_id", "last_link_id", "state")
T = TypeVar("T")


def is_workflow(data: Any) -> bool:
    """Say whether a JSON value looks like the editor's document, and not like a prompt in API format."""
    return isinstance(data, Mapping) and isinstance(data.get("nodes"), list)


def read_canvases(source: str | bytes | Json) -> tuple[Canvas, dict[str, Subgraph], frozenset[str]]:
    """Read a document from JSON text or from what a JSON parser made of it.

    Returns:
        the canvas, all definitions of subgraphs by id, and the ids of those that are written inside others.

    Raises:
        PromptRejected: when the form is wrong; the message names the node and its field.
    """
    data = read_json(source) if isinstance(source, str | bytes) else source
    if not is_workflow(data):
        raise malformed("", "The document", data, 'an object with a list "nodes"')
    if too_deep(dict(data)):
        raise malformed("", "The document", type(data).__name__, f"lists and objects at most {MAX_DEPTH} deep")
    subgraphs, nested = _read_subgraphs(data)
    return _read_canvas(data, "", ()), subgraphs, nested


def malformed(place: str, what: str, received: Any, expected: str) -> PromptRejected:
    """Return the exception for a document of wrong form, which names the place, what came and what was expected."""
    message = f"{place}: {what[:1].lower()}{what[1:]} is malformed" if place else f"{what} is malformed"
    return PromptRejected((Problem("invalid_workflow", message, received=received, expected=expected),))


def _read_subgraphs(data: Json) -> tuple[dict[str, Subgraph], frozenset[str]]:
    """Collect all definitions, those that are written inside others too, by a loop."""
    found: dict[str, Subgraph] = {}
    nested: set[str] = set()
    pending = _definitions(data)[::-1]
    while pending:
        entry = pending.pop()
        subgraph = _read_subgraph(entry)
        if subgraph.id in found or len(found) == MAX_SUBGRAPHS:
            raise malformed("", "The list of subgraphs", subgraph.id, f"every id once, and at most {MAX_SUBGRAPHS}")
        found[subgraph.id] = subgraph
        inner = _definitions(entry)
        nested |= {str(item.get("id")) for item in inner}
        pending += inner[::-1]
    return found, frozenset(nested)


def _definitions(holder: Json) -> list[Json]:
    definitions = _get(holder, "definitions", dict, "", {})
    return _objects(definitions, "subgraphs", "")


def _read_subgraph(entry: Json) -> Subgraph:
    subgraph_id = _get(entry, "id", str, "a subgraph")
    place = f"subgraph {subgraph_id}"
    inputs, outputs = (tuple(_objects(entry, key, place)) for key in ("inputs", "outputs"))
    for key, sockets in (("inputs", inputs), ("outputs", outputs)):
        for index, socket in enumerate(sockets):
            _get(socket, "name", str, f"{place}, {key}[{index}]")
    canvas = _read_canvas(entry, place, ("id", "name", "inputs", "outputs"))
    return Subgraph(subgraph_id, _get(entry, "name", str, place, ""), inputs, outputs, canvas)


def _read_canvas(entry: Json, place: str, told_elsewhere: tuple[str, ...]) -> Canvas:
    extra = _get(entry, "extra", dict, place, {})
    extensions = _objects(extra, "linkExtensions", place)
    parents = {item.get("id"): item.get("parentId") for item in extensions}
    reroutes = _read_reroutes(entry if "reroutes" in entry else extra, place)
    links = _by_id(_read_links(entry, parents, place), lambda link: link.id, f"{place}, links".lstrip(", "))
    nodes = [_read_node(item, index, place) for index, item in enumerate(_list(entry, "nodes", place))]
    inner_keys = {"extra": INNER["extra"]} if place else INNER
    data = _without(entry, ("nodes", "links", "groups", "reroutes", *COUNTERS, *inner_keys, *told_elsewhere))
    for key, inner in inner_keys.items():
        if isinstance(entry.get(key), Mapping) and (rest := _without(entry[key], inner)):
            data[key] = rest
    return Canvas(
        nodes=_by_id(nodes, lambda node: node.id, f"{place}, nodes".lstrip(", ")),
        links=links,
        groups=tuple(_objects(entry, "groups", place)),
        reroutes=reroutes,
        counters={key: entry[key] for key in COUNTERS if key in entry},
        extensions=tuple(extensions) if "linkExtensions" in extra else None,
        data=data,
        order=tuple(entry),
        orders={key: tuple(entry[key]) for key in inner_keys if isinstance(entry.get(key), Mapping)},
    )


def _read_node(entry: Any, index: int, place: str) -> WorkflowNode:
    where = f"{place}, nodes[{index}]".lstrip(", ")
    if not isinstance(entry, Mapping):
        raise malformed(where, "The node", entry, "an object")
    node_id = _node_id(entry, "id", where)
    where = f"{place}, node {node_id}".lstrip(", ")
    values = _get(entry, "widgets_values", list | dict, where, None)
    return WorkflowNode(
        id=node_id,
        type=_get(entry, "type", str, where),
        mode=_get(entry, "mode", int, where, 0),
        inputs=tuple(_read_input(item, index, where) for index, item in enumerate(_objects(entry, "inputs", where))),
        outputs=tuple(_read_output(item, index, where) for index, item in enumerate(_objects(entry, "outputs", where))),
        widget_values=tuple(values) if isinstance(values, list) else values,
        data=_without(entry, ("id", "type", "mode", "inputs", "outputs", "widgets_values")),
        order=tuple(entry),
    )


def _read_input(entry: Json, index: int, place: str) -> InputSlot:
    where = f"{place}, inputs[{index}]"
    _get(entry, "name", str, where)
    return InputSlot(_get(entry, "link", int, where, None), _without(entry, ("link",)), tuple(entry))


def _read_output(entry: Json, index: int, place: str) -> OutputSlot:
    links = None if entry.get("links") is None else _numbers(entry, "links", f"{place}, outputs[{index}]")
    data = {key: value for key, value in entry.items() if key != "links"}
    return OutputSlot(data, None if links is None else tuple(links), tuple(entry))


def _read_links(entry: Json, parents: Mapping[Any, Any], place: str) -> list[WorkflowLink]:
    links = []
    for index, item in enumerate(_list(entry, "links", place)):
        where = f"{place}, links[{index}]".lstrip(", ")
        if isinstance(item, Mapping):
            links.append(_link_of_object(item, parents, where))
        elif isinstance(item, list) and len(item) >= 5:
            links.append(_link_of_list(item, parents, where))
        else:
            raise malformed(where, "The wire", item, "[id, origin id, origin slot, target id, target slot, type]")
    return links


def _link_of_object(item: Json, parents: Mapping[Any, Any], where: str) -> WorkflowLink:
    link_id = _get(item, "id", int, where)
    return WorkflowLink(
        link_id,
        _node_id(item, "origin_id", where),
        _get(item, "origin_slot", int, where),
        _node_id(item, "target_id", where),
        _get(item, "target_slot", int, where),
        item.get("type"),
        _get(item, "parentId", int, where, None) if "parentId" in item else parents.get(link_id),
        _without(item, ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type", "parentId")),
        tuple(item),
    )


def _link_of_list(item: list[Any], parents: Mapping[Any, Any], where: str) -> WorkflowLink:
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
    named = dict(zip(names, item, strict=False))
    return WorkflowLink(
        link_id := _get(named, "id", int, where),
        _node_id(named, "origin_id", where),
        _get(named, "origin_slot", int, where),
        _node_id(named, "target_id", where),
        _get(named, "target_slot", int, where),
        item[5] if len(item) > 5 else MISSING,
        parents.get(link_id),
        tuple(item[6:]),
    )


def _read_reroutes(holder: Json, place: str) -> dict[int, Reroute]:
    reroutes = []
    for index, item in enumerate(_objects(holder, "reroutes", place)):
        where = f"{place}, reroutes[{index}]".lstrip(", ")
        links = tuple(_numbers(item, "linkIds", where))
        parent = _get(item, "parentId", int, where, None)
        data = _without(item, ("id", "parentId", "linkIds"))
        reroutes.append(Reroute(_get(item, "id", int, where), parent, links, data, tuple(item)))
    return _by_id(reroutes, lambda reroute: reroute.id, f"{place}, reroutes".lstrip(", "))


def _by_id(items: list[T], key: Callable[[T], Any], place: str) -> dict[Any, T]:
    found: dict[Any, T] = {}
    for item in items:
        if key(item) in found:
            raise malformed(place, "The list", key(item), "every id once")
        found[key(item)] = item
    return found


def _without(entry: Json, typed: Collection[str]) -> dict[str, Any]:
    """Return what has no attribute of its own, and the nulls that an attribute cannot tell from an empty value."""
    return {key: value for key, value in entry.items() if key not in typed or (value is None and key not in OPTIONAL)}


def _get(entry: Json, key: str, kind: Any, place: str, *default: Any) -> Any:
    """Return `entry[key]`, which must be of this kind; with a default it may be missing or null."""
    value = entry.get(key)
    if value is None and default:
        return default[0]
    if isinstance(value, bool) or not isinstance(value, kind):
        raise malformed(place, f'The field "{key}"', value, _kind_in_words(kind))
    return value


def _kind_in_words(kind: Any) -> str:
    words = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}
    return words.get(kind, "a list or an object")


def _node_id(entry: Json, key: str, place: str) -> NodeId:
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise malformed(place, f'The field "{key}"', value, "a node's id: a whole number or a text")
    return value


def _list(entry: Json, key: str, place: str) -> list[Any]:
    found: list[Any] = _get(entry, key, list, place, [])
    return found


def _numbers(entry: Json, key: str, place: str) -> list[int]:
    found = _list(entry, key, place)
    if not all(isinstance(item, int) and not isinstance(item, bool) for item in found):
        raise malformed(place, f'The field "{key}"', found, "a list of whole numbers")
    return found


def _objects(entry: Json, key: str, place: str) -> list[Json]:
    found = _list(entry, key, place)
    for index, item in enumerate(found):
        if not isinstance(item, Mapping):
            raise malformed(f"{place}, {key}[{index}]".lstrip(", "), "The entry", item, "an object")
    return found
