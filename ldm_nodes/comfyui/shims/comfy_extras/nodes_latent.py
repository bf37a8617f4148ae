"""`comfy_extras.nodes_latent`: arithmetic of latents."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "LatentAdd", "LatentSubtract", "LatentMultiply", "LatentInterpolate", "LatentConcat", "LatentCut",
    "LatentBatch", "LatentBatchSeedBehavior", "LatentApplyOperation", "LatentApplyOperationCFG",
    "LatentOperationTonemapReinhard", "LatentOperationSharpen",
)  # fmt: skip
