"""Documents that no editor would write: values of wrong types and numbers, wires to anywhere, subgraphs."""

from __future__ import annotations

from random import Random
from typing import Any

Json = dict[str, Any]
VALUES: list[Any] = [
    None, True, False, 0, 1, -3, 7, 2.5, 8.0, 512, 2**64 - 1, 2**53 + 1, -(2**60) - 1, [], [1, 2], ["4", 0], {"a": 1},
    "", "x", "euler", "heun", "fixed", "randomize", "increment-wrap", "one.safetensors", "folder\\two.safetensors",
    "gone.safetensors", "b.PNG", "{a|b} c", "%date:yyyy%", "%Empty.width%", "%A.seed%_%Sample.cfg%", "image", "refresh",
]  # fmt: skip
TYPES: list[Any] = ["MODEL", "CLIP", "LATENT", "*", "INT", "STRING", "latent", "IMAGE,MASK", ["a", "b"], "", 0]
EDITOR_ONLY = ["Reroute", "PrimitiveNode", "Note"]
OTHERS = ["Foreign", "constructor", "T2IAdapterLoader", "workflow>Mine"]
FIELDS = ["width", "height", "seed", "text", "steps", "file", "cfg", "sampler", "constructor", "other"]
SUBGRAPHS = ["outer", "inner"]
INSIDE, OUTSIDE, NOBODY = -10, -20, 99


def random_document(seed: int, infos: Json) -> Json:
    """Return a document of version 0.4 with the classes in `infos` and others."""
    random = Random(seed)
    nodes, wires = _canvas(random, infos, None)
    subgraphs = [_subgraph(random, infos, level) for level in range(len(SUBGRAPHS))]
    return {"nodes": nodes, "links": wires, "version": 0.4, "definitions": {"subgraphs": subgraphs}}


def _subgraph(random: Random, infos: Json, level: int) -> Json:
    nodes, wires = _canvas(random, infos, level)
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    names = random.sample([*FIELDS[:4], "width"], random.randint(0, 4))
    return {
        "id": SUBGRAPHS[level],
        "name": "Made up",
        "inputs": [{"id": f"{index}", "name": name, "type": "*"} for index, name in enumerate(names)],
        "outputs": [{"id": "o", "name": "o", "type": "*"}],
        "nodes": nodes,
        "links": [dict(zip(keys, wire, strict=True)) for wire in wires],
    }


def _canvas(random: Random, infos: Json, level: int | None) -> tuple[list[Json], list[list[Any]]]:
    """Return nodes and wires; instances of subgraphs stand only in canvases around them."""
    kinds = [*infos, *OTHERS, *EDITOR_ONLY * 2, *SUBGRAPHS[0 if level is None else level + 1 :]]
    ids: list[Any] = random.sample(range(1, 30), random.randint(0, 9))
    ids[:1] = random.choice((ids[:1], ["text:1"]))
    nodes = [_node(random, node_id, random.choice(kinds), infos) for node_id in ids]
    origins = [*ids, NOBODY, *([] if level is None else [INSIDE] * 4)]
    wires: list[list[Any]] = []
    for node in nodes:
        for slot, socket in enumerate(node["inputs"]):
            if random.random() < 0.5:
                socket["link"] = len(wires) + 1
                wires.append(_wire(random, len(wires) + 1, random.choice(origins), node["id"], slot))
    if level is not None:
        wires.append(_wire(random, len(wires) + 1, random.choice(origins), OUTSIDE, 0))
    return nodes, wires


def _wire(random: Random, number: int, origin: Any, target: Any, slot: int) -> list[Any]:
    return [number, origin, random.randint(0, 3), target, slot, random.choice(TYPES)]


def _node(random: Random, node_id: Any, kind: str, infos: Json) -> Json:
    names = [name for section in infos.get(kind, {}).get("input", {}).values() for name in section] or FIELDS[:2]
    if random.random() < 0.3:
        names = random.sample(names, random.randint(0, len(names)))
    values = random.choice((_list, _list, _object))(random)
    return {
        "id": node_id,
        "type": kind,
        "mode": random.choice((0, 0, 0, 0, 1, 2, 4, 4)),
        "inputs": [_socket(random, name) for name in names],
        "outputs": [{"name": "o", "type": random.choice(TYPES), "links": []} for _ in range(random.randint(0, 3))],
        "properties": _properties(random),
        **({"title": random.choice(("A", "", "Sample"))} if random.random() < 0.2 else {}),
        **({"widgets_values": values} if random.random() < 0.9 else {}),
    }


def _list(random: Random) -> list[Any]:
    return [random.choice(VALUES) for _ in range(random.randint(0, 8))]


def _object(random: Random) -> Json:
    return {name: random.choice(VALUES) for name in random.sample(FIELDS, random.randint(0, 4))}


def _socket(random: Random, name: str) -> Json:
    widget = {"widget": {"name": name}} if random.random() < 0.5 else {}
    return {"name": name, "type": random.choice(TYPES), "link": None, **widget}


def _properties(random: Random) -> Json:
    kept = {"value": random.choice(VALUES), "list": {"__value__": random.choice(VALUES)}, "wire": ["3", 0]}
    found: Json = {
        "Node name for S&R": random.choice(("A", "Sample")),
        "Run widget replace on values": random.choice((True, False, 0, "x", [])),
        "ldm_nodes inputs": kept,
    }
    return {name: value for name, value in found.items() if random.random() < 0.15}
