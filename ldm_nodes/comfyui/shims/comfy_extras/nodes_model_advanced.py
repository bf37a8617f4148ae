"""`comfy_extras.nodes_model_advanced`: noise levels of models."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "ModelSamplingDiscrete", "ModelSamplingContinuousEDM", "ModelSamplingContinuousV", "RescaleCFG",
    "ModelComputeDtype",
)  # fmt: skip
