"""`comfy.cli_args`: the options of the program under the names that packs read."""

from __future__ import annotations

import argparse
from enum import Enum
from typing import Any

from ..host import host


class LatentPreviewMethod(Enum):
    """How unfinished latents are drawn."""

    NoPreviews = "none"
    Auto = "auto"
    Latent2RGB = "latent2rgb"
    TAESD = "taesd"

    @classmethod
    def from_string(cls, value: str) -> LatentPreviewMethod | None:
        """Return the method of this name, or None."""
        return next((method for method in cls if method.value == value), None)


DEFAULTS: dict[str, Any] = {
    "base_directory": None, "cpu": False, "cpu_vae": False, "cuda_device": None, "default_hashing_function": "sha256",
    "deterministic": False, "directml": None, "disable_metadata": False, "disable_smart_memory": False,
    "disable_xformers": True, "enable_cors_header": None, "extra_model_paths_config": None, "fast": set(),
    "force_channels_last": False, "force_fp16": False, "force_fp32": False, "fp16_vae": False, "fp32_vae": False,
    "bf16_vae": False, "gpu_only": False, "highvram": False, "input_directory": None, "listen": "127.0.0.1",
    "lowvram": False, "multi_user": False, "normalvram": False, "novram": False, "output_directory": None,
    "port": 8188, "preview_method": LatentPreviewMethod.NoPreviews, "preview_size": 512, "reserve_vram": None,
    "temp_directory": None, "user_directory": None, "use_pytorch_cross_attention": True,
    "use_quad_cross_attention": False, "use_split_cross_attention": False, "verbose": "INFO",
    "windows_standalone_build": False, "disable_all_custom_nodes": False, "whitelist_custom_nodes": [],
}  # fmt: skip


def _namespace() -> argparse.Namespace:
    given = dict(host().arguments)
    method = LatentPreviewMethod.from_string(str(given.get("preview_method", "none")))
    return argparse.Namespace(**{**DEFAULTS, **given, "preview_method": method or LatentPreviewMethod.NoPreviews})


args = _namespace()
parser = argparse.ArgumentParser(add_help=False)
"""Packs that add options here find them ignored: they are no options of this program."""
