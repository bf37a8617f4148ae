from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.models.config import AutoencoderConfig, TextConfig, TokenEncoderConfig, UNetConfig
from ldm_nodes.models.errors import ModelError
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import Betas, ClassConfig, ModelConfig, RescalerConfig, SharedFirstStage

UNET = UNetConfig(
    in_channels=3, out_channels=3, model_channels=32, num_res_blocks=1, attention_resolutions=(), channel_mult=(1,),
    num_heads=2,
)  # fmt: skip
KL = AutoencoderConfig(embed_dim=3, z_channels=3, ch=32, ch_mult=(1, 1), num_res_blocks=1)
VQ = replace(KL, double_z=False, n_embed=16)
CLIP = TextConfig("clip", 16, layers=1, heads=2, intermediate=32, activation="quick_gelu")
OPENCLIP = replace(CLIP, layout="openclip", activation="gelu", projection=16, pad_token=0)


def attending(width: int, channels: int = 3) -> UNetConfig:
    return replace(UNET, in_channels=channels, use_spatial_transformer=True, context_dim=width)


def built(**changes: Any) -> LatentDiffusion:
    config = ModelConfig("ldm-test", UNET, KL, None, None, betas=Betas())
    model = LatentDiffusion(replace(config, **changes), Betas().schedule())
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        parameter.data = 0.2 * torch.randn(parameter.shape, generator=generator)
    return model.eval().requires_grad_(False)


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


X, T = draw(2, 3, 8, 8), torch.tensor([3, 700])


def test_an_unconditional_model_is_its_network() -> None:
    model = built()
    assert torch.equal(model.apply_model(X, T), model.model.diffusion_model(X, T))


def test_a_bare_tensor_goes_where_the_model_takes_its_condition() -> None:
    concat, extra = built(unet=replace(UNET, in_channels=5), conditioning_key="concat"), draw(2, 2, 8, 8, seed=2)
    assert torch.equal(concat.apply_model(X, T, extra), concat.model.diffusion_model(torch.cat([X, extra], 1), T))
    attends, context = built(unet=attending(6), conditioning_key="crossattn"), draw(2, 4, 6, seed=3)
    expected = attends.model.diffusion_model(X, T, context=context)
    assert torch.equal(attends.apply_model(X, T, context), expected)
    halves = [context[:, :1], context[:, 1:]]
    assert torch.equal(attends.apply_model(X, T, halves), expected)


def test_a_mapping_names_its_places() -> None:
    hybrid = built(unet=attending(6, 5), conditioning_key="hybrid")
    extra, context = draw(2, 2, 8, 8, seed=2), draw(2, 4, 6, seed=3)
    got = hybrid.apply_model(X, T, {"c_concat": [extra], "c_crossattn": [context]})
    assert torch.equal(got, hybrid.model.diffusion_model(torch.cat([X, extra], 1), T, context=context))
    adm = built(unet=replace(UNET, num_classes=9), conditioning_key="adm")
    label = torch.tensor([1, 8])
    assert torch.equal(adm.apply_model(X, T, {"c_crossattn": [label]}), adm.model.diffusion_model(X, T, y=label))


def test_latents_are_scaled_and_a_gaussian_one_is_drawn() -> None:
    model, pictures = built(scale_factor=0.5), draw(1, 3, 16, 16)
    assert model.first_stage_model is not None
    posterior: Any = model.first_stage_model.encode(pictures)
    noise = torch.randn(posterior.mean.shape, generator=torch.Generator().manual_seed(7))
    got = model.encode(pictures, torch.Generator().manual_seed(7))
    torch.testing.assert_close(got, 0.5 * (posterior.mean + posterior.std * noise))
    torch.testing.assert_close(model.decode(got), model.first_stage_model.decode(got / 0.5))


def test_a_codebook_is_used_only_in_decoding_and_only_if_wanted() -> None:
    model, pictures = built(first_stage=VQ), draw(1, 3, 16, 16)
    latent = model.encode(pictures)
    first_stage: Any = model.first_stage_model
    assert torch.equal(latent, first_stage.encode_to_prequant(pictures))
    assert torch.equal(model.decode(latent), first_stage.decode(latent))
    assert torch.equal(model.decode(latent, quantize=False), first_stage.decode(latent, force_not_quantize=True))
    assert not torch.equal(model.decode(latent), model.decode(latent, quantize=False))


def test_every_conditioner_conditions() -> None:
    ids = torch.tensor([4, 0])
    by_class = built(conditioner=ClassConfig(6, 11))
    assert torch.equal(by_class.condition(ids)[:, 0], by_class.state_dict()["cond_stage_model.embedding.weight"][ids])
    tokens = torch.tensor([[1, 2, 3]])
    by_tokens = built(conditioner=TokenEncoderConfig(8, 1, 20, 5))
    assert by_tokens.condition(tokens).shape == (1, 3, 8)
    maps = draw(1, 4, 16, 16)
    assert built(conditioner=RescalerConfig(2, in_channels=4, out_channels=3)).condition(maps).shape == (1, 3, 4, 4)
    assert built(conditioner=(CLIP,), family="sd1").condition(["a", "b"]).shape == (2, 77, 16)
    assert built().condition(maps) is maps


def test_a_shared_first_stage_conditions_and_is_stored_under_both_names() -> None:
    model, pictures = built(conditioner=SharedFirstStage(), first_stage=VQ), draw(1, 3, 16, 16)
    assert torch.equal(model.condition(pictures), model.encode(pictures))
    names = model.state_dict().keys()
    shared = {name.removeprefix("first_stage_model.") for name in names if name.startswith("first_stage_model.")}
    assert {f"cond_stage_model.{name}" for name in shared} <= names
    gaussian = built(conditioner=SharedFirstStage())
    posterior: Any = gaussian.first_stage_model.encode(pictures)  # type: ignore[union-attr]
    assert torch.equal(gaussian.condition(pictures), posterior.mode())


def test_text_towers_lie_under_the_originals_names() -> None:
    names = {
        "sd1": (
            built(conditioner=(CLIP,), family="sd1"), "cond_stage_model.transformer.text_model.final_layer_norm.bias",
        ),
        "sd2": (built(conditioner=(OPENCLIP,), family="sd2"), "cond_stage_model.model.ln_final.bias"),
        "sdxl": (built(conditioner=(CLIP, OPENCLIP), family="sdxl"), "conditioner.embedders.1.model.ln_final.bias"),
        "sdxl-refiner": (
            built(conditioner=(OPENCLIP,), family="sdxl-refiner"), "conditioner.embedders.0.model.ln_final.bias",
        ),
    }  # fmt: skip
    for family, (model, name) in names.items():
        assert name in model.state_dict(), family
        assert len(model.text_encoder().readers) == len(model.config.conditioner)  # type: ignore[arg-type]


def test_the_schedule_and_a_measured_scale_are_buffers() -> None:
    names = built(scale_by_std=True).state_dict().keys()
    assert {"betas", "alphas_cumprod", "posterior_mean_coef2", "scale_factor"} <= names
    assert "scale_factor" not in built().state_dict()


def test_what_is_not_there_is_named() -> None:
    model = built(first_stage=None)
    with pytest.raises(ModelError, match="has no autoencoder"):
        model.decode(X)
    with pytest.raises(ModelError, match="has no CLIP text encoder"):
        model.text_encoder()


def test_parts_are_modules_that_move_together() -> None:
    model = built(conditioner=(CLIP,), family="sd1")
    assert all(isinstance(part, nn.Module) for part in (model.model, model.first_stage_model, model.encoder))
    assert model.double().betas.dtype == torch.float64
