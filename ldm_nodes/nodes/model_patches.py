"""Nodes that change how a model is sampled: what its outputs mean, how prompts guide it, what happens inside it.

Each returns a clone; the model that comes in stays as it is.
"""

from __future__ import annotations

from typing import Annotated

from ..engine.sockets import Boolean, Choice, Float, Int
from ..engine.spec import node
from ..models.kinds import ModelKind
from .foreseeing import same
from .kinds import CondKind, cond_kind
from .latent_pairing import Notice
from .pairing import check_sampling
from .sockets import Cond, Model, Operation

UNET = "model_patches/unet"
ADVANCED = "advanced/model"
GUIDANCE = "advanced/guidance"
TESTING = "_for_testing"

Percent = Annotated[float, Float(min=0.0, max=1.0, step=0.001)]
Factor = Annotated[float, Float(min=0.0, max=10.0, step=0.01)]
Resizing = Annotated[str, Choice(("bicubic", "nearest-exact", "bilinear", "area", "bislerp"))]


@node("RescaleCFG", category=ADVANCED, foresee=same("model"))
def rescale_cfg(model: Model, *, multiplier: Annotated[float, Float(min=0.0, max=1.0, step=0.01)] = 0.7) -> Model:
    """Bring the contrast of a guided prediction back to that of the positive one: for models of v-prediction.

    Args:
        model: the diffusion model.
        multiplier: how much; 0 is plain guidance.
    """
    from ..sampling.guidance_patches import rescaled

    changed = model.clone()
    changed.set_model_sampler_cfg_function(rescaled(multiplier))
    return changed


@node("CFGZeroStar", category=GUIDANCE, outputs=("patched_model",), foresee=same("model"))
def cfg_zero_star(model: Model) -> Model:
    """Scale the negative prediction to fit the positive one before guiding (CFG-Zero*)."""
    from ..sampling.guidance_patches import zero_star

    changed = model.clone()
    changed.set_model_sampler_post_cfg_function(zero_star)
    return changed


@node("CFGNorm", category=GUIDANCE, outputs=("patched_model",), experimental=True, foresee=same("model"))
def cfg_norm(model: Model, *, strength: Annotated[float, Float(min=0.0, max=100.0, step=0.01)] = 1.0) -> Model:
    """Let guidance make no cell of the latent longer than the positive prediction's.

    Args:
        model: the diffusion model.
        strength: multiplies the result.
    """
    from ..sampling.guidance_patches import norm_limited

    changed = model.clone()
    changed.set_model_sampler_post_cfg_function(norm_limited(strength))
    return changed


@node("TCFG", category=GUIDANCE, display_name="Tangential Damping CFG", outputs=("patched_model",),
      foresee=same("model"))  # fmt: skip
def tcfg(model: Model) -> Model:
    """Keep of the negative prediction only what it shares with the positive one."""
    from ..sampling.guidance_patches import tangential

    changed = model.clone()
    changed.set_model_sampler_pre_cfg_function(tangential)
    return changed


@node("Mahiro", category=TESTING, outputs=("patched_model",), experimental=True, foresee=same("model"),
      display_name="Mahiro is so cute that she deserves a better guidance function!! (。・ω・。)")  # fmt: skip
def mahiro(model: Model) -> Model:
    """Guide more by the positive prompt the less the negative one is like it."""
    from ..sampling.guidance_patches import by_similarity

    changed = model.clone()
    changed.set_model_sampler_post_cfg_function(by_similarity)
    return changed


@node("Epsilon Scaling", category=UNET, foresee=same("model"))
def epsilon_scaling(
    model: Model, *, scaling_factor: Annotated[float, Float(min=0.5, max=1.5, step=0.001, display="number")] = 1.005
) -> Model:
    """Divide the predicted noise by a factor, against errors that add up from step to step."""
    from ..sampling.guidance_patches import scaled_noise

    changed = model.clone()
    changed.set_model_sampler_post_cfg_function(scaled_noise(scaling_factor))
    return changed


@node("FreSca", category=TESTING, experimental=True, foresee=same("model"))
def fresca(
    model: Model,
    *,
    scale_low: Factor = 1.0,
    scale_high: Factor = 1.25,
    freq_cutoff: Annotated[int, Int(min=1, max=10_000, step=1)] = 20,
) -> Model:
    """Guide coarse shapes and fine detail with strengths of their own.

    Args:
        model: the diffusion model.
        scale_low: of low frequencies.
        scale_high: of high frequencies.
        freq_cutoff: how many of the lowest frequencies count as low.
    """
    from ..sampling.guidance_patches import by_frequency

    changed = model.clone()
    changed.set_model_sampler_pre_cfg_function(by_frequency(scale_low, scale_high, freq_cutoff))
    return changed


