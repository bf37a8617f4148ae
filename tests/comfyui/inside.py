"""A program that does what ComfyUI's loader does with our package, beside modules that stand for ComfyUI's own.

Called with the folder of a pretended ComfyUI, in an interpreter of its own. Prints one JSON document of findings.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from pathlib import Path
from typing import Any

SHOWN: list[tuple[float, float, bool]] = []


class ProgressBar:
    """As `comfy.utils.ProgressBar`."""

    def __init__(self, total: float) -> None:
        self.total = total

    def update_absolute(self, value: float, total: float | None = None, preview: Any = None) -> None:
        SHOWN.append((value, total or self.total, preview is not None))


def pretend(base: Path) -> None:
    """Put modules into `sys.modules` that answer as ComfyUI's do."""
    folders: Any = types.ModuleType("folder_paths")
    folders.base_path = str(base)
    folders.folder_names_and_paths = {name: ([str(base / "models" / name)], set()) for name in ("checkpoints", "vae")}
    folders.get_folder_paths = lambda name: folders.folder_names_and_paths[name][0]
    for kind in ("output", "input", "temp"):
        setattr(folders, f"get_{kind}_directory", lambda kind=kind: str(base / kind))
    management: Any = types.ModuleType("comfy.model_management")
    management.processing_interrupted = lambda: False
    management.throw_exception_if_processing_interrupted = lambda: None
    utils: Any = types.ModuleType("comfy.utils")
    utils.ProgressBar = ProgressBar
    names = {"folder_paths": folders, "comfy.model_management": management, "comfy.utils": utils}
    sys.modules.update({"comfy": types.ModuleType("comfy"), **names})


def load(folder: Path) -> types.ModuleType:
    """Load a pack as ComfyUI does: under its path, dots replaced, from its `__init__.py`."""
    name = str(folder).replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def described(classes: dict[str, Any]) -> dict[str, Any]:
    """Return what ComfyUI's `/object_info` would read off the classes."""
    return {
        name: {
            "input": {section: list(entries) for section, entries in cls.INPUT_TYPES().items()},
            "types": [
                entry[0]
                for section, entries in cls.INPUT_TYPES().items()
                if section != "hidden"
                for entry in entries.values()
            ],
            "output": cls.RETURN_TYPES,
            "category": cls.CATEGORY,
            "is_output": cls.OUTPUT_NODE,
        }
        for name, cls in classes.items()
    }


PROMPT: dict[str, Any] = {
    "1": {"class_type": "LdmNodes_CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-sd-v1.safetensors"}},
    "2": {"class_type": "LdmNodes_CLIPTextEncode", "inputs": {"text": "a red fox", "clip": ["1", 1]}},
    "3": {"class_type": "LdmNodes_DDIMSamplerOptions", "inputs": {"model": ["1", 0], "eta": 0.5}},
    "4": {
        "class_type": "LdmNodes_KSampler",
        "inputs": {
            "model": ["3", 0], "seed": 1, "steps": 2, "cfg": 5.0, "sampler_name": "ddim_ldm", "scheduler": "uniform",
            "positive": ["2", 0], "negative": ["2", 0], "latent_image": ["host", 0], "denoise": 1.0,
        },
    },
    "5": {"class_type": "LdmNodes_VAEDecode", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
    "6": {"class_type": "LdmNodes_Watermark", "inputs": {"image": ["5", 0], "text": "fox", "method": "dwtDct"}},
    "7": {
        "class_type": "LdmNodes_SaveImageAs",
        "inputs": {
            "images": ["6", 0], "filename_prefix": "inside", "format": "png", "quality": 90, "lossless": False,
            "metadata": "as set",
        },
    },
}  # fmt: skip


def run(classes: dict[str, Any], latent: Any) -> dict[str, Any]:
    """Run `PROMPT` as ComfyUI does, node by node in inference mode; node "host" is one of its own."""
    import torch

    results: dict[str, Any] = {"host": (latent,)}
    for node_id, node in PROMPT.items():
        inputs = {
            name: results[value[0]][value[1]] if isinstance(value, list) else value
            for name, value in node["inputs"].items()
        }
        cls = classes[node["class_type"]]
        hidden = {"PROMPT": PROMPT, "EXTRA_PNGINFO": {"workflow": {"made": "here"}}, "UNIQUE_ID": node_id}
        inputs |= {name: hidden[kind] for name, kind in cls.INPUT_TYPES()["hidden"].items()}
        with torch.inference_mode():
            results[node_id] = getattr(cls(), cls.FUNCTION)(**inputs)
    return results


def main() -> None:
    base = Path(sys.argv[1])
    pretend(base)
    module = load(base / "custom_nodes" / "ldm_nodes")
    classes, titles = module.NODE_CLASS_MAPPINGS, module.NODE_DISPLAY_NAME_MAPPINGS
    found = {"torch at load": "torch" in sys.modules, "titles": titles, "classes": described(classes)}
    found |= {"torch when described": "torch" in sys.modules, "own name": "ldm_nodes" in sys.modules}
    loader = classes["LdmNodes_CheckpointLoaderSimple"]
    found["changed"] = loader.IS_CHANGED(ckpt_name="tiny-sd-v1.safetensors")
    import torch

    with torch.inference_mode():
        latent = {"samples": torch.zeros(1, 4, 8, 8)}
    results = run(classes, latent)
    ((context, options),) = results["2"][0]
    found |= {
        "ui": results["7"]["ui"],
        "result": results["7"]["result"],
        "picture": [list(results["5"][0].shape), str(results["5"][0].dtype)],
        "conditioning": [list(context.shape), sorted(options)],
        "inference": results["4"][0]["samples"].is_inference(),
        "progress": SHOWN,
    }
    print(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
