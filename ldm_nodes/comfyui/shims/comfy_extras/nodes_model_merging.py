"""`comfy_extras.nodes_model_merging`: merging of models."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "ModelMergeSimple", "ModelMergeBlocks", "ModelMergeSubtract", "ModelMergeAdd", "CheckpointSave",
    "CLIPMergeSimple", "CLIPSave", "VAESave", "ModelSave",
)  # fmt: skip