@node("LatentApplyOperationCFG", category="latent/advanced/operations", experimental=True, foresee=same("model"))
def latent_apply_operation_cfg(model: Model, operation: Operation) -> Model:
    """Apply a latent operation to what guidance adds, at every step."""
    from ..sampling.guidance_patches import operated

    changed = model.clone()
    changed.set_model_sampler_pre_cfg_function(operated(operation))
    return changed


def _perp_neg_ahead(model: ModelKind | None, empty_conditioning: CondKind | None, notice: Notice) -> ModelKind | None:
    check_sampling(model, empty_conditioning, None, None, notice, positive_name="empty_conditioning")
    return model


@node("PerpNeg", category=TESTING, display_name="Perp-Neg (DEPRECATED by PerpNegGuider)", deprecated=True,
      experimental=True, foresee=_perp_neg_ahead)  # fmt: skip
def perp_neg(
    model: Model,
    empty_conditioning: Cond,
    *,
    neg_scale: Annotated[float, Float(min=0.0, max=100.0, step=0.01)] = 1.0,
) -> Model:
    """Guide away from only that part of the negative conditioning which the positive one does not want."""
    from ..sampling.guidance_patches import perpendicular_to

    kind = cond_kind(empty_conditioning)
    check_sampling(model.kind, kind, None, None, lambda _: None, positive_name="empty_conditioning")
    changed = model.clone()
    changed.set_model_sampler_cfg_function(perpendicular_to(empty_conditioning, neg_scale))
    return changed


@node("PerturbedAttentionGuidance", category=UNET, foresee=same("model"))
def perturbed_attention_guidance(
    model: Model, *, scale: Annotated[float, Float(min=0.0, max=100.0, step=0.01, round=0.01)] = 3.0
) -> Model:
    """Guide away from what the model paints when its middle does not look around: a third pass in each step."""
    from ..models.attention_guidance import perturbed

    changed = model.clone()
    changed.set_model_sampler_post_cfg_function(perturbed(scale))
    return changed


@node("SelfAttentionGuidance", category=TESTING, display_name="Self-Attention Guidance", experimental=True,
      foresee=same("model"))  # fmt: skip
def self_attention_guidance(
    model: Model,
    *,
    scale: Annotated[float, Float(min=-2.0, max=5.0, step=0.01)] = 0.5,
    blur_sigma: Annotated[float, Float(min=0.0, max=10.0, step=0.1)] = 2.0,
) -> Model:
    """Guide away from a picture that is blurred where the model looks: a third pass in each step.

    Args:
        model: the diffusion model.
        scale: how strongly.
        blur_sigma: how blurred, in cells of the latent.
    """
    from ..models.attention_guidance import SelfAttentionGuidance

    guidance, changed = SelfAttentionGuidance(scale, blur_sigma), model.clone()
    changed.set_model_sampler_post_cfg_function(guidance.guide, disable_cfg1_optimization=True)
    changed.set_model_attn1_replace(guidance.record, "middle", 0, 0)
    return changed


@node("DifferentialDiffusion", category=TESTING, display_name="Differential Diffusion", experimental=True,
      foresee=same("model"))  # fmt: skip
def differential_diffusion(
    model: Model, *, strength: Annotated[float, Float(min=0.0, max=1.0, step=0.01, optional=True)] = 1.0
) -> Model:
    """Read a noise mask as how much each place may change: a grey one is sampled in the last part of the steps.

    Args:
        model: the diffusion model.
        strength: 1 for that; lower mixes it with the plain mask.
    """
    from ..sampling.guidance_patches import differential

    changed = model.clone()
    changed.set_model_denoise_mask_function(differential(strength))
    return changed


@node("FreeU", category=UNET, foresee=same("model"))
def free_u(model: Model, *, b1: Factor = 1.1, b2: Factor = 1.2, s1: Factor = 0.9, s2: Factor = 0.2) -> Model:
    """Strengthen what the decoder makes and weaken the coarse part of what it is handed.

    Args:
        model: the diffusion model.
        b1: strength of features in the widest blocks.
        b2: strength of features in blocks half as wide.
        s1: strength of low frequencies in the skips of the widest blocks.
        s2: the same for blocks half as wide.
    """
    return _with_free_u(model, b1, b2, s1, s2, by_structure=False)


