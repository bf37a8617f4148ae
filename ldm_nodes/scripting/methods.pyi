# Made by `ldm-nodes nodes --stubs`, which prints it anew; do not edit.
# ruff: noqa: A002, D205, N802
# fmt: off
"""Every node as a method: what it takes, what it gives, what it says of itself."""

from collections.abc import Mapping
from typing import Any, Literal

from ..engine.registry import Registry
from .handles import NodeHandle, Wire

_Scheduler = Literal[
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal", "linear_quadratic",
    "kl_optimal", "uniform", "quad", "uniform_compvis"
]
_Type = Literal[
    "stable_diffusion", "stable_cascade", "sd3", "stable_audio", "mochi", "ltxv", "pixart", "cosmos", "lumina2", "wan",
    "hidream", "chroma", "ace", "omnigen2", "qwen_image", "hunyuan_image"
]
_TypeOfDualCLIPLoader = Literal[
    "sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image"
]
_BlendMode = Literal[
    "normal", "multiply", "screen", "overlay", "soft_light", "difference"
]
_Dither = Literal[
    "none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"
]
_UpscaleMethod = Literal[
    "nearest-exact", "bilinear", "area", "bicubic", "lanczos"
]
_UpscaleMethodOfImageScaleToMaxDimension = Literal[
    "area", "lanczos", "bilinear", "nearest-exact", "bilinear", "bicubic"
]
_SpacingColor = Literal["white", "black", "red", "green", "blue"]
_SamplerName = Literal[
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2", "dpm_2_ancestral",
    "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu",
    "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu",
    "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm", "ipndm_v", "deis", "res_multistep",
    "res_multistep_cfg_pp", "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp", "gradient_estimation",
    "gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc",
    "uni_pc_bh2", "plms", "ddim_ldm", "ddpm_ldm", "dpm_solver", "s_pndm", "f_pndm", "fon"
]
_SamplerNameOfKSamplerSelect = Literal[
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2", "dpm_2_ancestral",
    "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu",
    "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu",
    "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm", "ipndm_v", "deis", "res_multistep",
    "res_multistep_cfg_pp", "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp", "gradient_estimation",
    "gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc",
    "uni_pc_bh2"
]
_Dim = Literal["x", "-x", "y", "-y", "t", "-t"]
_UpscaleMethodOfLatentUpscale = Literal[
    "nearest-exact", "bilinear", "area", "bicubic", "bislerp"
]
_Operation = Literal["multiply", "add", "subtract", "and", "or", "xor"]
_Sampling = Literal[
    "v_prediction", "edm", "edm_playground_v2.5", "eps", "cosmos_rflow"
]
_SamplingOfModelSamplingDiscrete = Literal["eps", "v_prediction", "lcm", "x0", "img_to_img"]
_OperationOfMorphology = Literal[
    "erode", "dilate", "open", "close", "gradient", "bottom_hat", "top_hat"
]
_DownscaleMethod = Literal[
    "bicubic", "nearest-exact", "bilinear", "area", "bislerp"
]
_Mode = Literal[
    "ADD", "CLEAR", "DARKEN", "DST", "DST_ATOP", "DST_IN", "DST_OUT", "DST_OVER", "LIGHTEN", "MULTIPLY", "OVERLAY",
    "SCREEN", "SRC", "SRC_ATOP", "SRC_IN", "SRC_OUT", "SRC_OVER", "XOR"
]
_Interpolation = Literal[
    "area", "bicubic", "nearest-exact", "bilinear", "lanczos"
]
_TypeOfSetUnionControlNetType = Literal[
    "auto", "openpose", "depth", "hed/pidi/scribble/ted", "canny/lineart/anime_lineart/mlsd", "normal", "segment",
    "tile", "repaint"
]

class _Latent(NodeHandle):
    latent: Wire[Literal["LATENT"]]
    LATENT: Wire[Literal["LATENT"]]

class _Sigmas(NodeHandle):
    sigmas: Wire[Literal["SIGMAS"]]
    SIGMAS: Wire[Literal["SIGMAS"]]

class _Guider(NodeHandle):
    guider: Wire[Literal["GUIDER"]]
    GUIDER: Wire[Literal["GUIDER"]]

class _PatchedModel(NodeHandle):
    patched_model: Wire[Literal["MODEL"]]

class _Clip(NodeHandle):
    clip: Wire[Literal["CLIP"]]
    CLIP: Wire[Literal["CLIP"]]

class _Conditioning(NodeHandle):
    conditioning: Wire[Literal["CONDITIONING"]]
    CONDITIONING: Wire[Literal["CONDITIONING"]]

class _ClipVisionOutput(NodeHandle):
    clip_vision_output: Wire[Literal["CLIP_VISION_OUTPUT"]]
    CLIP_VISION_OUTPUT: Wire[Literal["CLIP_VISION_OUTPUT"]]

class _ClipVision(NodeHandle):
    clip_vision: Wire[Literal["CLIP_VISION"]]
    CLIP_VISION: Wire[Literal["CLIP_VISION"]]

class _IntFloatBoolean(NodeHandle):
    int: Wire[Literal["INT"]]
    float: Wire[Literal["FLOAT"]]
    boolean: Wire[Literal["BOOLEAN"]]

class _Image(NodeHandle):
    image: Wire[Literal["IMAGE"]]
    IMAGE: Wire[Literal["IMAGE"]]

class _String(NodeHandle):
    string: Wire[Literal["STRING"]]
    STRING: Wire[Literal["STRING"]]

class _ModelClipVae(NodeHandle):
    model: Wire[Literal["MODEL"]]
    clip: Wire[Literal["CLIP"]]
    vae: Wire[Literal["VAE"]]
    MODEL: Wire[Literal["MODEL"]]
    CLIP: Wire[Literal["CLIP"]]
    VAE: Wire[Literal["VAE"]]

class _TimestepsRangeBeforeRangeAfterRange(NodeHandle):
    timesteps_range: Wire[Literal["TIMESTEPS_RANGE"]]
    before_range: Wire[Literal["TIMESTEPS_RANGE"]]
    after_range: Wire[Literal["TIMESTEPS_RANGE"]]
    TIMESTEPS_RANGE: Wire[Literal["TIMESTEPS_RANGE"]]
    BEFORE_RANGE: Wire[Literal["TIMESTEPS_RANGE"]]
    AFTER_RANGE: Wire[Literal["TIMESTEPS_RANGE"]]

class _PositiveNegative(NodeHandle):
    positive: Wire[Literal["CONDITIONING"]]
    negative: Wire[Literal["CONDITIONING"]]

class _ControlNet(NodeHandle):
    control_net: Wire[Literal["CONTROL_NET"]]
    CONTROL_NET: Wire[Literal["CONTROL_NET"]]

class _Mask(NodeHandle):
    mask: Wire[Literal["MASK"]]
    MASK: Wire[Literal["MASK"]]

class _Model(NodeHandle):
    model: Wire[Literal["MODEL"]]
    MODEL: Wire[Literal["MODEL"]]

class _Noise(NodeHandle):
    noise: Wire[Literal["NOISE"]]
    NOISE: Wire[Literal["NOISE"]]

class _Value(NodeHandle):
    value: Wire[Any]

class _WidthHeightBatchSize(NodeHandle):
    width: Wire[Literal["INT"]]
    height: Wire[Literal["INT"]]
    batch_size: Wire[Literal["INT"]]

class _ImageMask(NodeHandle):
    image: Wire[Literal["IMAGE"]]
    mask: Wire[Literal["MASK"]]
    IMAGE: Wire[Literal["IMAGE"]]
    MASK: Wire[Literal["MASK"]]

class _YUV(NodeHandle):
    y: Wire[Literal["IMAGE"]]
    u: Wire[Literal["IMAGE"]]
    v: Wire[Literal["IMAGE"]]
    Y: Wire[Literal["IMAGE"]]
    U: Wire[Literal["IMAGE"]]
    V: Wire[Literal["IMAGE"]]

class _PositiveNegativeLatent(NodeHandle):
    positive: Wire[Literal["CONDITIONING"]]
    negative: Wire[Literal["CONDITIONING"]]
    latent: Wire[Literal["LATENT"]]

class _Sampler(NodeHandle):
    sampler: Wire[Literal["SAMPLER"]]
    SAMPLER: Wire[Literal["SAMPLER"]]

class _LatentOperation(NodeHandle):
    latent_operation: Wire[Literal["LATENT_OPERATION"]]
    LATENT_OPERATION: Wire[Literal["LATENT_OPERATION"]]

class _Pictures(NodeHandle):
    pictures: Wire[Literal["PICTURES"]]
    PICTURES: Wire[Literal["PICTURES"]]

class _ModelClip(NodeHandle):
    model: Wire[Literal["MODEL"]]
    clip: Wire[Literal["CLIP"]]
    MODEL: Wire[Literal["MODEL"]]
    CLIP: Wire[Literal["CLIP"]]

class _Boolean(NodeHandle):
    boolean: Wire[Literal["BOOLEAN"]]
    BOOLEAN: Wire[Literal["BOOLEAN"]]

class _Float(NodeHandle):
    float: Wire[Literal["FLOAT"]]
    FLOAT: Wire[Literal["FLOAT"]]

class _Int(NodeHandle):
    int: Wire[Literal["INT"]]
    INT: Wire[Literal["INT"]]

class _Matches(NodeHandle):
    matches: Wire[Literal["BOOLEAN"]]

class _ValueValue2Value3(NodeHandle):
    value: Wire[Any]
    value_2: Wire[Any]
    value_3: Wire[Any]

class _LoopIndexValueValue2Value3(NodeHandle):
    loop: Wire[Literal["LOOP"]]
    index: Wire[Literal["INT"]]
    value: Wire[Any]
    value_2: Wire[Any]
    value_3: Wire[Any]

class _OutputDenoisedOutput(NodeHandle):
    output: Wire[Literal["LATENT"]]
    denoised_output: Wire[Literal["LATENT"]]

class _SigmaValue(NodeHandle):
    sigma_value: Wire[Literal["FLOAT"]]

class _HighSigmasLowSigmas(NodeHandle):
    high_sigmas: Wire[Literal["SIGMAS"]]
    low_sigmas: Wire[Literal["SIGMAS"]]

class _Contains(NodeHandle):
    contains: Wire[Literal["BOOLEAN"]]

class _Length(NodeHandle):
    length: Wire[Literal["INT"]]

class _VaeTraining(NodeHandle):
    vae: Wire[Literal["VAE"]]
    training: Wire[Literal["TRAINING"]]
    VAE: Wire[Literal["VAE"]]
    TRAINING: Wire[Literal["TRAINING"]]

class _ModelClipVaeTraining(NodeHandle):
    model: Wire[Literal["MODEL"]]
    clip: Wire[Literal["CLIP"]]
    vae: Wire[Literal["VAE"]]
    training: Wire[Literal["TRAINING"]]
    MODEL: Wire[Literal["MODEL"]]
    CLIP: Wire[Literal["CLIP"]]
    VAE: Wire[Literal["VAE"]]
    TRAINING: Wire[Literal["TRAINING"]]

class _UpscaleModel(NodeHandle):
    upscale_model: Wire[Literal["UPSCALE_MODEL"]]
    UPSCALE_MODEL: Wire[Literal["UPSCALE_MODEL"]]

