"""A small catalogue and small documents of the editor for the tests of their conversion."""

from __future__ import annotations

from typing import Any

from ldm_nodes.engine.catalogue import ObjectInfo

Json = dict[str, Any]
SAMPLERS = ["euler", "heun", "ddim"]

CATALOGUE = ObjectInfo.parse({
    "Load": {
        "input": {"required": {"file": [["one.safetensors", "folder/two.safetensors"]]}},
        "output": ["MODEL", "CLIP", "VAE"],
        "display_name": "Load a model",
    },
    "Encode": {
        "input": {"required": {"text": ["STRING", {"multiline": True, "dynamicPrompts": True}], "clip": ["CLIP"]}},
        "output": ["COND"],
    },
    "Empty": {
        "input": {
            "required": {
                "width": ["INT", {"default": 512, "min": 16, "max": 16384}],
                "height": ["INT", {"default": 512, "min": 16, "max": 16384}],
                "batch_size": ["INT", {"default": 1, "min": 1, "max": 64}],
            }
        },
        "output": ["LATENT"],
    },
    "Sample": {
        "input": {
            "required": {
                "model": ["MODEL"],
                "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
                "steps": ["INT", {"default": 20, "min": 1, "max": 10000}],
                "cfg": ["FLOAT", {"default": 8.0, "min": 0.0, "max": 100.0}],
                "sampler": [SAMPLERS],
                "positive": ["COND"],
                "latent": ["LATENT"],
            },
            "optional": {"negative": ["COND"], "strength": ["FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0}]},
        },
        "input_order": {
            "required": ["model", "seed", "steps", "cfg", "sampler", "positive", "latent"],
            "optional": ["negative", "strength"],
        },
        "output": ["LATENT"],
    },
    "Blend": {
        "input": {"required": {"first": ["LATENT"], "second": ["LATENT"], "text": ["STRING", {"forceInput": True}]}},
        "output": ["LATENT"],
    },
    "SaveImage": {
        "input": {"required": {"images": ["LATENT"], "filename_prefix": ["STRING", {"default": "out"}]}},
        "output": [],
    },
    "LoadImage": {
        "input": {"required": {"image": [["a.png"], {"image_upload": True}]}},
        "output": ["LATENT", "MASK"],
    },
    "ControlNetLoader": {"input": {"required": {"name": [[]]}}, "output": ["CONTROL"]},
})  # fmt: skip


def socket(name: str, made: str, link: int | None = None, *, widget: bool = False) -> Json:
    """Return an input; `widget` says that it stands for the field of its name."""
    return {"name": name, "type": made, "link": link, **({"widget": {"name": name}} if widget else {})}


def node(
    node_id: int,
    kind: str,
    values: Any = None,
    inputs: list[Json] | None = None,
    outputs: list[tuple[str, list[int]]] | None = None,
    **more: Any,
) -> Json:
    """Return a node; outputs are pairs of a type and the wires that start there."""
    made: Json = {"id": node_id, "type": kind, "pos": [0, 0], "mode": 0, "inputs": inputs or []}
    made["outputs"] = [{"name": name, "type": name, "links": links} for name, links in outputs or []]
    return {**made, **({} if values is None else {"widgets_values": values}), **more}


def document(nodes: list[Json], links: list[Any], **more: Any) -> Json:
    """Return a document of version 0.4."""
    return {"last_node_id": 99, "last_link_id": 99, "nodes": nodes, "links": links, "version": 0.4, **more}


def wire(link_id: int, origin: int, origin_slot: int, target: int, target_slot: int, made: str) -> Json:
    """Return a wire as subgraphs write it."""
    return {
        "id": link_id, "origin_id": origin, "origin_slot": origin_slot, "target_id": target,
        "target_slot": target_slot, "type": made,
    }  # fmt: skip


def sampling() -> Json:
    """Return a whole document: load, encode, sample, save."""
    return document(
        [
            node(4, "Load", ["one.safetensors"], outputs=[("MODEL", [1]), ("CLIP", [2]), ("VAE", [])]),
            node(6, "Encode", ["a fox"], [socket("clip", "CLIP", 2)], [("COND", [3])]),
            node(5, "Empty", [512, 768, 1], outputs=[("LATENT", [4])]),
            node(
                3,
                "Sample",
                [7, "randomize", 20, 8.0, "heun", 1.0],
                [
                    socket("model", "MODEL", 1),
                    socket("positive", "COND", 3),
                    socket("latent", "LATENT", 4),
                    socket("negative", "COND"),
                ],
                [("LATENT", [5])],
            ),
            node(9, "SaveImage", ["fox"], [socket("images", "LATENT", 5)]),
        ],
        [
            [1, 4, 0, 3, 0, "MODEL"],
            [2, 4, 1, 6, 0, "CLIP"],
            [3, 6, 0, 3, 1, "COND"],
            [4, 5, 0, 3, 2, "LATENT"],
            [5, 3, 0, 9, 0, "LATENT"],
        ],
    )


def subgraph(subgraph_id: str, nodes: list[Json], links: list[Json], inputs: Any = (), outputs: Any = ()) -> Json:
    """Return a definition; inputs and outputs are pairs of a name and a type."""
    sockets = ([{"id": f"{name}-id", "name": name, "type": made} for name, made in side] for side in (inputs, outputs))
    found: Json = {"id": subgraph_id, "version": 1, "name": subgraph_id.title(), "nodes": nodes, "links": links}
    return found | dict(zip(("inputs", "outputs"), sockets, strict=True))
