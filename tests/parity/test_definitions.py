"""Definitions of core nodes: categories, inputs with ranges, defaults and order, outputs, as ComfyUI 0.3.64 tells them.

Kept are digests of what that server answers to `/object_info`; the answer itself is not ours to keep. To see what
differs, or to record anew (`python -m tests.parity.test_definitions`), name a file with it in LDM_NODES_OBJECT_INFO.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest

from ldm_nodes.nodes import builtin_registry
from tests.core_nodes import CORE
from tests.golden import ROOT
from tests.templates import OBJECT_INFO, our_catalogue, recorded_catalogue

FILE = ROOT / "12_ui_to_api" / "definitions.json"
DIGESTS: dict[str, str] = json.loads(FILE.read_text()) if FILE.exists() else {}
FILES = frozenset({
    "ckpt_name", "config_name", "vae_name", "unet_name", "clip_name", "clip_name1", "clip_name2", "lora_name",
    "control_net_name", "style_model_name", "gligen_name", "hypernetwork_name", "model_name", "model_path", "image",
    "latent", "lora",
})  # fmt: skip
"""Inputs whose choices are the files of a machine."""
TOLD = ("min", "max", "step", "multiline", "dynamicPrompts", "control_after_generate", "display", "round", "forceInput")
OTHERWISE = {
    "CheckpointLoaderSimple": "weights: which of two sets of weights, an input of ours",
    "BasicScheduler": "more schedulers",
    "KSampler": "more samplers and schedulers",
    "KSamplerAdvanced": "more samplers and schedulers",
    "VAEDecodeTiled": "the sizes for videos may be left out",
    "VAEEncodeTiled": "the sizes for videos may be left out",
}
"""Classes of ours that are otherwise on purpose, and how."""
NAMES = [name for names in CORE.values() for name in names if name in DIGESTS and name in builtin_registry()]


def definition(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a class two servers must tell alike, in one form for both generations of its description."""
    return {
        "category": info["category"],
        "inputs": {
            section: [[name, *_input(name, info["input"][section][name])] for name in info["input_order"][section]]
            for section in ("required", "optional")
            if info["input"].get(section)
        },
        "outputs": [info["output_name"], _plain(info["output"]), info["output_is_list"]],
        "saves": info["output_node"],
    }


def _input(name: str, entry: list[Any]) -> tuple[Any, dict[str, Any]]:
    options = dict(entry[1]) if len(entry) > 1 else {}
    choices = options.get("options", []) if entry[0] == "COMBO" else entry[0]
    told = {key: options[key] for key in TOLD if options.get(key) is not None and options[key] is not False}
    if not isinstance(choices, list):
        default = options.get("default")
        return entry[0], told if default in (None, False, "", 0) else {**told, "default": default}
    if name in FILES:
        return "FILES", told
    return choices, {"default": options.get("default", choices[0] if choices else None)}


def _plain(outputs: list[Any]) -> list[Any]:
    return ["COMBO" if isinstance(output, list) else output for output in outputs]


def digest(info: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a definition in canonical JSON, 1.0 being 1."""
    text = json.dumps(_numbers(definition(info)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OTHERWISE])
def test_a_class_is_told_as_comfyui_tells_it(name: str) -> None:
    ours, theirs = our_catalogue().info(name), recorded_catalogue().info(name)
    assert ours is not None
    if OBJECT_INFO and theirs is not None:
        assert _numbers(definition(ours)) == _numbers(definition(theirs))
    assert digest(ours) == DIGESTS[name], "Name a recorded answer in LDM_NODES_OBJECT_INFO to see what differs."


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_is_otherwise_on_purpose_still_is(name: str) -> None:
    ours = our_catalogue().info(name)
    assert ours is not None
    assert digest(ours) != DIGESTS[name]


def record() -> None:
    """Write the digests of the core classes in the answer that LDM_NODES_OBJECT_INFO names."""
    assert OBJECT_INFO, "Name the answer of a server's /object_info in LDM_NODES_OBJECT_INFO."
    found = {name: recorded_catalogue().info(name) for names in CORE.values() for name in names}
    digests = {name: digest(info) for name, info in sorted(found.items()) if info is not None}
    FILE.write_text(json.dumps(digests, indent=1) + "\n")


if __name__ == "__main__":
    record()
