"""`comfy_extras.nodes_custom_sampler`: custom sampling."""

from __future__ import annotations

from ..nodes import core_classes

__getattr__ = core_classes(
    "BasicScheduler", "KarrasScheduler", "ExponentialScheduler", "PolyexponentialScheduler",
    "LaplaceScheduler", "VPScheduler", "BetaSamplingScheduler", "SDTurboScheduler", "SplitSigmas",
    "SplitSigmasDenoise", "FlipSigmas", "SetFirstSigma", "KSamplerSelect", "SamplerEulerAncestral",
    "SamplerLMS", "SamplerDPMPP_2M_SDE", "SamplerDPMPP_SDE", "SamplerDPMPP_3M_SDE", "SamplerDPMAdaptative",
    "SamplerCustom", "SamplerCustomAdvanced", "BasicGuider", "CFGGuider", "DualCFGGuider", "DisableNoise",
    "RandomNoise", "AddNoise",
)  # fmt: skip