class _Vae(NodeHandle):
    vae: Wire[Literal["VAE"]]
    VAE: Wire[Literal["VAE"]]

class _Text(NodeHandle):
    text: Wire[Literal["STRING"]]

class NodeMethods:
    registry: Registry
    def AddNoise(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        noise: Wire[Literal["NOISE"]],
        sigmas: Wire[Literal["SIGMAS"]],
        latent_image: Wire[Literal["LATENT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Add the noise that lies between the first and the last level of a list.

        Args:
            model: whose scale the noise has.
            noise: which noise.
            sigmas: the levels; of a single one, its noise. An empty list adds none.
            latent_image: what to add it to.
        """

    def AlignYourStepsScheduler(
        self,
        *,
        model_type: Literal["SD1", "SDXL", "SVD"] | Wire[Any],
        steps: int | Wire[Literal["INT"]] = 10,
        denoise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return the schedule that was optimised for a family of models (arXiv 2404.14507)."""

    def BasicGuider(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        conditioning: Wire[Literal["CONDITIONING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Guider:
        """Follow one conditioning, without guidance."""

    def BasicScheduler(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        scheduler: _Scheduler | Wire[Any],
        steps: int | Wire[Literal["INT"]] = 20,
        denoise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return the noise levels of a scheduler for a model.

        Args:
            model: whose noise levels they are.
            scheduler: how they are spaced.
            steps: how many steps.
            denoise: the last part of the schedule, 1 for all of it; below 0.01 there is no step.
        """

    def BetaSamplingScheduler(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        steps: int | Wire[Literal["INT"]] = 20,
        alpha: float | Wire[Literal["FLOAT"]] = 0.6,
        beta: float | Wire[Literal["FLOAT"]] = 0.6,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return noise levels at the quantiles of a beta distribution over timesteps.

        Args:
            model: whose noise levels they are.
            steps: how many steps.
            alpha: below 1, more steps late.
            beta: below 1, more steps early.
        """

    def CFGGuider(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        cfg: float | Wire[Literal["FLOAT"]] = 8.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Guider:
        """Guide towards the positive conditioning and away from the negative one; 1 ignores the negative one."""

    def CFGNorm(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PatchedModel:
        """Let guidance make no cell of the latent longer than the positive prediction's.

        Args:
            model: the diffusion model.
            strength: multiplies the result.
        """

    def CFGZeroStar(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PatchedModel:
        """Scale the negative prediction to fit the positive one before guiding (CFG-Zero*)."""

    def CLIPLoader(
        self,
        *,
        clip_name: str | Wire[Any],
        type: _Type | Wire[Any] = "stable_diffusion",
        device: Literal["default", "cpu"] | Wire[Any] = "default",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Clip:
        """Load a text encoder with one tower: that of SD 1, of SD 2, or of SDXL's refiner; the file tells which.

        Args:
            clip_name: a file below `models/text_encoders` or `models/clip`.
            type: the family; only `stable_diffusion` is known here.
            device: `cpu` keeps it on the processor.
        """

    def CLIPMergeAdd(
        self,
        *,
        clip1: Wire[Literal["CLIP"]],
        clip2: Wire[Literal["CLIP"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Clip:
        """Add two text encoders: an encoder and a difference."""

    def CLIPMergeSimple(
        self,
        *,
        clip1: Wire[Literal["CLIP"]],
        clip2: Wire[Literal["CLIP"]],
        ratio: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Clip:
        """Mix two text encoders: `ratio` of the first, the rest of the second."""

    def CLIPMergeSubtract(
        self,
        *,
        clip1: Wire[Literal["CLIP"]],
        clip2: Wire[Literal["CLIP"]],
        multiplier: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Clip:
        """Take the difference of two text encoders, times a multiplier."""

    def CLIPSave(
        self,
        *,
        clip: Wire[Literal["CLIP"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "clip/ComfyUI",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save each tower of a text encoder in a file of its own, where Load CLIP finds it.

        Args:
            clip: the text encoder.
            filename_prefix: folder and name below the output folder; the tower's name and the number follow.
        """

    def CLIPSetLastLayer(
        self,
        *,
        clip: Wire[Literal["CLIP"]],
        stop_at_clip_layer: int | Wire[Literal["INT"]] = -1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Clip:
        """Take the text embedding from an earlier layer: -1 is the last, -2 the one before it."""

    def CLIPTextEncode(
        self,
        *,
        text: str | Wire[Literal["STRING"]],
        clip: Wire[Literal["CLIP"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Encode a prompt. `(words)` weigh 1.1, `(words:1.3)` weigh 1.3, `embedding:name` inserts a learned word."""

    def CLIPTextEncodeSDXL(
        self,
        *,
        clip: Wire[Literal["CLIP"]],
        width: int | Wire[Literal["INT"]] = 1024,
        height: int | Wire[Literal["INT"]] = 1024,
        crop_w: int | Wire[Literal["INT"]] = 0,
        crop_h: int | Wire[Literal["INT"]] = 0,
        target_width: int | Wire[Literal["INT"]] = 1024,
        target_height: int | Wire[Literal["INT"]] = 1024,
        text_g: str | Wire[Literal["STRING"]],
        text_l: str | Wire[Literal["STRING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Encode a prompt for each text tower of SDXL, with the sizes that it was trained to know (arXiv 2307.01952,
        2.2).

        Args:
            clip: the encoder.
            width: of the picture that a training picture was made from; small sizes look enlarged.
            height: likewise.
            crop_w: how much is missing at the left; 0 puts things into the middle.
            crop_h: how much is missing above.
            target_width: of the picture to be made.
            target_height: likewise.
            text_g: the prompt for the large tower (OpenCLIP).
            text_l: the prompt for the small one (CLIP).
        """

    def CLIPTextEncodeSDXLRefiner(
        self,
        *,
        ascore: float | Wire[Literal["FLOAT"]] = 6.0,
        width: int | Wire[Literal["INT"]] = 1024,
        height: int | Wire[Literal["INT"]] = 1024,
        text: str | Wire[Literal["STRING"]],
        clip: Wire[Literal["CLIP"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Encode a prompt for the refiner of SDXL, with how beautiful the picture should be.

        Args:
            ascore: the aesthetic score, about 1 to 10.
            width: of the picture that a training picture was made from.
            height: likewise.
            text: the prompt.
            clip: the encoder.
        """

    def CLIPVisionEncode(
        self,
        *,
        clip_vision: Wire[Literal["CLIP_VISION"]],
        image: Wire[Literal["IMAGE"]],
        crop: Literal["center", "none"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ClipVisionOutput:
        """Look at pictures.

        Args:
            clip_vision: the network.
            image: the pictures.
            crop: `center` cuts the longer side, `none` squeezes the picture into the square that the network
                reads.
        """

    def CLIPVisionLoader(
        self,
        *,
        clip_name: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ClipVision:
        """Load a network that sees what is in pictures.

        Args:
            clip_name: a file below `models/clip_vision`, as Hugging Face or open_clip save them.
        """

    def Calculate(
        self,
        *,
        expression: str | Wire[Literal["STRING"]],
        a: Wire[Literal["INT", "FLOAT", "BOOLEAN"]] | None = None,
        b: Wire[Literal["INT", "FLOAT", "BOOLEAN"]] | None = None,
        c: Wire[Literal["INT", "FLOAT", "BOOLEAN"]] | None = None,
        d: Wire[Literal["INT", "FLOAT", "BOOLEAN"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _IntFloatBoolean:
        """Work out an expression.

        Args:
            expression: with the names of the inputs, + - * / // % **, comparisons, and or not, `x if y else z`,
                and functions such as min, max, round, floor, sqrt.
            a: what `a` stands for.
            b: what `b` stands for.
            c: what `c` stands for.
            d: what `d` stands for.
        """

    def Canny(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        low_threshold: float | Wire[Literal["FLOAT"]] = 0.4,
        high_threshold: float | Wire[Literal["FLOAT"]] = 0.8,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Draw the edges of pictures in white on black.

        Args:
            image: the pictures.
            low_threshold: how steep a pixel must be to continue an edge.
            high_threshold: how steep an edge must be somewhere.
        """

    def CaseConverter(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        mode: Literal[
    "UPPERCASE", "lowercase", "Capitalize", "Title Case"
] | Wire[Any] = "UPPERCASE",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Write a text in large or small letters."""

    def CheckpointLoader(
        self,
        *,
        config_name: str | Wire[Any],
        ckpt_name: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ModelClipVae:
        """Load a checkpoint whose YAML file says what cannot be read off it: that it predicts v, or an earlier text
        layer.

        Args:
            config_name: a YAML file below `models/configs`.
            ckpt_name: a file below `models/checkpoints`; everything else is told from its contents.
        """

    def CheckpointLoaderSimple(
        self,
        *,
        ckpt_name: str | Wire[Any],
        weights: Literal["as the file says", "trained", "averaged"] | Wire[Any] = "as the file says",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ModelClipVae:
        """Load a checkpoint: the diffusion model, the encoder of its conditioning, and the autoencoder.

        Args:
            ckpt_name: a `.safetensors` or `.ckpt` file below `models/checkpoints`; its contents tell its kind.
            weights: for files that hold both, the trained weights or their running average (`model_ema`).
        """

    def CheckpointSave(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        clip: Wire[Literal["CLIP"]],
        vae: Wire[Literal["VAE"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "checkpoints/ComfyUI",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save a complete model, merges and LoRAs computed into its weights, where Load Checkpoint finds it.

        Args:
            model: the diffusion model.
            clip: its text encoder.
            vae: its autoencoder.
            filename_prefix: folder and name below the output folder, before the number.
        """

    def ClassEncode(
        self,
        *,
        clip: Wire[Literal["CLIP"]],
        class_id: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Encode a class label for a class-conditional model; -1 is the class that stands for none (the last one)."""

    def ConditioningAverage(
        self,
        *,
        conditioning_to: Wire[Literal["CONDITIONING"]],
        conditioning_from: Wire[Literal["CONDITIONING"]],
        conditioning_to_strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Mix two texts in embedding space: each of `to` times the strength plus the first of `from` times the rest."""

    def ConditioningCombine(
        self,
        *,
        conditioning_1: Wire[Literal["CONDITIONING"]],
        conditioning_2: Wire[Literal["CONDITIONING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Apply both conditionings; where they overlap, their predictions are averaged by strength."""

    def ConditioningConcat(
        self,
        *,
        conditioning_to: Wire[Literal["CONDITIONING"]],
        conditioning_from: Wire[Literal["CONDITIONING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Append the tokens of the first entry of `from` to every entry of `to`."""

    def ConditioningSetArea(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        width: int | Wire[Literal["INT"]] = 64,
        height: int | Wire[Literal["INT"]] = 64,
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Let a conditioning act only inside a rectangle, given in pixels."""

    def ConditioningSetAreaPercentage(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        width: float | Wire[Literal["FLOAT"]] = 1.0,
        height: float | Wire[Literal["FLOAT"]] = 1.0,
        x: float | Wire[Literal["FLOAT"]] = 0.0,
        y: float | Wire[Literal["FLOAT"]] = 0.0,
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Let a conditioning act only inside a rectangle, given as fractions of the picture."""

    def ConditioningSetAreaStrength(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Set how much a conditioning weighs where it overlaps others."""

    def ConditioningSetMask(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        mask: Wire[Literal["MASK"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        set_cond_area: Literal["default", "mask bounds"] | Wire[Any] = "default",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Let a conditioning act only where the mask is 1; `mask bounds` also computes only that rectangle."""

    def ConditioningSetProperties(
        self,
        *,
        cond_NEW: Wire[Literal["CONDITIONING"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        set_cond_area: Literal["default", "mask bounds"] | Wire[Any] = "default",
        mask: Wire[Literal["MASK"]] | None = None,
        hooks: Wire[Literal["HOOKS"]] | None = None,
        timesteps: Wire[Literal["TIMESTEPS_RANGE"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Let a conditioning act only where a mask is 1 and only during a part of the sampling.

        Args:
            cond_NEW: the conditioning.
            strength: how much it weighs under its mask.
            set_cond_area: `mask bounds` computes only the rectangle around the mask.
            mask: where it acts; everywhere without.
            hooks: changes of weights, which are not made here.
            timesteps: when it acts; always without.
        """

    def ConditioningSetPropertiesAndCombine(
        self,
        *,
        cond: Wire[Literal["CONDITIONING"]],
        cond_NEW: Wire[Literal["CONDITIONING"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        set_cond_area: Literal["default", "mask bounds"] | Wire[Any] = "default",
        mask: Wire[Literal["MASK"]] | None = None,
        hooks: Wire[Literal["HOOKS"]] | None = None,
        timesteps: Wire[Literal["TIMESTEPS_RANGE"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Do as Cond Set Props does, and apply the result beside another conditioning."""

    def ConditioningSetTimestepRange(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        start: float | Wire[Literal["FLOAT"]] = 0.0,
        end: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Let a conditioning act only during a part of the sampling, given as fractions from its start."""

    def ConditioningTimestepsRange(
        self,
        *,
        start_percent: float | Wire[Literal["FLOAT"]] = 0.0,
        end_percent: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _TimestepsRangeBeforeRangeAfterRange:
        """Name a part of the sampling, and what is before and after it."""

    def ConditioningZeroOut(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Replace the embedding by zeros: a conditioning that says nothing."""

    def ControlNetApply(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        control_net: Wire[Literal["CONTROL_NET"]],
        image: Wire[Literal["IMAGE"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Steer by a picture; the negative prompt is steered as well, unless it has a control of its own.

        Args:
            conditioning: the positive prompt.
            control_net: the network.
            image: what it reads, such as edges or depth; cropped and resized to the picture.
            strength: how strongly it steers; 0 leaves it out.
        """

    def ControlNetApplyAdvanced(
        self,
        *,
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        control_net: Wire[Literal["CONTROL_NET"]],
        image: Wire[Literal["IMAGE"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        start_percent: float | Wire[Literal["FLOAT"]] = 0.0,
        end_percent: float | Wire[Literal["FLOAT"]] = 1.0,
        vae: Wire[Literal["VAE"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PositiveNegative:
        """Steer both prompts by a picture during a part of the sampling.

        Args:
            positive: the positive prompt.
            negative: the negative prompt.
            control_net: the network.
            image: what it reads, such as edges or depth; cropped and resized to the picture.
            strength: how strongly it steers; 0 leaves it out.
            start_percent: where in the sampling it begins.
            end_percent: where it ends.
            vae: for networks of other families; those here read the picture itself.
        """

    def ControlNetLoader(
        self,
        *,
        control_net_name: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ControlNet:
        """Load a ControlNet or a T2I-Adapter.

        Args:
            control_net_name: a file below `models/controlnet` or `models/t2i_adapter`, as their authors or
                diffusers save them.
        """

    def CropMask(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Cut a rectangle out of masks; what reaches beyond the border is left out."""

    def DDIMSamplerOptions(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        eta: float | Wire[Literal["FLOAT"]] = 0.0,
        temperature: float | Wire[Literal["FLOAT"]] = 1.0,
        noise_dropout: float | Wire[Literal["FLOAT"]] = 0.0,
        quantize_denoised: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Set what the research code's samplers (`ddim_ldm`, `ddpm_ldm`) do beyond the plain deterministic step.

        Args:
            model: the diffusion model; a copy of it carries the options.
            eta: how stochastic DDIM is: 0 is deterministic, 1 is DDPM-like (arXiv 2010.02502, eq. 16).
            temperature: multiplier of the noise of every step.
            noise_dropout: the fraction of that noise to drop.
            quantize_denoised: snap each predicted clean latent to the codebook (VQ models only).
        """

    def DiffControlNetLoader(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        control_net_name: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ControlNet:
        """Load a ControlNet that is stored as the difference from a model.

        Args:
            model: the model whose weights are added.
            control_net_name: a file below `models/controlnet`.
        """

    def DifferentialDiffusion(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Read a noise mask as how much each place may change: a grey one is sampled in the last part of the steps.

        Args:
            model: the diffusion model.
            strength: 1 for that; lower mixes it with the plain mask.
        """

    def DiffusersLoader(
        self,
        *,
        model_path: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ModelClipVae:
        """Load a model from a folder that diffusers saved.

        Args:
            model_path: a folder below `models/diffusers` with a `model_index.json`.
        """

    def DisableNoise(
        self,
        *,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Noise:
        """Add no start noise: for latents that are noisy already."""

    def DualCFGGuider(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        cond1: Wire[Literal["CONDITIONING"]],
        cond2: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        cfg_conds: float | Wire[Literal["FLOAT"]] = 8.0,
        cfg_cond2_negative: float | Wire[Literal["FLOAT"]] = 8.0,
        style: Literal["regular", "nested"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Guider:
        """Guide by two scales among three conditionings.

        Args:
            model: the diffusion model.
            cond1: what to move towards.
            cond2: what lies in between: for models that edit pictures, the picture without words.
            negative: what to move away from.
            cfg_conds: the scale from the second conditioning to the first.
            cfg_cond2_negative: the scale from the negative conditioning to the second.
            style: whether the scales act side by side, or the second on what the first has made.
        """

    def DualCLIPLoader(
        self,
        *,
        clip_name1: str | Wire[Any],
        clip_name2: str | Wire[Any],
        type: _TypeOfDualCLIPLoader | Wire[Any] = "sdxl",
        device: Literal["default", "cpu"] | Wire[Any] = "default",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Clip:
        """Load SDXL's text encoder from two files, CLIP-L and OpenCLIP-bigG, in any order.

        Args:
            clip_name1: a file below `models/text_encoders` or `models/clip`.
            clip_name2: the other one.
            type: the family; only `sdxl` is known here.
            device: `cpu` keeps it on the processor.
        """

    def EmptyConditioning(
        self,
        *,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Say nothing, to a model that is not told anything: one that was trained without words and classes."""

    def EmptyImage(
        self,
        *,
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        batch_size: int | Wire[Literal["INT"]] = 1,
        color: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Make pictures of one colour, given as 0xRRGGBB."""

    def EmptyLatentFor(
        self,
        *,
        vae: Wire[Literal["VAE"]],
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        batch_size: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Start from nothing, with the channels and the shrink factor of the given autoencoder."""

    def EmptyLatentImage(
        self,
        *,
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        batch_size: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Start from nothing: a latent of zeros for models that shrink pictures eight times, as Stable Diffusion's
        do.
        """

    def ExponentialScheduler(
        self,
        *,
        steps: int | Wire[Literal["INT"]] = 20,
        sigma_max: float | Wire[Literal["FLOAT"]] = 14.614642,
        sigma_min: float | Wire[Literal["FLOAT"]] = 0.0291675,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return noise levels equally spaced in the logarithm."""

    def ExtendIntermediateSigmas(
        self,
        *,
        sigmas: Wire[Literal["SIGMAS"]],
        steps: int | Wire[Literal["INT"]] = 2,
        start_at_sigma: float | Wire[Literal["FLOAT"]] = -1.0,
        end_at_sigma: float | Wire[Literal["FLOAT"]] = 12.0,
        spacing: Literal["linear", "cosine", "sine"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Divide steps of a list into several.

        Args:
            sigmas: the list.
            steps: how many steps become of one.
            start_at_sigma: the largest level whose step is divided; -1 for no limit.
            end_at_sigma: the smallest.
            spacing: how the new levels lie between the old ones.
        """

    def FeatherMask(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        left: int | Wire[Literal["INT"]] = 0,
        top: int | Wire[Literal["INT"]] = 0,
        right: int | Wire[Literal["INT"]] = 0,
        bottom: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Let masks rise from their edges over so many pixels."""

    def FlipSigmas(
        self,
        *,
        sigmas: Wire[Literal["SIGMAS"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Turn a list round, to go from a picture to its noise; a 0 at its start becomes 0.0001."""

    def FreSca(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        scale_low: float | Wire[Literal["FLOAT"]] = 1.0,
        scale_high: float | Wire[Literal["FLOAT"]] = 1.25,
        freq_cutoff: int | Wire[Literal["INT"]] = 20,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Guide coarse shapes and fine detail with strengths of their own.

        Args:
            model: the diffusion model.
            scale_low: of low frequencies.
            scale_high: of high frequencies.
            freq_cutoff: how many of the lowest frequencies count as low.
        """

    def FreeU(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        b1: float | Wire[Literal["FLOAT"]] = 1.1,
        b2: float | Wire[Literal["FLOAT"]] = 1.2,
        s1: float | Wire[Literal["FLOAT"]] = 0.9,
        s2: float | Wire[Literal["FLOAT"]] = 0.2,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Strengthen what the decoder makes and weaken the coarse part of what it is handed.

        Args:
            model: the diffusion model.
            b1: strength of features in the widest blocks.
            b2: strength of features in blocks half as wide.
            s1: strength of low frequencies in the skips of the widest blocks.
            s2: the same for blocks half as wide.
        """

    def FreeU_V2(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        b1: float | Wire[Literal["FLOAT"]] = 1.3,
        b2: float | Wire[Literal["FLOAT"]] = 1.4,
        s1: float | Wire[Literal["FLOAT"]] = 0.9,
        s2: float | Wire[Literal["FLOAT"]] = 0.2,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """FreeU whose strength follows what is in each place; see there for the numbers."""

    def Gate(
        self,
        *,
        value: Wire[Any],
        is_open: bool | Wire[Literal["BOOLEAN"]] = True,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Value:
        """Hand a value on, or keep everything behind from running."""

    def GetImageSize(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _WidthHeightBatchSize:
        """Tell the sides of pictures, and how many there are."""

    def GrowMask(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        expand: int | Wire[Literal["INT"]] = 0,
        tapered_corners: bool | Wire[Literal["BOOLEAN"]] = True,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Widen masks by so many pixels; a negative number narrows them.

        Args:
            mask: the masks.
            expand: how far.
            tapered_corners: cut corners off, instead of growing by squares.
        """

    def HyperTile(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        tile_size: int | Wire[Literal["INT"]] = 256,
        swap_size: int | Wire[Literal["INT"]] = 2,
        max_depth: int | Wire[Literal["INT"]] = 0,
        scale_depth: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Let self-attention look within tiles only, which is faster for large pictures.

        Args:
            model: the diffusion model.
            tile_size: the smallest side of a tile in pixels.
            swap_size: from how many sizes of tiles each block chooses, so that borders do not show.
            max_depth: down to which halving of the map.
            scale_depth: let tiles grow with the depth.
        """

    def HypernetworkLoader(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        hypernetwork_name: str | Wire[Any],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Change what the model's attention reads by a hypernetwork; several in a row add up.

        Args:
            model: the diffusion model.
            hypernetwork_name: a file below `models/hypernetworks`, as AUTOMATIC1111's web UI trains them.
            strength: how strongly it acts.
        """

    def ImageAddNoise(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        seed: int | Wire[Literal["INT"]] = 0,
        strength: float | Wire[Literal["FLOAT"]] = 0.5,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Add normal noise to pictures.

        Args:
            image: the pictures.
            seed: which noise.
            strength: its standard deviation.
        """

    def ImageBatch(
        self,
        *,
        image1: Wire[Literal["IMAGE"]],
        image2: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Put two batches together; the second is resized to the first and cut centrally where they differ."""

    def ImageBlend(
        self,
        *,
        image1: Wire[Literal["IMAGE"]],
        image2: Wire[Literal["IMAGE"]],
        blend_factor: float | Wire[Literal["FLOAT"]] = 0.5,
        blend_mode: _BlendMode | Wire[Any] = "normal",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Blend the second picture, resized to the first and cut centrally, into the first."""

    def ImageBlur(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        blur_radius: int | Wire[Literal["INT"]] = 1,
        sigma: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Blur pictures.

        Args:
            image: the pictures.
            blur_radius: how far a pixel spreads.
            sigma: the standard deviation of the Gaussian as a part of the radius: 10 spreads evenly, 0.1 hardly.
        """

    def ImageColorToMask(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        color: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Select the pixels of exactly one colour, given as 0xRRGGBB."""

    def ImageCompositeMasked(
        self,
        *,
        destination: Wire[Literal["IMAGE"]],
        source: Wire[Literal["IMAGE"]],
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        resize_source: bool | Wire[Literal["BOOLEAN"]] = False,
        mask: Wire[Literal["MASK"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Paste one picture into another at a place.

        Args:
            destination: what is pasted into.
            source: what is pasted.
            x: its left edge.
            y: its upper edge.
            resize_source: stretch it over the whole destination first.
            mask: stretched over the source; only where it is 1 the source shows.
        """

    def ImageCrop(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Cut a rectangle out of pictures; a corner outside moves to the last pixel."""

    def ImageFlip(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        flip_method: Literal["x-axis: vertically", "y-axis: horizontally"] | Wire[Any] = "x-axis: vertically",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Mirror pictures."""

    def ImageFromBatch(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        batch_index: int | Wire[Literal["INT"]] = 0,
        length: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Take some pictures of a batch; what reaches beyond its end is left out."""

    def ImageInvert(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Turn every colour into its opposite."""

    def ImagePadForOutpaint(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        left: int | Wire[Literal["INT"]] = 0,
        top: int | Wire[Literal["INT"]] = 0,
        right: int | Wire[Literal["INT"]] = 0,
        bottom: int | Wire[Literal["INT"]] = 0,
        feathering: int | Wire[Literal["INT"]] = 40,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ImageMask:
        """Surround a picture with grey to be painted, and give the mask of what is new, its edge softened."""

    def ImageQuantize(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        colors: int | Wire[Literal["INT"]] = 256,
        dither: _Dither | Wire[Any] = "none",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Paint pictures in few colours, chosen for each; dithering hides the steps between them."""

    def ImageRGBToYUV(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _YUV:
        """Take pictures apart into brightness (Y) and the colour differences of blue (U) and red (V), as grey
        pictures.
        """

    def ImageRotate(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        rotation: Literal["none", "90 degrees", "180 degrees", "270 degrees"] | Wire[Any] = "none",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Turn pictures clockwise by quarter turns."""

    def ImageScale(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        upscale_method: _UpscaleMethod | Wire[Any] = "nearest-exact",
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        crop: Literal["disabled", "center"] | Wire[Any] = "disabled",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Resize pictures; a side of 0 follows the other one, two zeros change nothing."""

    def ImageScaleBy(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        upscale_method: _UpscaleMethod | Wire[Any] = "nearest-exact",
        scale_by: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Resize pictures by a factor."""

    def ImageScaleToMaxDimension(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        upscale_method: _UpscaleMethodOfImageScaleToMaxDimension | Wire[Any] = "area",
        largest_size: int | Wire[Literal["INT"]] = 512,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Resize pictures until their longer side has so many pixels; the aspect ratio stays."""

    def ImageScaleToTotalPixels(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        upscale_method: _UpscaleMethod | Wire[Any] = "nearest-exact",
        megapixels: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Resize pictures to so many pixels, 1024 x 1024 being one megapixel; the aspect ratio stays."""

    def ImageSharpen(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        sharpen_radius: int | Wire[Literal["INT"]] = 1,
        sigma: float | Wire[Literal["FLOAT"]] = 1.0,
        alpha: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Sharpen pictures by an unsharp mask.

        Args:
            image: the pictures.
            sharpen_radius: how far the blur reaches against which details are measured.
            sigma: its standard deviation as a part of the radius.
            alpha: how much is added, in tens: 1 adds ten times what the blur takes away.
        """

    def ImageStitch(
        self,
        *,
        image1: Wire[Literal["IMAGE"]],
        direction: Literal["right", "down", "left", "up"] | Wire[Any] = "right",
        match_image_size: bool | Wire[Literal["BOOLEAN"]] = True,
        spacing_width: int | Wire[Literal["INT"]] = 0,
        spacing_color: _SpacingColor | Wire[Any] = "white",
        image2: Wire[Literal["IMAGE"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Put the second picture at a side of the first.

        Args:
            image1: the picture that stays where it is.
            direction: the side of it where the second goes.
            match_image_size: resize the second so that the touching sides are equal; else black fills up.
            spacing_width: pixels between the two.
            spacing_color: their colour.
            image2: the picture that joins.
        """

    def ImageToMask(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        channel: Literal["red", "green", "blue", "alpha"] | Wire[Any] = "red",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Take one channel of pictures as masks."""

    def ImageUpscaleWithModel(
        self,
        *,
        upscale_model: Wire[Literal["UPSCALE_MODEL"]],
        image: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Enlarge pictures by a network, tile by tile.

        Args:
            upscale_model: the network; it says how much larger the pictures become.
            image: the pictures.
        """

    def ImageYUVToRGB(
        self,
        *,
        Y: Wire[Literal["IMAGE"]],
        U: Wire[Literal["IMAGE"]],
        V: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Put pictures together again from brightness and colour differences."""

    def InpaintModelConditioning(
        self,
        *,
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        vae: Wire[Literal["VAE"]],
        pixels: Wire[Literal["IMAGE"]],
        mask: Wire[Literal["MASK"]],
        noise_mask: bool | Wire[Literal["BOOLEAN"]] = True,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PositiveNegativeLatent:
        """Show an inpainting model the picture without what the mask selects, and start from the whole picture.

        Args:
            positive: what to move towards.
            negative: what to move away from.
            vae: the autoencoder of the model.
            pixels: the picture.
            mask: 1 where to paint.
            noise_mask: sample only where the mask is 1; without it all of the picture may change.
        """

    def InstructPixToPixConditioning(
        self,
        *,
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        vae: Wire[Literal["VAE"]],
        pixels: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PositiveNegativeLatent:
        """Show an editing model the picture that it is to change, and start from nothing of its size (arXiv
        2211.09800).

        Args:
            positive: what to do to the picture.
            negative: what to move away from.
            vae: the autoencoder of the model.
            pixels: the picture.
        """

    def InvertMask(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Select what was not selected."""

    def JoinImageWithAlpha(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        alpha: Wire[Literal["MASK"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Make pictures transparent where the mask is 1; the shorter batch is repeated."""

    def KSampler(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        seed: int | Wire[Literal["INT"]] = 0,
        steps: int | Wire[Literal["INT"]] = 20,
        cfg: float | Wire[Literal["FLOAT"]] = 8.0,
        sampler_name: _SamplerName | Wire[Any],
        scheduler: _Scheduler | Wire[Any],
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        latent_image: Wire[Literal["LATENT"]],
        denoise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Denoise a latent towards the positive conditioning and away from the negative one.

        Args:
            model: the diffusion model.
            seed: which random start; the same seed gives the same picture.
            steps: how many steps; more is finer and slower.
            cfg: classifier-free guidance scale; 1 ignores the negative conditioning and is twice as fast.
            sampler_name: the solver. `plms`, `ddim_ldm` and the other names at the end are the research code's
                own.
            scheduler: how the noise levels are spaced. `uniform` is the research code's spacing with exact step
                counts.
            positive: what to move towards.
            negative: what to move away from.
            latent_image: where to start: an empty latent, or a picture's latent together with `denoise` below 1.
            denoise: how much of the start to replace.
        """

    def KSamplerAdvanced(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        add_noise: Literal["enable", "disable"] | Wire[Any],
        noise_seed: int | Wire[Literal["INT"]] = 0,
        steps: int | Wire[Literal["INT"]] = 20,
        cfg: float | Wire[Literal["FLOAT"]] = 8.0,
        sampler_name: _SamplerName | Wire[Any],
        scheduler: _Scheduler | Wire[Any],
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        latent_image: Wire[Literal["LATENT"]],
        start_at_step: int | Wire[Literal["INT"]] = 0,
        end_at_step: int | Wire[Literal["INT"]] = 10000,
        return_with_leftover_noise: Literal["disable", "enable"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Run a window of the steps of a sampling, so that several samplers can share one picture.

        Args:
            model: the diffusion model.
            add_noise: whether to add the start noise; disable it when an earlier sampler left noise.
            noise_seed: which random start.
            steps: how many steps the whole sampling has.
            cfg: classifier-free guidance scale.
            sampler_name: the solver.
            scheduler: how the noise levels are spaced.
            positive: what to move towards.
            negative: what to move away from.
            latent_image: where to start.
            start_at_step: the first step to run.
            end_at_step: the step to stop before.
            return_with_leftover_noise: enable it to hand a latent that is still noisy to the next sampler.
        """

    def KSamplerSelect(
        self,
        *,
        sampler_name: _SamplerNameOfKSamplerSelect | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """Choose a sampler by its name, with its own options."""

    def KarrasScheduler(
        self,
        *,
        steps: int | Wire[Literal["INT"]] = 20,
        sigma_max: float | Wire[Literal["FLOAT"]] = 14.614642,
        sigma_min: float | Wire[Literal["FLOAT"]] = 0.0291675,
        rho: float | Wire[Literal["FLOAT"]] = 7.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return noise levels equally spaced in sigma^(1/rho)."""

    def LaplaceScheduler(
        self,
        *,
        steps: int | Wire[Literal["INT"]] = 20,
        sigma_max: float | Wire[Literal["FLOAT"]] = 14.614642,
        sigma_min: float | Wire[Literal["FLOAT"]] = 0.0291675,
        mu: float | Wire[Literal["FLOAT"]] = 0.0,
        beta: float | Wire[Literal["FLOAT"]] = 0.5,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return quantiles of a Laplace distribution of log sigma; the last is not 0, so some noise is left."""

    def LatentAdd(
        self,
        *,
        samples1: Wire[Literal["LATENT"]],
        samples2: Wire[Literal["LATENT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Add two latents."""

    def LatentApplyOperation(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        operation: Wire[Literal["LATENT_OPERATION"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Apply an operation to a latent."""

    def LatentApplyOperationCFG(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        operation: Wire[Literal["LATENT_OPERATION"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Apply a latent operation to what guidance adds, at every step."""

    def LatentBatch(
        self,
        *,
        samples1: Wire[Literal["LATENT"]],
        samples2: Wire[Literal["LATENT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Put two batches together; the second is resized to the first and cut centrally where they differ."""

    def LatentBatchSeedBehavior(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        seed_behavior: Literal["random", "fixed"] | Wire[Any] = "fixed",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Give every latent of a batch noise of its own (`random`), or all the same (`fixed`)."""

    def LatentBlend(
        self,
        *,
        samples1: Wire[Literal["LATENT"]],
        samples2: Wire[Literal["LATENT"]],
        blend_factor: float | Wire[Literal["FLOAT"]] = 0.5,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Mix two latents: the first times the factor, plus the second times the rest."""

    def LatentComposite(
        self,
        *,
        samples_to: Wire[Literal["LATENT"]],
        samples_from: Wire[Literal["LATENT"]],
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        feather: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Paste one latent into another at a place in pixels, its inner edges softened over `feather` pixels."""

    def LatentCompositeMasked(
        self,
        *,
        destination: Wire[Literal["LATENT"]],
        source: Wire[Literal["LATENT"]],
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        resize_source: bool | Wire[Literal["BOOLEAN"]] = False,
        mask: Wire[Literal["MASK"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Paste one latent into another at a place in pixels.

        Args:
            destination: what is pasted into.
            source: what is pasted.
            x: its left edge.
            y: its upper edge.
            resize_source: stretch it over the whole destination first.
            mask: stretched over the source; only where it is 1 the source shows.
        """

    def LatentConcat(
        self,
        *,
        samples1: Wire[Literal["LATENT"]],
        samples2: Wire[Literal["LATENT"]],
        dim: _Dim | Wire[Any] = "x",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Put the second latent at the right of the first (x), below it (y), or with a minus before it."""

    def LatentCrop(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Cut a rectangle, given in pixels, out of a latent; at least eight cells remain."""

    def LatentCut(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        dim: Literal["x", "y", "t"] | Wire[Any] = "x",
        index: int | Wire[Literal["INT"]] = 0,
        amount: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Cut columns (x) or rows (y) out of a latent.

        Args:
            samples: the latent.
            dim: along which axis.
            index: the first cell; a negative one counts from the end.
            amount: how many cells, as far as there are.
        """

    def LatentFlip(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        flip_method: Literal["x-axis: vertically", "y-axis: horizontally"] | Wire[Any] = "x-axis: vertically",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Mirror a latent."""

    def LatentFromBatch(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        batch_index: int | Wire[Literal["INT"]] = 0,
        length: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Take some latents of a batch; each keeps the noise it had there."""

    def LatentInterpolate(
        self,
        *,
        samples1: Wire[Literal["LATENT"]],
        samples2: Wire[Literal["LATENT"]],
        ratio: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Mix two latents, what a cell says and how strongly apart: the first at ratio 1, the second at 0."""

    def LatentMultiply(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        multiplier: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Multiply a latent by a number."""

    def LatentOperationSharpen(
        self,
        *,
        sharpen_radius: int | Wire[Literal["INT"]] = 9,
        sigma: float | Wire[Literal["FLOAT"]] = 1.0,
        alpha: float | Wire[Literal["FLOAT"]] = 0.1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _LatentOperation:
        """Sharpen a latent by an unsharp mask on what its cells say, not on how strongly.

        Args:
            sharpen_radius: how far the blur reaches against which details are measured, in cells.
            sigma: its standard deviation as a part of the radius.
            alpha: how much is added, in tens.
        """

    def LatentOperationTonemapReinhard(
        self,
        *,
        multiplier: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _LatentOperation:
        """Compress what is strong in a latent, so that colours do not burn out.

        Args:
            multiplier: how strong a cell may become, as a multiple of what is unusual in the latent.
        """

    def LatentRotate(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        rotation: Literal["none", "90 degrees", "180 degrees", "270 degrees"] | Wire[Any] = "none",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Turn a latent clockwise by quarter turns."""

    def LatentSubtract(
        self,
        *,
        samples1: Wire[Literal["LATENT"]],
        samples2: Wire[Literal["LATENT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Subtract the second latent from the first."""

    def LatentUpscale(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        upscale_method: _UpscaleMethodOfLatentUpscale | Wire[Any] = "nearest-exact",
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        crop: Literal["disabled", "center"] | Wire[Any] = "disabled",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Resize a latent to a size in pixels; a side of 0 follows the other one, two zeros change nothing."""

    def LatentUpscaleBy(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        upscale_method: _UpscaleMethodOfLatentUpscale | Wire[Any] = "nearest-exact",
        scale_by: float | Wire[Literal["FLOAT"]] = 1.5,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Resize a latent by a factor."""

    def LoadImage(
        self,
        *,
        image: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ImageMask:
        """Read a picture of the input folder; the mask is 1 where the picture is transparent."""

    def LoadImageFolder(
        self,
        *,
        folder: str | Wire[Any],
        size: int | Wire[Literal["INT"]] = 64,
        captions: Literal[
    "file names", "folder names", "caption files", "table"
] | Wire[Any] = "file names",
        crop: Literal["center", "random"] | Wire[Any] = "center",
        mirror: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Pictures:
        """Take the pictures of a folder to train on. Subfolders are classes; a picture that cannot be read is
        skipped.

        Args:
            folder: a folder below `input`.
            size: pixels of a side; pictures are cut to a square and resized.
            captions: where they come from: `red_fox.png` is "red fox"; or the first subfolder's name; or only a
                `.txt` file beside each picture, which comes first in any case; or a CSV file with the columns
                path, caption and class.
            crop: which square of a picture is seen: the middle, or another one at each visit.
            mirror: exchange left and right of every second picture.
        """

    def LoadImageMask(
        self,
        *,
        image: str | Wire[Any],
        channel: Literal["alpha", "red", "green", "blue"] | Wire[Any] = "alpha",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Read one channel of a picture as a mask; alpha is inverted, so that transparent means selected."""

    def LoadImageOutput(
        self,
        *,
        image: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ImageMask:
        """Read a picture that was saved here; the mask is 1 where the picture is transparent."""

    def LoadLatent(
        self,
        *,
        latent: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Read a `.latent` file of the input folder."""

    def LoraLoader(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        clip: Wire[Literal["CLIP"]],
        lora_name: str | Wire[Any],
        strength_model: float | Wire[Literal["FLOAT"]] = 1.0,
        strength_clip: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ModelClip:
        """Change the model and its text encoder by a LoRA; several in a row add up.

        Args:
            model: the diffusion model.
            clip: its text encoder.
            lora_name: a file below `models/loras`, in the form of kohya, diffusers, PEFT or LyCORIS.
            strength_model: how strongly it changes the model; negative values go the other way, 0 leaves it out.
            strength_clip: how strongly it changes the text encoder.
        """

    def LoraLoaderModelOnly(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        lora_name: str | Wire[Any],
        strength_model: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Change the model alone by a LoRA.

        Args:
            model: the diffusion model.
            lora_name: a file below `models/loras`, in the form of kohya, diffusers, PEFT or LyCORIS.
            strength_model: how strongly it changes the model; negative values go the other way, 0 leaves it out.
        """

    def Mahiro(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PatchedModel:
        """Guide more by the positive prompt the less the negative one is like it."""

    def MaskComposite(
        self,
        *,
        destination: Wire[Literal["MASK"]],
        source: Wire[Literal["MASK"]],
        x: int | Wire[Literal["INT"]] = 0,
        y: int | Wire[Literal["INT"]] = 0,
        operation: _Operation | Wire[Any] = "multiply",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Lay one mask on another at a place and combine the two there; `and`, `or` and `xor` round first."""

    def MaskPreview(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Show masks without keeping them: they are written to the temporary folder."""

    def MaskToImage(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Show masks as grey pictures."""

    def ModelMergeAdd(
        self,
        *,
        model1: Wire[Literal["MODEL"]],
        model2: Wire[Literal["MODEL"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Add two models: a model and a difference."""

    def ModelMergeBlocks(
        self,
        *,
        model1: Wire[Literal["MODEL"]],
        model2: Wire[Literal["MODEL"]],
        input: float | Wire[Literal["FLOAT"]] = 1.0,
        middle: float | Wire[Literal["FLOAT"]] = 1.0,
        out: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Mix two models with a ratio of its own for each third of the network.

        Args:
            model1: the first model.
            model2: the second model.
            input: how much of the first on the way down, and in what is no block.
            middle: how much of the first at the bottom.
            out: how much of the first on the way up.
        """

    def ModelMergeSimple(
        self,
        *,
        model1: Wire[Literal["MODEL"]],
        model2: Wire[Literal["MODEL"]],
        ratio: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Mix two models: `ratio` of the first, the rest of the second."""

    def ModelMergeSubtract(
        self,
        *,
        model1: Wire[Literal["MODEL"]],
        model2: Wire[Literal["MODEL"]],
        multiplier: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Take the difference of two models, times a multiplier: what a fine-tuning has learned."""

    def ModelSamplingContinuousEDM(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        sampling: _Sampling | Wire[Any],
        sigma_max: float | Wire[Literal["FLOAT"]] = 120.0,
        sigma_min: float | Wire[Literal["FLOAT"]] = 0.002,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Say that a model knows every noise level between two, and what it predicts.

        Args:
            model: the diffusion model.
            sampling: what it predicts; those of Playground and Cosmos are refused, whose latents are others.
            sigma_max: the largest level.
            sigma_min: the smallest.
        """

    def ModelSamplingContinuousV(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        sampling: Literal["v_prediction"] | Wire[Any],
        sigma_max: float | Wire[Literal["FLOAT"]] = 500.0,
        sigma_min: float | Wire[Literal["FLOAT"]] = 0.03,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Say that a model predicts v at every noise level between two."""

    def ModelSamplingDiscrete(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        sampling: _SamplingOfModelSamplingDiscrete | Wire[Any],
        zsnr: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Say what a model of training timesteps predicts, where its file does not.

        Args:
            model: the diffusion model.
            sampling: the noise, v, or the clean latent; `lcm` for models and LoRAs of latent consistency;
                `img_to_img` for models whose output is the clean latent whatever comes in.
            zsnr: end the schedule in pure noise, for models that were trained so.
        """

    def ModelSave(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "diffusion_models/ComfyUI",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save the diffusion model alone, where Load Diffusion Model finds it.

        Args:
            model: the diffusion model.
            filename_prefix: folder and name below the output folder, before the number.
        """

    def Morphology(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        operation: _OperationOfMorphology | Wire[Any] = "erode",
        kernel_size: int | Wire[Literal["INT"]] = 3,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Let bright parts of pictures shrink (erode), grow (dilate), or show what doing so takes away."""

    def PairConditioningCombine(
        self,
        *,
        positive_A: Wire[Literal["CONDITIONING"]],
        negative_A: Wire[Literal["CONDITIONING"]],
        positive_B: Wire[Literal["CONDITIONING"]],
        negative_B: Wire[Literal["CONDITIONING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PositiveNegative:
        """Apply two pairs of prompts beside each other."""

    def PairConditioningSetProperties(
        self,
        *,
        positive_NEW: Wire[Literal["CONDITIONING"]],
        negative_NEW: Wire[Literal["CONDITIONING"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        set_cond_area: Literal["default", "mask bounds"] | Wire[Any] = "default",
        mask: Wire[Literal["MASK"]] | None = None,
        hooks: Wire[Literal["HOOKS"]] | None = None,
        timesteps: Wire[Literal["TIMESTEPS_RANGE"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PositiveNegative:
        """Do as Cond Set Props does, to both prompts."""

    def PairConditioningSetPropertiesAndCombine(
        self,
        *,
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        positive_NEW: Wire[Literal["CONDITIONING"]],
        negative_NEW: Wire[Literal["CONDITIONING"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        set_cond_area: Literal["default", "mask bounds"] | Wire[Any] = "default",
        mask: Wire[Literal["MASK"]] | None = None,
        hooks: Wire[Literal["HOOKS"]] | None = None,
        timesteps: Wire[Literal["TIMESTEPS_RANGE"]] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PositiveNegative:
        """Do as Cond Set Props does, to both prompts, and apply the results beside another pair."""

    def PatchModelAddDownscale(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        block_number: int | Wire[Literal["INT"]] = 3,
        downscale_factor: float | Wire[Literal["FLOAT"]] = 2.0,
        start_percent: float | Wire[Literal["FLOAT"]] = 0.0,
        end_percent: float | Wire[Literal["FLOAT"]] = 0.35,
        downscale_after_skip: bool | Wire[Literal["BOOLEAN"]] = True,
        downscale_method: _DownscaleMethod | Wire[Any],
        upscale_method: _DownscaleMethod | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Compose large pictures in a smaller size during a part of the sampling, so that nothing appears twice.

        Args:
            model: the diffusion model.
            block_number: the input block at which maps shrink.
            downscale_factor: by how much.
            start_percent: where in the sampling it begins.
            end_percent: where it ends.
            downscale_after_skip: leave the skip of that block as large as it was.
            downscale_method: how maps shrink.
            upscale_method: how they grow again on the way up.
        """

    def PerpNeg(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        empty_conditioning: Wire[Literal["CONDITIONING"]],
        neg_scale: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Guide away from only that part of the negative conditioning which the positive one does not want."""

    def PerpNegGuider(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        empty_conditioning: Wire[Literal["CONDITIONING"]],
        cfg: float | Wire[Literal["FLOAT"]] = 8.0,
        neg_scale: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Guider:
        """Guide away from only that part of the negative conditioning which the positive one does not want.

        Args:
            model: the diffusion model.
            positive: what to move towards.
            negative: what to move away from.
            empty_conditioning: an encoded empty text, from which both are measured.
            cfg: the guidance scale.
            neg_scale: how strongly the negative conditioning pushes.
        """

    def PerturbedAttentionGuidance(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        scale: float | Wire[Literal["FLOAT"]] = 3.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Guide away from what the model paints when its middle does not look around: a third pass in each step."""

    def PolyexponentialScheduler(
        self,
        *,
        steps: int | Wire[Literal["INT"]] = 20,
        sigma_max: float | Wire[Literal["FLOAT"]] = 14.614642,
        sigma_min: float | Wire[Literal["FLOAT"]] = 0.0291675,
        rho: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return noise levels whose logarithms fall as a power; with rho 1 they are equally spaced."""

    def PorterDuffImageComposite(
        self,
        *,
        source: Wire[Literal["IMAGE"]],
        source_alpha: Wire[Literal["MASK"]],
        destination: Wire[Literal["IMAGE"]],
        destination_alpha: Wire[Literal["MASK"]],
        mode: _Mode | Wire[Any] = "DST",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ImageMask:
        """Put a picture over, in, out of or atop another; both have masks that are 1 where they are transparent.

        Args:
            source: the first picture; the second gets its size.
            source_alpha: where it is transparent.
            destination: the second picture.
            destination_alpha: where it is transparent.
            mode: the rule, by the names of Porter and Duff: SRC_OVER lays the source on the destination.
        """

    def PreviewAny(
        self,
        *,
        source: Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Show any value as text."""

    def PreviewImage(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Show pictures without keeping them: they are written to the temporary folder."""

    def PrimitiveBoolean(
        self,
        *,
        value: bool | Wire[Literal["BOOLEAN"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Boolean:
        """Hold yes or no."""

    def PrimitiveFloat(
        self,
        *,
        value: float | Wire[Literal["FLOAT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Float:
        """Hold a number."""

    def PrimitiveInt(
        self,
        *,
        value: int | Wire[Literal["INT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Int:
        """Hold a whole number."""

    def PrimitiveString(
        self,
        *,
        value: str | Wire[Literal["STRING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Hold a line of text."""

    def PrimitiveStringMultiline(
        self,
        *,
        value: str | Wire[Literal["STRING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Hold a text."""

    def RandomNoise(
        self,
        *,
        noise_seed: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Noise:
        """Return the start noise of a seed."""

    def RebatchImages(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        batch_size: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Deal a list of batches out anew into batches of a size; pictures of different sizes are never mixed."""

    def RebatchLatents(
        self,
        *,
        latents: Wire[Literal["LATENT"]],
        batch_size: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Deal a list of batches out anew into batches of a size; latents of different sizes are never mixed."""

    def RegexExtract(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        regex_pattern: str | Wire[Literal["STRING"]],
        mode: Literal[
    "First Match", "All Matches", "First Group", "All Groups"
] | Wire[Any] = "First Match",
        case_insensitive: bool | Wire[Literal["BOOLEAN"]] = True,
        multiline: bool | Wire[Literal["BOOLEAN"]] = False,
        dotall: bool | Wire[Literal["BOOLEAN"]] = False,
        group_index: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Take what a pattern finds out of a text, one find a line; what is no pattern finds nothing.

        Args:
            string: the text.
            regex_pattern: a regular expression of Python.
            mode: the first find or all of them, whole or one group of each.
            case_insensitive: large and small letters are the same.
            multiline: ^ and $ mean the ends of lines.
            dotall: a dot may be the end of a line.
            group_index: which group; 0 is the whole find.
        """

    def RegexMatch(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        regex_pattern: str | Wire[Literal["STRING"]],
        case_insensitive: bool | Wire[Literal["BOOLEAN"]] = True,
        multiline: bool | Wire[Literal["BOOLEAN"]] = False,
        dotall: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Matches:
        """Tell whether a pattern is found in a text; what is no pattern is found nowhere.

        Args:
            string: the text.
            regex_pattern: a regular expression of Python.
            case_insensitive: large and small letters are the same.
            multiline: ^ and $ mean the ends of lines.
            dotall: a dot may be the end of a line.
        """

    def RegexReplace(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        regex_pattern: str | Wire[Literal["STRING"]],
        replace: str | Wire[Literal["STRING"]],
        case_insensitive: bool | Wire[Literal["BOOLEAN"]] = True,
        multiline: bool | Wire[Literal["BOOLEAN"]] = False,
        dotall: bool | Wire[Literal["BOOLEAN"]] = False,
        count: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Replace what a pattern finds in a text.

        Args:
            string: the text.
            regex_pattern: a regular expression of Python.
            replace: what comes in its place; a backslash and a number stand for a group.
            case_insensitive: large and small letters are the same.
            multiline: ^ and $ mean the ends of lines.
            dotall: a dot may be the end of a line.
            count: how many finds are replaced; 0 is all.
        """

    def RepeatEnd(
        self,
        *,
        loop: Wire[Literal["LOOP"]],
        count: int | Wire[Literal["INT"]] = 3,
        value: Wire[Any] | None = None,
        value_2: Wire[Any] | None = None,
        value_3: Wire[Any] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ValueValue2Value3:
        """End what is repeated, and hand on what the last round ended with.

        Args:
            loop: the start of the loop.
            count: how many rounds there are.
            value: what a round ends with.
            value_2: a second value.
            value_3: a third value.
        """

    def RepeatImageBatch(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        amount: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Repeat a batch of pictures."""

    def RepeatLatentBatch(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        amount: int | Wire[Literal["INT"]] = 1,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Repeat a batch of latents; every copy gets noise of its own."""

    def RepeatStart(
        self,
        *,
        value: Wire[Any] | None = None,
        value_2: Wire[Any] | None = None,
        value_3: Wire[Any] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _LoopIndexValueValue2Value3:
        """Begin what is repeated so many times.

        Args:
            value: what the first round begins with; later rounds begin with what the round before ended with.
            value_2: a second value.
            value_3: a third value.
        """

    def RescaleCFG(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        multiplier: float | Wire[Literal["FLOAT"]] = 0.7,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Bring the contrast of a guided prediction back to that of the positive one: for models of v-prediction.

        Args:
            model: the diffusion model.
            multiplier: how much; 0 is plain guidance.
        """

    def ResizeAndPadImage(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        target_width: int | Wire[Literal["INT"]] = 512,
        target_height: int | Wire[Literal["INT"]] = 512,
        padding_color: Literal["white", "black"] | Wire[Any] = "white",
        interpolation: _Interpolation | Wire[Any] = "area",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Fit pictures into a size, their aspect ratio kept, and fill what is left on both sides with one colour."""

    def SDTurboScheduler(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        steps: int | Wire[Literal["INT"]] = 1,
        denoise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return the levels of the ten timesteps on which SD Turbo and SDXL Turbo were distilled."""

    def SamplerCustom(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        add_noise: bool | Wire[Literal["BOOLEAN"]] = True,
        noise_seed: int | Wire[Literal["INT"]] = 0,
        cfg: float | Wire[Literal["FLOAT"]] = 8.0,
        positive: Wire[Literal["CONDITIONING"]],
        negative: Wire[Literal["CONDITIONING"]],
        sampler: Wire[Literal["SAMPLER"]],
        sigmas: Wire[Literal["SIGMAS"]],
        latent_image: Wire[Literal["LATENT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _OutputDenoisedOutput:
        """Denoise a latent with a sampler over a list of noise levels.

        Args:
            model: the diffusion model.
            add_noise: whether to add the start noise.
            noise_seed: which random start.
            cfg: classifier-free guidance scale; 1 ignores the negative conditioning.
            positive: what to move towards.
            negative: what to move away from.
            sampler: what takes the steps.
            sigmas: the noise levels between which they go.
            latent_image: where to start.
        """

    def SamplerCustomAdvanced(
        self,
        *,
        noise: Wire[Literal["NOISE"]],
        guider: Wire[Literal["GUIDER"]],
        sampler: Wire[Literal["SAMPLER"]],
        sigmas: Wire[Literal["SIGMAS"]],
        latent_image: Wire[Literal["LATENT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _OutputDenoisedOutput:
        """Denoise a latent with noise, guidance, sampler and noise levels each chosen apart.

        Args:
            noise: the start noise.
            guider: how prompts make one prediction.
            sampler: what takes the steps.
            sigmas: the noise levels between which they go.
            latent_image: where to start.
        """

    def SamplerDPMAdaptative(
        self,
        *,
        order: int | Wire[Literal["INT"]] = 3,
        rtol: float | Wire[Literal["FLOAT"]] = 0.05,
        atol: float | Wire[Literal["FLOAT"]] = 0.0078,
        h_init: float | Wire[Literal["FLOAT"]] = 0.05,
        pcoeff: float | Wire[Literal["FLOAT"]] = 0.0,
        icoeff: float | Wire[Literal["FLOAT"]] = 1.0,
        dcoeff: float | Wire[Literal["FLOAT"]] = 0.0,
        accept_safety: float | Wire[Literal["FLOAT"]] = 0.81,
        eta: float | Wire[Literal["FLOAT"]] = 0.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """DPM-Solver with steps that follow its error; of the noise levels only the first and the last above 0
        count.

        Args:
            order: of the method.
            rtol: the allowed error of a step in parts of the latent.
            atol: the allowed error of a step.
            h_init: the first step, in log sigma.
            pcoeff: proportional part of the control of the step's length,
            icoeff: integral part,
            dcoeff: and differential part.
            accept_safety: how careful it is; a step that asks for a smaller factor is taken again.
            eta: how much noise each step adds.
            s_noise: the standard deviation of that noise.
        """

    def SamplerDPMPP_2M_SDE(
        self,
        *,
        solver_type: Literal["midpoint", "heun"] | Wire[Any],
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        noise_device: Literal["gpu", "cpu"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """SDE-DPM-Solver++ of order 2; `eta` 0 follows the ODE."""

    def SamplerDPMPP_2S_Ancestral(
        self,
        *,
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """DPM-Solver++(2S) with fresh noise at every step."""

    def SamplerDPMPP_3M_SDE(
        self,
        *,
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        noise_device: Literal["gpu", "cpu"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """SDE-DPM-Solver++ of order 3; `eta` 0 follows the ODE."""

    def SamplerDPMPP_SDE(
        self,
        *,
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        r: float | Wire[Literal["FLOAT"]] = 0.5,
        noise_device: Literal["gpu", "cpu"] | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """The stochastic DPM-Solver++(2S); `r` is where in the step the second evaluation is."""

    def SamplerER_SDE(
        self,
        *,
        solver_type: Literal["ER-SDE", "Reverse-time SDE", "ODE"] | Wire[Any],
        max_stage: int | Wire[Literal["INT"]] = 3,
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """Extended reverse-time SDE solvers.

        Args:
            solver_type: the authors' noise, that of the reverse-time SDE, or none.
            max_stage: how many past predictions count.
            eta: how stochastic the reverse-time SDE is.
            s_noise: the standard deviation of the noise.
        """

    def SamplerEulerAncestral(
        self,
        *,
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """Euler's method with fresh noise at every step.

        Args:
            eta: how much of the step is made of noise; 0 is plain Euler.
            s_noise: the standard deviation of that noise.
        """

    def SamplerEulerAncestralCFGPP(
        self,
        *,
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """Ancestral Euler steps along the negative prompt's noise (CFG++)."""

    def SamplerLMS(
        self,
        *,
        order: int | Wire[Literal["INT"]] = 4,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """The linear multistep method; `order` is how many past slopes it looks at."""

    def SamplerSASolver(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        eta: float | Wire[Literal["FLOAT"]] = 1.0,
        sde_start_percent: float | Wire[Literal["FLOAT"]] = 0.2,
        sde_end_percent: float | Wire[Literal["FLOAT"]] = 0.8,
        s_noise: float | Wire[Literal["FLOAT"]] = 1.0,
        predictor_order: int | Wire[Literal["INT"]] = 3,
        corrector_order: int | Wire[Literal["INT"]] = 4,
        use_pece: bool | Wire[Literal["BOOLEAN"]] = False,
        simple_order_2: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sampler:
        """The stochastic Adams method.

        Args:
            model: whose noise levels the percents mean.
            eta: the share of noise in the part of the sampling that has any.
            sde_start_percent: where that part begins.
            sde_end_percent: where it ends.
            s_noise: the standard deviation of the noise.
            predictor_order: how many predictions the next latent follows from.
            corrector_order: how many predictions correct it; 0 leaves the correction out.
            use_pece: evaluate the corrected latent too, which doubles the work.
            simple_order_2: take the paper's simpler weights where two predictions are used.
        """

    def SamplingPercentToSigma(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        sampling_percent: float | Wire[Literal["FLOAT"]] = 0.0,
        return_actual_sigma: bool | Wire[Literal["BOOLEAN"]] = False,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _SigmaValue:
        """Return the noise level at a part of the sampling.

        Args:
            model: whose noise levels they are.
            sampling_percent: 0 is the start, 1 the end.
            return_actual_sigma: at both ends, give the model's own levels, not those that mean "everything" and
                "nothing".
        """

    def SaveAnimatedPNG(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "ComfyUI",
        fps: float | Wire[Literal["FLOAT"]] = 6.0,
        compress_level: int | Wire[Literal["INT"]] = 4,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save a batch as one moving PNG picture in the output folder.

        Args:
            images: the frames.
            filename_prefix: the name before the number.
            fps: frames per second.
            compress_level: how hard to try to make the file small, 0 to 9.
        """

    def SaveAnimatedWEBP(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "ComfyUI",
        fps: float | Wire[Literal["FLOAT"]] = 6.0,
        lossless: bool | Wire[Literal["BOOLEAN"]] = True,
        quality: int | Wire[Literal["INT"]] = 80,
        method: Literal["default", "fastest", "slowest"] | Wire[Any] = "default",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save a batch as one moving WebP picture in the output folder.

        Args:
            images: the frames.
            filename_prefix: the name before the number.
            fps: frames per second.
            lossless: keep everything.
            quality: how much is kept, 0 to 100; of a lossless file how hard to try.
            method: how hard to try to make the file small.
        """

    def SaveCheckpoint(
        self,
        *,
        training: Wire[Literal["TRAINING"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "trained",
        precision: Literal["fp16", "fp32"] | Wire[Any] = "fp16",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Keep the model of a training run where the loader nodes find it, without what only training needs.

        A diffusion model goes to `output/checkpoints`, an autoencoder to `output/vae`. A file is never
        overwritten.

        Args:
            training: the run; its last step is taken, with averaged weights where there are any.
            filename_prefix: the name before the number.
            precision: fp16 halves the file.
        """

    def SaveImage(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "ComfyUI",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save pictures as PNG files in the output folder.

        Args:
            images: the pictures.
            filename_prefix: the name before the number; may hold folders and `%year% %month% %day% %width%
                %height%`.
        """

    def SaveImageAs(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "ComfyUI",
        format: Literal["png", "webp", "jpeg"] | Wire[Any] = "webp",
        quality: int | Wire[Literal["INT"]] = 90,
        lossless: bool | Wire[Literal["BOOLEAN"]] = False,
        metadata: Literal["as set", "none", "params", "workflow"] | Wire[Any] = "as set",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save pictures as PNG, WebP or JPEG files in the output folder.

        Args:
            images: the pictures.
            filename_prefix: the name before the number.
            format: the kind of file.
            quality: how much WebP and JPEG keep, 0 to 100.
            lossless: WebP only: keep everything.
            metadata: what the files tell of their making: nothing, the graph and its parameters, or the workflow
                too.
        """

    def SaveLatent(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "latents/ComfyUI",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save a latent as a `.latent` file in the output folder."""

    def SelfAttentionGuidance(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        scale: float | Wire[Literal["FLOAT"]] = 0.5,
        blur_sigma: float | Wire[Literal["FLOAT"]] = 2.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Guide away from a picture that is blurred where the model looks: a third pass in each step.

        Args:
            model: the diffusion model.
            scale: how strongly.
            blur_sigma: how blurred, in cells of the latent.
        """

    def SetFirstSigma(
        self,
        *,
        sigmas: Wire[Literal["SIGMAS"]],
        sigma: float | Wire[Literal["FLOAT"]] = 136.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Set the first level of a list."""

    def SetLatentNoiseMask(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        mask: Wire[Literal["MASK"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Sample only where the mask is 1; the rest of the latent is kept."""

    def SetUnionControlNetType(
        self,
        *,
        control_net: Wire[Literal["CONTROL_NET"]],
        type: _TypeOfSetUnionControlNetType | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ControlNet:
        """Tell a network for many kinds of hints which kind it is given; `auto` leaves it to the network.

        Args:
            control_net: the network.
            type: the kind of hint.
        """

    def SolidMask(
        self,
        *,
        value: float | Wire[Literal["FLOAT"]] = 1.0,
        width: int | Wire[Literal["INT"]] = 512,
        height: int | Wire[Literal["INT"]] = 512,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Make a mask of one value."""

    def SplitImageWithAlpha(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ImageMask:
        """Take transparency off pictures; the mask is 1 where they were transparent."""

    def SplitSigmas(
        self,
        *,
        sigmas: Wire[Literal["SIGMAS"]],
        step: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _HighSigmasLowSigmas:
        """Cut a list at a step; the level there ends the first part and begins the second."""

    def SplitSigmasDenoise(
        self,
        *,
        sigmas: Wire[Literal["SIGMAS"]],
        denoise: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _HighSigmasLowSigmas:
        """Cut a list so that the second part has `denoise` of the steps."""

    def StringCompare(
        self,
        *,
        string_a: str | Wire[Literal["STRING"]],
        string_b: str | Wire[Literal["STRING"]],
        mode: Literal["Starts With", "Ends With", "Equal"] | Wire[Any] = "Starts With",
        case_sensitive: bool | Wire[Literal["BOOLEAN"]] = True,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Boolean:
        """Tell whether the first text starts with, ends with or equals the second."""

    def StringConcatenate(
        self,
        *,
        string_a: str | Wire[Literal["STRING"]],
        string_b: str | Wire[Literal["STRING"]],
        delimiter: str | Wire[Literal["STRING"]] = "",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Put two texts together with a delimiter between them."""

    def StringContains(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        substring: str | Wire[Literal["STRING"]],
        case_sensitive: bool | Wire[Literal["BOOLEAN"]] = True,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Contains:
        """Tell whether a text stands in another."""

    def StringLength(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Length:
        """Count the characters of a text."""

    def StringReplace(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        find: str | Wire[Literal["STRING"]],
        replace: str | Wire[Literal["STRING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Replace one text by another wherever it stands."""

    def StringSubstring(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        start: int | Wire[Literal["INT"]],
        end: int | Wire[Literal["INT"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Take the characters from `start` up to but without `end`; negative places count from the end of the text."""

    def StringTrim(
        self,
        *,
        string: str | Wire[Literal["STRING"]],
        mode: Literal["Both", "Left", "Right"] | Wire[Any] = "Both",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _String:
        """Take white space off the ends of a text."""

    def Switch(
        self,
        *,
        condition: bool | Wire[Literal["BOOLEAN"]],
        on_true: Wire[Any] | None = None,
        on_false: Wire[Any] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Value:
        """Hand on one of two values; only that one is made.

        Args:
            condition: which.
            on_true: what yes means.
            on_false: what no means.
        """

    def SwitchByNumber(
        self,
        *,
        index: int | Wire[Literal["INT"]] = 1,
        value_1: Wire[Any] | None = None,
        value_2: Wire[Any] | None = None,
        value_3: Wire[Any] | None = None,
        value_4: Wire[Any] | None = None,
        value_5: Wire[Any] | None = None,
        value_6: Wire[Any] | None = None,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Value:
        """Hand on one of several values; only that one is made."""

    def TCFG(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _PatchedModel:
        """Keep of the negative prediction only what it shares with the positive one."""

    def ThresholdMask(
        self,
        *,
        mask: Wire[Literal["MASK"]],
        value: float | Wire[Literal["FLOAT"]] = 0.5,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Mask:
        """Select wholly what is more than `value`, and nothing else."""

    def TrainAutoencoder(
        self,
        *,
        pictures: Wire[Literal["PICTURES"]],
        name: str | Wire[Literal["STRING"]] = "autoencoder",
        steps: int | Wire[Literal["INT"]] = 5000,
        batch_size: int | Wire[Literal["INT"]] = 8,
        learning_rate: float | Wire[Literal["FLOAT"]] = 0.001,
        width: int | Wire[Literal["INT"]] = 64,
        training_seed: int | Wire[Literal["INT"]] = 0,
        kind: Literal["continuous (KL)", "codebook (VQ)"] | Wire[Any] = "continuous (KL)",
        downscale: Literal["2", "4", "8", "16"] | Wire[Any] = "4",
        latent_channels: int | Wire[Literal["INT"]] = 4,
        depth: int | Wire[Literal["INT"]] = 1,
        perceptual: str | Wire[Any] = "none",
        adversarial_from: int | Wire[Literal["INT"]] = 0,
        precision: Literal["fp32", "bf16"] | Wire[Any] = "fp32",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _VaeTraining:
        """Train an autoencoder, the first stage of latent diffusion: pictures to small latents and back.

        It shows pictures and reconstructions as it goes. Stopped, it goes on from there the next time; done, it
        is not
        trained again; with more steps it is trained on.

        Args:
            pictures: what to train on.
            name: names the run's folder below `output/training`.
            steps: how often it learns; a few thousand give shapes and colours, more give sharpness.
            batch_size: pictures of a step.
            learning_rate: lower it if the loss jumps or stops at NaN.
            width: channels of the layers; more is better and slower. With 32, colours are learned slowly.
            training_seed: of the start and of the order of pictures.
            kind: whether a latent is any number, or one of 1024 learned vectors.
            downscale: side of a picture divided by that of its latent.
            latent_channels: numbers in each cell of a latent.
            depth: blocks of layers at each resolution.
            perceptual: a file of VGG16 weights below `models/vgg`, to judge likeness as people do (LPIPS);
                slower.
            adversarial_from: the step from which a discriminator asks for sharpness; 0 leaves it out.
            precision: bf16 is faster on processors that have it.
        """

    def TrainLatentDiffusion(
        self,
        *,
        pictures: Wire[Literal["PICTURES"]],
        vae: Wire[Literal["VAE"]],
        name: str | Wire[Literal["STRING"]] = "diffusion",
        conditioning: Literal["text", "class", "none"] | Wire[Any] = "text",
        steps: int | Wire[Literal["INT"]] = 20000,
        batch_size: int | Wire[Literal["INT"]] = 16,
        learning_rate: float | Wire[Literal["FLOAT"]] = 0.001,
        width: int | Wire[Literal["INT"]] = 64,
        training_seed: int | Wire[Literal["INT"]] = 0,
        precision: Literal["fp32", "bf16"] | Wire[Any] = "fp32",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ModelClipVaeTraining:
        """Train a diffusion model on the latents of an autoencoder, and give it to the next node to sample from.

        It shows samples as it goes. Stopped, it goes on from there the next time; done, it is not trained again;
        with more
        steps it is trained on.

        Args:
            pictures: what to train on.
            vae: the autoencoder, trained here or loaded from a checkpoint; it does not change.
            name: names the run's folder below `output/training`.
            conditioning: what a picture is asked for by: words, with a small text encoder that is trained along;
                the number of a subfolder; or nothing.
            steps: how often it learns; some ten thousand for a folder of different pictures.
            batch_size: pictures of a step.
            learning_rate: lower it if the loss jumps or stops at NaN.
            width: channels of the first layer; more is better and slower.
            training_seed: of the start and of all noise.
            precision: bf16 is faster on processors that have it.
        """

    def TrainingPlot(
        self,
        *,
        training: Wire[Literal["TRAINING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Draw the losses of a training run."""

    def UNETLoader(
        self,
        *,
        unet_name: str | Wire[Any],
        weight_dtype: Literal[
    "default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"
] | Wire[Any] = "default",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Load a denoising network from a file of its own.

        Args:
            unet_name: a file below `models/diffusion_models` or `models/unet`, under the original names or
                diffusers'.
            weight_dtype: `fp8_…` rounds the weights as if they had been stored in eight bits; they take no less
                memory.
        """

    def UNetCrossAttentionMultiply(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        q: float | Wire[Literal["FLOAT"]] = 1.0,
        k: float | Wire[Literal["FLOAT"]] = 1.0,
        v: float | Wire[Literal["FLOAT"]] = 1.0,
        out: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Multiply the weights of cross-attention."""

    def UNetSelfAttentionMultiply(
        self,
        *,
        model: Wire[Literal["MODEL"]],
        q: float | Wire[Literal["FLOAT"]] = 1.0,
        k: float | Wire[Literal["FLOAT"]] = 1.0,
        v: float | Wire[Literal["FLOAT"]] = 1.0,
        out: float | Wire[Literal["FLOAT"]] = 1.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Model:
        """Multiply the weights of self-attention."""

    def UpscaleModelLoader(
        self,
        *,
        model_name: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _UpscaleModel:
        """Load a network that enlarges pictures: an ESRGAN, or with the package spandrel any that it knows.

        Args:
            model_name: a file below `models/upscale_models`.
        """

    def VAEDecode(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        vae: Wire[Literal["VAE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Turn latents into pictures."""

    def VAEDecodeTiled(
        self,
        *,
        samples: Wire[Literal["LATENT"]],
        vae: Wire[Literal["VAE"]],
        tile_size: int | Wire[Literal["INT"]] = 512,
        overlap: int | Wire[Literal["INT"]] = 64,
        temporal_size: int | Wire[Literal["INT"]] = 64,
        temporal_overlap: int | Wire[Literal["INT"]] = 8,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Turn latents into pictures piece by piece, for pictures that do not fit in memory whole.

        Args:
            samples: the latents.
            vae: the autoencoder of the model that made them.
            tile_size: the side of a piece in pixels.
            overlap: how far neighbours reach into each other, at most a quarter of a piece.
            temporal_size: for autoencoders of videos; pictures have no use for it.
            temporal_overlap: likewise.
        """

    def VAEEncode(
        self,
        *,
        pixels: Wire[Literal["IMAGE"]],
        vae: Wire[Literal["VAE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Turn pictures into latents; sides are cut centrally to what the autoencoder can halve."""

    def VAEEncodeForInpaint(
        self,
        *,
        pixels: Wire[Literal["IMAGE"]],
        vae: Wire[Literal["VAE"]],
        mask: Wire[Literal["MASK"]],
        grow_mask_by: int | Wire[Literal["INT"]] = 6,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Grey out what the mask selects, encode the rest, and mark the (grown) mask as what is to be sampled."""

    def VAEEncodeTiled(
        self,
        *,
        pixels: Wire[Literal["IMAGE"]],
        vae: Wire[Literal["VAE"]],
        tile_size: int | Wire[Literal["INT"]] = 512,
        overlap: int | Wire[Literal["INT"]] = 64,
        temporal_size: int | Wire[Literal["INT"]] = 64,
        temporal_overlap: int | Wire[Literal["INT"]] = 8,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Turn pictures into latents piece by piece, for pictures that do not fit in memory whole.

        Args:
            pixels: the pictures.
            vae: the autoencoder.
            tile_size: the side of a piece in pixels.
            overlap: how far neighbours reach into each other, at most a quarter of a piece.
            temporal_size: for autoencoders of videos; pictures have no use for it.
            temporal_overlap: likewise.
        """

    def VAELoader(
        self,
        *,
        vae_name: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Vae:
        """Load an autoencoder from a file of its own.

        Args:
            vae_name: a file below `models/vae`, with or without the `first_stage_model.` prefix.
        """

    def VAESave(
        self,
        *,
        vae: Wire[Literal["VAE"]],
        filename_prefix: str | Wire[Literal["STRING"]] = "vae/ComfyUI_vae",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Save an autoencoder, where Load VAE finds it.

        Args:
            vae: the autoencoder.
            filename_prefix: folder and name below the output folder, before the number.
        """

    def VPScheduler(
        self,
        *,
        steps: int | Wire[Literal["INT"]] = 20,
        beta_d: float | Wire[Literal["FLOAT"]] = 19.9,
        beta_min: float | Wire[Literal["FLOAT"]] = 0.1,
        eps_s: float | Wire[Literal["FLOAT"]] = 0.001,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Sigmas:
        """Return the levels of the continuous variance-preserving process at equal times."""

    def Watermark(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        text: str | Wire[Literal["STRING"]] = "StableDiffusionV1",
        method: Literal["dwtDct", "dwtDctSvd"] | Wire[Any] = "dwtDct",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Hide a text in pictures, as Stable Diffusion's scripts do, and say if it cannot be read back.

        Args:
            image: the pictures.
            text: what to hide; a reader must know its length.
            method: `dwtDct` is fast; `dwtDctSvd` survives JPEG better and is slower.
        """

    def WatermarkDecode(
        self,
        *,
        image: Wire[Literal["IMAGE"]],
        length: int | Wire[Literal["INT"]] = 17,
        method: Literal["dwtDct", "dwtDctSvd"] | Wire[Any] = "dwtDct",
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Text:
        """Read the text hidden in the first picture; bytes that are no text show as replacement characters.

        Args:
            image: the pictures.
            length: how many bytes the hidden text has; `StableDiffusionV1` has 17.
            method: how it was hidden.
        """

    def WebcamCapture(
        self,
        *,
        image: Wire[Literal["WEBCAM"]],
        width: int | Wire[Literal["INT"]] = 0,
        height: int | Wire[Literal["INT"]] = 0,
        capture_on_queue: bool | Wire[Literal["BOOLEAN"]] = True,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Read the picture that the browser took and uploaded; size and moment are the browser's business."""

    def WhileEnd(
        self,
        *,
        loop: Wire[Literal["LOOP"]],
        condition: bool | Wire[Literal["BOOLEAN"]],
        value: Wire[Any] | None = None,
        value_2: Wire[Any] | None = None,
        value_3: Wire[Any] | None = None,
        most_rounds: int | Wire[Literal["INT"]] = 100,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _ValueValue2Value3:
        """End a round, and begin the next one if the condition holds; there is at least one.

        Args:
            loop: the start of the loop.
            condition: whether there is another round.
            value: what a round ends with.
            value_2: a second value.
            value_3: a third value.
            most_rounds: how many rounds there may be; more are an error.
        """

    def WhileStart(
        self,
        *,
        value: Wire[Any] | None = None,
        value_2: Wire[Any] | None = None,
        value_3: Wire[Any] | None = None,
        index: int | Wire[Literal["INT"]] = 0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _LoopIndexValueValue2Value3:
        """Begin what is repeated while a condition holds.

        Args:
            value: what the first round begins with; later rounds begin with what the round before ended with.
            value_2: a second value.
            value_3: a third value.
            index: the number of the first round.
        """

    def unCLIPConditioning(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        clip_vision_output: Wire[Literal["CLIP_VISION_OUTPUT"]],
        strength: float | Wire[Literal["FLOAT"]] = 1.0,
        noise_augmentation: float | Wire[Literal["FLOAT"]] = 0.0,
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Add what was seen in a picture to a prompt, for models that read pictures; several add up.

        Args:
            conditioning: the prompt.
            clip_vision_output: what was seen.
            strength: how strongly it counts; 0 leaves it out.
            noise_augmentation: how loosely it is taken, from 0 to 1.
        """
