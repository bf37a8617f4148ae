# Made by `ldm-nodes nodes --stubs`, which prints it anew; do not edit.
# ruff: noqa: A002, D205, N802
# fmt: off
"""Every node as a method: what it takes, what it gives, what it says of itself."""

from collections.abc import Mapping
from typing import Any, Literal

from ..engine.registry import Registry
from .handles import NodeHandle, Wire

_UpscaleMethod = Literal[
    "nearest-exact", "bilinear", "area", "bicubic", "lanczos"
]
_SamplerName = Literal[
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2", "dpm_2_ancestral",
    "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu",
    "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu",
    "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm", "ipndm_v", "deis", "res_multistep",
    "res_multistep_cfg_pp", "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp", "gradient_estimation",
    "gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "uni_pc",
    "uni_pc_bh2", "plms", "ddim_ldm", "ddpm_ldm", "dpm_solver", "s_pndm", "f_pndm", "fon"
]
_Scheduler = Literal[
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal", "linear_quadratic",
    "kl_optimal", "uniform", "quad", "uniform_compvis"
]
_UpscaleMethodOfLatentUpscale = Literal[
    "nearest-exact", "bilinear", "area", "bicubic", "bislerp"
]

class _Clip(NodeHandle):
    clip: Wire[Literal["CLIP"]]
    CLIP: Wire[Literal["CLIP"]]

class _Conditioning(NodeHandle):
    conditioning: Wire[Literal["CONDITIONING"]]
    CONDITIONING: Wire[Literal["CONDITIONING"]]

class _ModelClipVae(NodeHandle):
    model: Wire[Literal["MODEL"]]
    clip: Wire[Literal["CLIP"]]
    vae: Wire[Literal["VAE"]]
    MODEL: Wire[Literal["MODEL"]]
    CLIP: Wire[Literal["CLIP"]]
    VAE: Wire[Literal["VAE"]]

class _Model(NodeHandle):
    model: Wire[Literal["MODEL"]]
    MODEL: Wire[Literal["MODEL"]]

class _Image(NodeHandle):
    image: Wire[Literal["IMAGE"]]
    IMAGE: Wire[Literal["IMAGE"]]

class _Latent(NodeHandle):
    latent: Wire[Literal["LATENT"]]
    LATENT: Wire[Literal["LATENT"]]

class _ImageMask(NodeHandle):
    image: Wire[Literal["IMAGE"]]
    mask: Wire[Literal["MASK"]]
    IMAGE: Wire[Literal["IMAGE"]]
    MASK: Wire[Literal["MASK"]]

class _PositiveNegativeLatent(NodeHandle):
    positive: Wire[Literal["CONDITIONING"]]
    negative: Wire[Literal["CONDITIONING"]]
    latent: Wire[Literal["LATENT"]]

class _Pictures(NodeHandle):
    pictures: Wire[Literal["PICTURES"]]
    PICTURES: Wire[Literal["PICTURES"]]

class _Mask(NodeHandle):
    mask: Wire[Literal["MASK"]]
    MASK: Wire[Literal["MASK"]]

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

class _Vae(NodeHandle):
    vae: Wire[Literal["VAE"]]
    VAE: Wire[Literal["VAE"]]

class _Text(NodeHandle):
    text: Wire[Literal["STRING"]]

class NodeMethods:
    registry: Registry
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

    def ConditioningZeroOut(
        self,
        *,
        conditioning: Wire[Literal["CONDITIONING"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Conditioning:
        """Replace the embedding by zeros: a conditioning that says nothing."""

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

    def LoadLatent(
        self,
        *,
        latent: str | Wire[Any],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Read a `.latent` file of the input folder."""

    def PreviewImage(
        self,
        *,
        images: Wire[Literal["IMAGE"]],
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> NodeHandle:
        """Show pictures without keeping them: they are written to the temporary folder."""

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
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Image:
        """Turn latents into pictures piece by piece, for pictures that do not fit in memory whole."""

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
        _id: str | None = None,
        _title: str = "",
        _extra: Mapping[str, Any] | None = None,
    ) -> _Latent:
        """Turn pictures into latents piece by piece, for pictures that do not fit in memory whole."""

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