@node("FreeU_V2", category=UNET, foresee=same("model"))
def free_u_v2(model: Model, *, b1: Factor = 1.3, b2: Factor = 1.4, s1: Factor = 0.9, s2: Factor = 0.2) -> Model:
    """FreeU whose strength follows what is in each place; see there for the numbers."""
    return _with_free_u(model, b1, b2, s1, s2, by_structure=True)


def _with_free_u(model: Model, b1: float, b2: float, s1: float, s2: float, *, by_structure: bool) -> Model:
    from ..models.unet_patches import FreeU

    width = model.config.unet.model_channels
    changed = model.clone()
    changed.set_model_output_block_patch(FreeU({4 * width: (b1, s1), 2 * width: (b2, s2)}, by_structure))
    return changed


@node("PatchModelAddDownscale", category=UNET, display_name="PatchModelAddDownscale (Kohya Deep Shrink)",
      foresee=same("model"))  # fmt: skip
def patch_model_add_downscale(
    model: Model,
    *,
    block_number: Annotated[int, Int(min=1, max=32, step=1)] = 3,
    downscale_factor: Annotated[float, Float(min=0.1, max=9.0, step=0.001)] = 2.0,
    start_percent: Percent = 0.0,
    end_percent: Percent = 0.35,
    downscale_after_skip: Annotated[bool, Boolean()] = True,
    downscale_method: Resizing,
    upscale_method: Resizing,
) -> Model:
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
    from ..models.unet_patches import Downscale, fitted_to_skip

    to_sigma = model.model_sampling.percent_to_sigma
    shrink = Downscale(block_number, downscale_factor, to_sigma(start_percent), to_sigma(end_percent), downscale_method)
    changed = model.clone()
    if downscale_after_skip:
        changed.set_model_input_block_patch_after_skip(shrink)
    else:
        changed.set_model_input_block_patch(shrink)
    changed.set_model_output_block_patch(fitted_to_skip(upscale_method))
    return changed


@node("HyperTile", category=UNET, foresee=same("model"))
def hyper_tile(
    model: Model,
    *,
    tile_size: Annotated[int, Int(min=1, max=2048)] = 256,
    swap_size: Annotated[int, Int(min=1, max=128)] = 2,
    max_depth: Annotated[int, Int(min=0, max=10)] = 0,
    scale_depth: Annotated[bool, Boolean()] = False,
) -> Model:
    """Let self-attention look within tiles only, which is faster for large pictures.

    Args:
        model: the diffusion model.
        tile_size: the smallest side of a tile in pixels.
        swap_size: from how many sizes of tiles each block chooses, so that borders do not show.
        max_depth: down to which halving of the map.
        scale_depth: let tiles grow with the depth.
    """
    from ..models.unet_patches import HyperTile

    tiles, changed = HyperTile(max(32, tile_size) // 8, swap_size, max_depth, scale_depth), model.clone()
    changed.set_model_attn1_patch(tiles.divide)
    changed.set_model_attn1_output_patch(tiles.join)
    return changed


Weight = Annotated[float, Float(min=0.0, max=10.0, step=0.01)]


@node("UNetSelfAttentionMultiply", category="_for_testing/attention_experiments", experimental=True,
      foresee=same("model"))  # fmt: skip
def unet_self_attention_multiply(
    model: Model, *, q: Weight = 1.0, k: Weight = 1.0, v: Weight = 1.0, out: Weight = 1.0
) -> Model:
    """Multiply the weights of self-attention."""
    return _with_multiplied(model, "attn1", q, k, v, out)


@node("UNetCrossAttentionMultiply", category="_for_testing/attention_experiments", experimental=True,
      foresee=same("model"))  # fmt: skip
def unet_cross_attention_multiply(
    model: Model, *, q: Weight = 1.0, k: Weight = 1.0, v: Weight = 1.0, out: Weight = 1.0
) -> Model:
    """Multiply the weights of cross-attention."""
    return _with_multiplied(model, "attn2", q, k, v, out)


def _with_multiplied(model: Model, attention: str, q: float, k: float, v: float, out: float) -> Model:
    from ..models.patching import parameter_shapes

    factors = {"to_q.weight": q, "to_k.weight": k, "to_v.weight": v, "to_out.0.weight": out, "to_out.0.bias": out}
    names = list(parameter_shapes(model.network))
    changed = model.clone()
    for ending, factor in factors.items():
        wanted = {name: (None,) for name in names if name.endswith(f".{attention}.{ending}")}
        changed.add_patches(wanted, 0.0, factor)
    return changed
