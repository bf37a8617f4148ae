"""The kinds of model files in ComfyUI's order, and where each kind is, told without the names of private folders."""

from __future__ import annotations

from pathlib import Path

from ..settings import Folders

LISTED = (
    "checkpoints", "configs", "loras", "vae", "text_encoders", "diffusion_models", "clip_vision", "style_models",
    "embeddings", "diffusers", "vae_approx", "controlnet", "gligen", "upscale_models", "custom_nodes", "hypernetworks",
    "photomaker", "classifiers", "model_patches", "audio_encoders",
)  # fmt: skip
UNLISTED_FILES = frozenset({"configs", "custom_nodes"})
"""What `/experiment/models` leaves out."""


def shown_folders(folders: Folders, kind: str) -> list[str]:
    """Return the folders of a kind, relative to the base where they lie below it; our own are not shown."""
    return [_shown(path, folders) for path in folders.of(kind) if not path.is_relative_to(folders.bundled)]


def _shown(path: Path, folders: Folders) -> str:
    base = folders.base.resolve()
    full = path.resolve()
    return full.relative_to(base).as_posix() if full.is_relative_to(base) else full.name
