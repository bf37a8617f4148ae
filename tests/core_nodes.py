"""ComfyUI's core nodes for pictures (0.3.64): which of them are here, which are not, and why.

`python -m tests.core_nodes` prints the table, `python -m tests.core_nodes --write` puts it where it is shown.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from ldm_nodes.engine.registry import Registry
from ldm_nodes.nodes import builtin_registry

PAGE = Path(__file__).parents[1] / "graphs" / "README.md"
BEGIN, END = "<!-- core nodes: written by python -m tests.core_nodes --write -->", "<!-- end of core nodes -->"


CORE: Mapping[str, tuple[str, ...]] = {
    section: tuple(name.replace("Epsilon_Scaling", "Epsilon Scaling") for name in names.split())
    for section, names in {
        "Loading": """
            CheckpointLoaderSimple CheckpointLoader unCLIPCheckpointLoader DiffusersLoader VAELoader UNETLoader
            CLIPLoader DualCLIPLoader CLIPVisionLoader LoraLoader LoraLoaderModelOnly LoraModelLoader ControlNetLoader
            DiffControlNetLoader StyleModelLoader GLIGENLoader HypernetworkLoader UpscaleModelLoader PhotoMakerLoader
            ImageOnlyCheckpointLoader LoadImage LoadImageMask LoadImageOutput LoadLatent WebcamCapture""",
        "Conditioning": """
            CLIPTextEncode CLIPSetLastLayer CLIPTextEncodeSDXL CLIPTextEncodeSDXLRefiner CLIPTextEncodeControlnet
            ConditioningAverage ConditioningCombine ConditioningConcat ConditioningSetArea ConditioningSetAreaPercentage
            ConditioningSetAreaPercentageVideo ConditioningSetAreaStrength ConditioningSetMask ConditioningZeroOut
            ConditioningSetTimestepRange CLIPVisionEncode unCLIPConditioning StyleModelApply ControlNetApply
            ControlNetApplyAdvanced ControlNetApplySD3 SetUnionControlNetType ControlNetInpaintingAliMamaApply
            GLIGENTextBoxApply InpaintModelConditioning InstructPixToPixConditioning SD_4XUpscale_Conditioning
            PhotoMakerEncode ReferenceLatent""",
        "Latents": """
            EmptyLatentImage EmptySD3LatentImage VAEDecode VAEDecodeTiled VAEEncode VAEEncodeTiled VAEEncodeForInpaint
            SetLatentNoiseMask LatentUpscale LatentUpscaleBy LatentFromBatch RepeatLatentBatch LatentRotate LatentFlip
            LatentCrop LatentComposite LatentCompositeMasked LatentBlend LatentAdd LatentSubtract LatentMultiply
            LatentInterpolate LatentConcat LatentCut LatentBatch LatentBatchSeedBehavior LatentApplyOperation
            LatentApplyOperationCFG LatentOperationTonemapReinhard LatentOperationSharpen RebatchLatents SaveLatent""",
        "Sampling": """
            KSampler KSamplerAdvanced SamplerCustom SamplerCustomAdvanced KSamplerSelect BasicScheduler KarrasScheduler
            ExponentialScheduler PolyexponentialScheduler LaplaceScheduler VPScheduler BetaSamplingScheduler
            SDTurboScheduler AlignYourStepsScheduler GITSScheduler SamplerEulerAncestral SamplerEulerAncestralCFGPP
            SamplerEulerCFGpp SamplerLMS SamplerDPMPP_3M_SDE SamplerDPMPP_2M_SDE SamplerDPMPP_SDE
            SamplerDPMPP_2S_Ancestral SamplerDPMAdaptative SamplerER_SDE SamplerSASolver SamplerLCMUpscale SplitSigmas
            SplitSigmasDenoise FlipSigmas SetFirstSigma ExtendIntermediateSigmas SamplingPercentToSigma CFGGuider
            BasicGuider DualCFGGuider PerpNegGuider PerpNeg RandomNoise DisableNoise AddNoise""",
        "Changing models": """
            ModelSamplingDiscrete ModelSamplingContinuousEDM ModelSamplingContinuousV ModelSamplingSD3
            ModelSamplingAuraFlow ModelSamplingFlux ModelSamplingStableCascade RescaleCFG ModelComputeDtype FreeU
            FreeU_V2 HyperTile TomePatchModel PatchModelAddDownscale SelfAttentionGuidance PerturbedAttentionGuidance
            DifferentialDiffusion UNetSelfAttentionMultiply UNetCrossAttentionMultiply CLIPAttentionMultiply
            UNetTemporalAttentionMultiply APG Epsilon_Scaling Mahiro FreSca TCFG CFGZeroStar CFGNorm RenormCFG
            TorchCompileModel EasyCache LazyCache VideoLinearCFGGuidance VideoTriangleCFGGuidance""",
        "Pictures": """
            SaveImage PreviewImage SaveAnimatedWEBP SaveAnimatedPNG SaveSVGNode ImageScale ImageScaleBy
            ImageScaleToTotalPixels ImageScaleToMaxDimension ResizeAndPadImage ImageInvert ImageBatch RepeatImageBatch
            ImageFromBatch RebatchImages ImagePadForOutpaint EmptyImage ImageCrop ImageRotate ImageFlip ImageStitch
            ImageAddNoise GetImageSize ImageBlend ImageBlur ImageSharpen ImageQuantize ImageUpscaleWithModel Canny
            Morphology ImageRGBToYUV ImageYUVToRGB""",
        "Masks": """
            MaskToImage ImageToMask ImageColorToMask SolidMask InvertMask CropMask MaskComposite FeatherMask GrowMask
            ThresholdMask MaskPreview ImageCompositeMasked PorterDuffImageComposite SplitImageWithAlpha
            JoinImageWithAlpha""",
        "Merging and saving models": """
            ModelMergeSimple ModelMergeBlocks ModelMergeSubtract ModelMergeAdd ModelMergeSD1 ModelMergeSD2
            ModelMergeSDXL CLIPMergeSimple CLIPMergeSubtract CLIPMergeAdd CheckpointSave ModelSave CLIPSave VAESave
            ImageOnlyCheckpointSave LoraSave""",
        "Values and texts": """
            PreviewAny PrimitiveString PrimitiveStringMultiline PrimitiveInt PrimitiveFloat PrimitiveBoolean
            StringConcatenate StringSubstring StringLength CaseConverter StringTrim StringReplace StringContains
            StringCompare RegexMatch RegexExtract RegexReplace""",
        "Weight hooks": """
            CreateHookLora CreateHookLoraModelOnly CreateHookModelAsLora CreateHookModelAsLoraModelOnly SetHookKeyframes
            CreateHookKeyframe CreateHookKeyframesInterpolated CreateHookKeyframesFromFloats CombineHooks2 CombineHooks4
            CombineHooks8 SetClipHooks ConditioningSetProperties ConditioningSetPropertiesAndCombine
            PairConditioningSetProperties PairConditioningSetPropertiesAndCombine ConditioningSetDefaultCombine
            PairConditioningSetDefaultCombine PairConditioningCombine ConditioningTimestepsRange""",
        "Training": """
            TrainLoraNode SaveLoRANode LoadImageSetFromFolderNode LoadImageTextSetFromFolderNode LossGraphNode""",
    }.items()
}  # fmt: skip
"""Class names by what they are for; nodes for video, sound, 3-D and services of others are left out."""

WHY: Mapping[str, str] = {
    "another model family": """
        EmptySD3LatentImage ControlNetApplySD3 ControlNetInpaintingAliMamaApply ReferenceLatent ModelSamplingSD3
        ModelSamplingAuraFlow ModelSamplingFlux ModelSamplingStableCascade RenormCFG ImageOnlyCheckpointLoader
        ImageOnlyCheckpointSave CFGNorm""",
    "video only": """
        ConditioningSetAreaPercentageVideo UNetTemporalAttentionMultiply VideoLinearCFGGuidance
        VideoTriangleCFGGuidance""",
    "SVG comes from services of others only": "SaveSVGNode",
    "deprecated; CheckpointLoaderSimple reads the same files": "CheckpointLoader",
    "training is a graph of our own (TrainLatentDiffusion) and `ldm-nodes train`": """
        TrainLoraNode SaveLoRANode LoraModelLoader LoadImageSetFromFolderNode LoadImageTextSetFromFolderNode
        LossGraphNode""",
    "experimental, seldom shared": """
        PhotoMakerLoader PhotoMakerEncode CreateHookLora CreateHookLoraModelOnly CreateHookModelAsLora
        CreateHookModelAsLoraModelOnly SetHookKeyframes CreateHookKeyframe CreateHookKeyframesInterpolated
        CreateHookKeyframesFromFloats CombineHooks2 CombineHooks4 CombineHooks8 SetClipHooks
        ConditioningSetDefaultCombine PairConditioningSetDefaultCombine EasyCache LazyCache FreSca Mahiro TCFG
        CFGZeroStar LoraSave""",
    "its tables are part of ComfyUI's code": "GITSScheduler",
    "weights are packed for the processor instead": "TorchCompileModel",
    "`--precision` says it for all models": "ModelComputeDtype",
}
"""Why a class is not here; a class that is absent for none of these is "not yet"."""
NOT_YET = "not yet"


def reason(name: str) -> str:
    """Say why a class is not here."""
    return next((why for why, names in WHY.items() if name in names.split()), NOT_YET)


def table(registry: Registry) -> str:
    """Return the table in Markdown."""
    lines = ["| for | here | not here, and why |", "|---|---|---|"]
    for section, names in CORE.items():
        here = [f"`{name}`" for name in names if name in registry]
        lines.append(
            f"| {section}: {len(here)} of {len(names)} | {', '.join(here) or '–'} | {_absent(names, registry)} |"
        )
    return "\n".join(lines)


def _absent(names: tuple[str, ...], registry: Registry) -> str:
    by_reason: dict[str, list[str]] = {}
    for name in names:
        if name not in registry:
            by_reason.setdefault(reason(name), []).append(f"`{name}`")
    return "; ".join(f"{', '.join(absent)} ({why})" for why, absent in by_reason.items()) or "–"


def shown() -> str:
    """Return the table that the page shows."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0].strip()


def main(arguments: list[str]) -> None:
    """Print the table, or write it."""
    new = table(builtin_registry())
    if "--write" not in arguments:
        print(new)
        return
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{new}\n\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
