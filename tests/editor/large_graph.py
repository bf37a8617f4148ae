"""Documents of any size in the editor's format: the first graph, drawn again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.server.program import Program

Json = dict[str, Any]

NODES: tuple[tuple[str, str, tuple[int, int], list[Any]], ...] = (
    ("model", "CheckpointLoaderSimple", (0, 0), ["emoji-v1.safetensors"]),
    ("latent", "EmptyLatentImage", (0, 240), [64, 64, 1]),
    ("wanted", "CLIPTextEncode", (320, 0), ["red apple on a blue background"]),
    ("unwanted", "CLIPTextEncode", (320, 220), [""]),
    ("sample", "KSampler", (640, 0), [42, "fixed", 20, 3.0, "plms", "uniform", 1.0]),
    ("decode", "VAEDecode", (960, 0), []),
    ("save", "SaveImage", (960, 160), ["picture"]),
    ("refine", "KSampler", (1280, 0), [7, "fixed", 10, 2.0, "ddim", "uniform", 0.5]),
)
WIRES: tuple[tuple[str, str, str, str], ...] = (
    ("model", "MODEL", "sample", "model"),
    ("model", "CLIP", "wanted", "clip"),
    ("model", "CLIP", "unwanted", "clip"),
    ("wanted", "CONDITIONING", "sample", "positive"),
    ("unwanted", "CONDITIONING", "sample", "negative"),
    ("latent", "LATENT", "sample", "latent_image"),
    ("sample", "LATENT", "decode", "samples"),
    ("model", "VAE", "decode", "vae"),
    ("decode", "IMAGE", "save", "images"),
    ("model", "MODEL", "refine", "model"),
    ("wanted", "CONDITIONING", "refine", "positive"),
    ("unwanted", "CONDITIONING", "refine", "negative"),
    ("sample", "LATENT", "refine", "latent_image"),
)
NAMES = {name: place + 1 for place, (name, *_) in enumerate(NODES)}
"""The ids of the first graph's nodes."""
VALUES = {"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"}
WIDTH, HEIGHT = 1640, 520


def large_graph(program: Program, count: int) -> Json:
    """Return a document of about so many nodes, 1.6 wires for each."""
    catalogue: Mapping[str, Any] = program.get("/object_info")
    copies = max(1, round(count / len(NODES)))
    across = max(1, round((copies * HEIGHT / WIDTH) ** 0.5))
    nodes: list[Json] = []
    links: list[list[Any]] = []
    for copy in range(copies):
        corner = (copy % across * WIDTH, copy // across * HEIGHT)
        ids = {name: len(nodes) + place + 1 for place, (name, *_) in enumerate(NODES)}
        made = {name: _node(catalogue, ids[name], kind, corner, at, values) for name, kind, at, values in NODES}
        for wire in WIRES:
            _join(made, links, wire)
        nodes += made.values()
    return {"version": 0.4, "last_node_id": len(nodes), "last_link_id": len(links), "nodes": nodes, "links": links}


def _node(
    catalogue: Mapping[str, Any],
    node_id: int,
    kind: str,
    corner: tuple[int, int],
    at: tuple[int, int],
    values: list[Any],
) -> Json:
    info = catalogue[kind]
    sections = info["input"].get("required", {}), info["input"].get("optional", {})
    inputs = [
        {"name": name, "type": spec[0], "link": None}
        for section in sections
        for name, spec in section.items()
        if isinstance(spec[0], str) and spec[0] not in VALUES
    ]
    outputs = [
        {"name": name, "type": kind, "links": []}
        for name, kind in zip(info["output_name"], info["output"], strict=True)
    ]
    place = [corner[0] + at[0], corner[1] + at[1]]
    base = {"id": node_id, "type": kind, "pos": place, "size": [240, 100], "flags": {}, "order": 0, "mode": 0}
    return {**base, "inputs": inputs, "outputs": outputs, "properties": {}, "widgets_values": values}


def _join(made: Mapping[str, Json], links: list[list[Any]], wire: tuple[str, str, str, str]) -> None:
    start, output, end, socket = wire
    source, target = made[start], made[end]
    slot = [one["name"] for one in source["outputs"]].index(output)
    into = [one["name"] for one in target["inputs"]].index(socket)
    link = len(links) + 1
    links.append([link, source["id"], slot, target["id"], into, output])
    source["outputs"][slot]["links"].append(link)
    target["inputs"][into]["link"] = link
