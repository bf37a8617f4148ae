"""Model patch nodes on a small Stable Diffusion: neutral settings change nothing, others change the picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import ldm_nodes
from ldm_nodes.engine.errors import InputError
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.diffusion_model import DiffusionModel
from ldm_nodes.models.loader import load_checkpoint
from ldm_nodes.nodes import model_patches as nodes
from ldm_nodes.nodes import model_sampling as sampling
from ldm_nodes.sampling.guiders import CFGGuider
from ldm_nodes.sampling.named_sampler import NamedSampler

CHECKPOINT = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
NOISE = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))
POSITIVE: list[list[Any]] = [[torch.full((1, 77, 8), 0.5), {}]]
NEGATIVE: list[list[Any]] = [[torch.full((1, 77, 8), -0.5), {}]]
SIGMAS = torch.tensor([10.0, 3.0, 1.0, 0.0])
RESIZING = {"downscale_method": "bicubic", "upscale_method": "bicubic"}


@pytest.fixture(scope="module")
def loaded() -> DiffusionModel:
    return load_checkpoint(CHECKPOINT, Compute(torch.device("cpu"), torch.float32)).model


def _sampled(model: DiffusionModel, mask: Tensor | None = None, cfg: float = 3.0) -> Tensor:
    guider = CFGGuider(model)
    guider.set_conds(POSITIVE, NEGATIVE)
    guider.set_cfg(cfg)
    return guider.sample(NOISE, torch.zeros_like(NOISE), NamedSampler("euler"), SIGMAS, denoise_mask=mask)


NEUTRAL: list[tuple[Any, dict[str, Any]]] = [
    (nodes.rescale_cfg, {"multiplier": 0.0}),
    (nodes.epsilon_scaling, {"scaling_factor": 1.0}),
    (nodes.fresca, {"scale_low": 1.0, "scale_high": 1.0}),
    (nodes.latent_apply_operation_cfg, {"operation": lambda latent: latent}),
    (nodes.perturbed_attention_guidance, {"scale": 0.0}),
    (nodes.self_attention_guidance, {"scale": 0.0}),
    (nodes.free_u, {"b1": 1.0, "b2": 1.0, "s1": 1.0, "s2": 1.0}),
    (nodes.free_u_v2, {"b1": 1.0, "b2": 1.0, "s1": 1.0, "s2": 1.0}),
    (nodes.patch_model_add_downscale, {"downscale_factor": 1.0, **RESIZING}),
    (nodes.hyper_tile, {"tile_size": 128}),  # one tile
    (nodes.unet_self_attention_multiply, {}),
    (nodes.unet_cross_attention_multiply, {}),
    (sampling.model_sampling_discrete, {"sampling": "eps"}),
]
ACTIVE: list[tuple[Any, dict[str, Any]]] = [
    (nodes.rescale_cfg, {}),
    (nodes.cfg_zero_star, {}),
    (nodes.cfg_norm, {}),
    (nodes.tcfg, {}),
    (nodes.mahiro, {}),
    (nodes.epsilon_scaling, {}),
    (nodes.fresca, {"freq_cutoff": 2}),
    (nodes.latent_apply_operation_cfg, {"operation": lambda latent: 2 * latent}),
    (nodes.perp_neg, {"empty_conditioning": [[torch.zeros(1, 77, 8), {}]]}),
    (nodes.perturbed_attention_guidance, {}),
    (nodes.self_attention_guidance, {}),
    (nodes.patch_model_add_downscale, {"block_number": 1, "end_percent": 1.0, **RESIZING}),
    (nodes.hyper_tile, {"tile_size": 32, "swap_size": 1, "max_depth": 1}),
    (nodes.unet_self_attention_multiply, {"out": 2.0}),
    (nodes.unet_cross_attention_multiply, {"v": 2.0}),
    (sampling.model_sampling_discrete, {"sampling": "v_prediction"}),
    (sampling.model_sampling_continuous_edm, {"sampling": "edm"}),
    (sampling.model_sampling_continuous_v, {"sampling": "v_prediction"}),
]


def _name(value: Any) -> str:
    return getattr(value, "name", "")


@pytest.mark.parametrize(("make", "settings"), NEUTRAL, ids=_name)
def test_neutral_settings_leave_the_picture(
    loaded: DiffusionModel, make: Callable[..., DiffusionModel], settings: dict[str, Any]
) -> None:
    torch.testing.assert_close(_sampled(make(loaded, **settings)), _sampled(loaded), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("make", "settings"), ACTIVE, ids=_name)
def test_other_settings_change_the_picture_and_not_the_model_that_came(
    loaded: DiffusionModel, make: Callable[..., DiffusionModel], settings: dict[str, Any]
) -> None:
    changed, plain = _sampled(make(loaded, **settings)), _sampled(loaded)
    assert changed.isfinite().all()
    assert (changed - plain).abs().max() > 1e-3
    assert torch.equal(_sampled(make(loaded, **settings)), changed)
    assert loaded.model_options == {}
    assert not loaded.object_patches


def test_patches_add_up(loaded: DiffusionModel) -> None:
    both = nodes.epsilon_scaling(nodes.epsilon_scaling(loaded, scaling_factor=1.25), scaling_factor=0.8)
    torch.testing.assert_close(_sampled(both), _sampled(loaded), rtol=1e-3, atol=1e-3)


def test_a_grey_mask_opens_late(loaded: DiffusionModel) -> None:
    model = nodes.differential_diffusion(loaded)
    mask = torch.ones(1, 16, 16)
    mask[:, :8] = 0.0
    mask[:, 8:12] = 0.5
    sampled = _sampled(model, mask)
    assert sampled[..., :8, :].abs().max() < 1e-6
    assert sampled[..., 8:12, :].abs().max() > 1e-3
    torch.testing.assert_close(_sampled(model, (mask > 0.9).float()), _sampled(loaded, (mask > 0.9).float()))


def test_levels_that_are_no_range_are_refused(loaded: DiffusionModel) -> None:
    with pytest.raises(InputError, match="sigma_min"):
        sampling.model_sampling_continuous_v(loaded, sampling="v_prediction", sigma_max=1.0, sigma_min=2.0)
    with pytest.raises(InputError, match="cosmos"):
        sampling.model_sampling_continuous_edm(loaded, sampling="cosmos_rflow")
