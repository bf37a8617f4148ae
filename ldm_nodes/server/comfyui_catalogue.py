"""What the catalogue of nodes looks like to the official client, where that differs from what it is.

Before it draws its first list of files, the client looks up one loader for every kind of model it knows, and opens no
graph at all where one of them is missing. Such a loader gets a stand-in, marked as deprecated so that searches do not
offer it; a graph that has one is refused as with any class that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LOADERS: Mapping[str, str] = {
    "CheckpointLoaderSimple": "ckpt_name",
    "GLIGENLoader": "gligen_name",
    "ImageOnlyCheckpointLoader": "ckpt_name",
    "StyleModelLoader": "style_model",
    "VAELoader": "vae_name",
}
"""The classes that the client looks up, each with its input that names a file."""
OURS = "ldm_nodes."
CORE = "nodes"
"""Where ComfyUI's own nodes are: the client puts a question mark on nodes that are neither there nor in a pack."""


def for_client(catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer to `/object_info` that the official client works with."""
    told = {name: {**info, "python_module": _module(info["python_module"])} for name, info in catalogue.items()}
    return told | {name: _stand_in(name, key) for name, key in LOADERS.items() if name not in told}


def _module(name: str) -> str:
    return CORE if name.startswith(OURS) else name


def _stand_in(name: str, key: str) -> dict[str, Any]:
    return {
        "input": {"required": {key: [[], {}]}},
        "input_order": {"required": [key]},
        "output": [],
        "output_is_list": [],
        "output_name": [],
        "name": name,
        "display_name": name,
        "description": "This server has no such node.",
        "python_module": CORE,
        "category": "loaders",
        "output_node": False,
        "deprecated": True,
    }
