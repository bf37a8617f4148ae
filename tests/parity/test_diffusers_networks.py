"""The networks against diffusers: tiny models of each family's shape, the same weights through the key maps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest
import torch
from diffusers import AutoencoderKL as TheirAutoencoder
from diffusers import UNet2DConditionModel, VQModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from ldm_nodes.models import autoencoder, config, diffusers_config, key_maps
from ldm_nodes.models.text import build_text_tower
from ldm_nodes.models.unet import UNetModel

ATTENDING, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
ATTENDING_UP, PLAIN_UP = "CrossAttnUpBlock2D", "UpBlock2D"
SD1: dict[str, Any] = {
    "block_out_channels": (32, 64, 96, 96),
    "down_block_types": (ATTENDING, ATTENDING, ATTENDING, PLAIN),
    "up_block_types": (PLAIN_UP, ATTENDING_UP, ATTENDING_UP, ATTENDING_UP),
    "cross_attention_dim": 24,
    "attention_head_dim": 4,
}
SD2: dict[str, Any] = {
    **SD1, "attention_head_dim": (2, 4, 6, 6), "use_linear_projection": True, "cross_attention_dim": 40
}  # fmt: skip
SDXL: dict[str, Any] = {
    "block_out_channels": (32, 64, 96),
    "down_block_types": (PLAIN, ATTENDING, ATTENDING),
    "up_block_types": (ATTENDING_UP, ATTENDING_UP, PLAIN_UP),
    "cross_attention_dim": 40,
    "attention_head_dim": (2, 4, 6),
    "use_linear_projection": True,
    "transformer_layers_per_block": (1, 2, 3),
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 6 * 8 + 20,
}
UPSCALER: dict[str, Any] = {
    **SD2, "in_channels": 7, "only_cross_attention": (True, True, True, False), "num_class_embeds": 10
}  # fmt: skip


def randomize(module: nn.Module) -> nn.Module:
    """Give every parameter a value of its own, so that zero-initialised layers count as well."""
    generator = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        scale = 0.3 if parameter.dim() == 1 else parameter[0].numel() ** -0.5
        noise = torch.randn(parameter.shape, generator=generator)
        parameter.data = noise * scale + float(parameter.dim() == 1)
    return module.eval().requires_grad_(False)


def settings(module: Any) -> dict[str, Any]:
    """Return the contents of the config.json that the peer library would write."""
    found: Any = module.config
    return dict(found) if isinstance(found, dict) else dict(found.to_dict())


def close(got: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


def pair_of_unets(options: dict[str, Any]) -> tuple[Any, UNetModel]:
    theirs = randomize(UNet2DConditionModel(sample_size=8, **options))
    found = diffusers_config.unet_config(settings(theirs))
    ours = UNetModel(found).eval().requires_grad_(False)
    ours.load_state_dict(key_maps.rename(theirs.state_dict(), key_maps.unet_key_map(found)), strict=True)
    return theirs, ours


def inputs(channels: int, width: int, size: tuple[int, int] = (16, 8)) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(2, channels, *size, generator=generator)
    return x, torch.tensor([3, 801]), torch.randn(2, 7, width, generator=generator)


@pytest.mark.parametrize("options", [SD1, SD2], ids=["sd1", "sd2"])
def test_unet(options: dict[str, Any]) -> None:
    theirs, ours = pair_of_unets(options)
    x, t, context = inputs(4, options["cross_attention_dim"])
    close(ours(x, t, context), theirs(x, t, encoder_hidden_states=context).sample)


def test_unet_on_a_size_that_does_not_halve_evenly() -> None:
    theirs, ours = pair_of_unets(SD1)
    x, t, context = inputs(4, 24, (13, 9))
    close(ours(x, t, context), theirs(x, t, encoder_hidden_states=context).sample)


def test_sdxl_unet() -> None:
    theirs, ours = pair_of_unets(SDXL)
    x, t, context = inputs(4, 40)
    pooled, sizes = torch.randn(2, 20), torch.tensor([[512.0, 768, 0, 16, 512, 768]] * 2)
    added = {"text_embeds": pooled, "time_ids": sizes}
    y = torch.cat([pooled, theirs.add_time_proj(sizes.flatten()).view(2, -1)], dim=1)
    expected = theirs(x, t, encoder_hidden_states=context, added_cond_kwargs=added).sample
    close(ours(x, t, context, y=y), expected)


def test_upscaler_unet() -> None:
    theirs, ours = pair_of_unets(UPSCALER)
    x, t, context = inputs(7, 40)
    y = torch.tensor([2, 9])
    close(ours(x, t, context, y=y), theirs(x, t, encoder_hidden_states=context, class_labels=y).sample)


@pytest.mark.parametrize("attention", [False, True], ids=["plain", "attention on a level"])
def test_autoencoder(attention: bool) -> None:
    last = "Attn" if attention else ""
    theirs: Any = randomize(
        TheirAutoencoder(
            block_out_channels=(32, 32, 64, 64),
            down_block_types=("DownEncoderBlock2D",) * 3 + (f"{last}DownEncoderBlock2D",),
            up_block_types=(f"{last}UpDecoderBlock2D",) + ("UpDecoderBlock2D",) * 3,
            latent_channels=4,
            layers_per_block=2,
        )
    )
    found = diffusers_config.autoencoder_config(settings(theirs))
    ours = autoencoder.AutoencoderKL(found).eval().requires_grad_(False)
    ours.load_state_dict(key_maps.rename(theirs.state_dict(), key_maps.vae_key_map(found)), strict=True)
    x = torch.randn(2, 3, 32, 48, generator=torch.Generator().manual_seed(2))
    posterior = theirs.encode(x).latent_dist
    close(ours.encode(x).parameters, posterior.parameters)
    close(ours.decode(posterior.mode()), theirs.decode(posterior.mode()).sample)


def test_vq_autoencoder() -> None:
    theirs: Any = randomize(
        VQModel(
            block_out_channels=(32, 64),
            down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2,
            latent_channels=3,
            layers_per_block=1,
            num_vq_embeddings=50,
        )
    )
    found = diffusers_config.autoencoder_config(settings(theirs))
    ours = autoencoder.VQModelInterface(found).eval().requires_grad_(False)
    ours.load_state_dict(key_maps.rename(theirs.state_dict(), key_maps.vae_key_map(found)), strict=True)
    x = torch.randn(2, 3, 16, 24, generator=torch.Generator().manual_seed(2))
    latent = theirs.encode(x).latents
    close(ours.encode(x), latent)
    close(ours.decode(latent), theirs.decode(latent).sample)


def test_old_names_of_the_attention_in_the_autoencoder() -> None:
    key_map = key_maps.vae_key_map(config.KL_F8)
    old, new = (f"decoder.mid_block.attentions.0.{name}.weight" for name in ("proj_attn", "to_out.0"))
    assert key_map[old] == key_map[new]
    assert key_map[old].adapt(torch.zeros(512, 512)).shape == (512, 512, 1, 1)
    assert key_map[old].adapt(torch.zeros(512, 512, 1, 1)).shape == (512, 512, 1, 1)


def text_tower(activation: str, projects: bool) -> Any:
    tower = CLIPTextModelWithProjection if projects else CLIPTextModel
    sizes = CLIPTextConfig(
        vocab_size=99, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        hidden_act=activation, projection_dim=20, eos_token_id=98, bos_token_id=97,
    )  # fmt: skip
    return randomize(tower(sizes))


@pytest.mark.parametrize("layout", ["clip", "openclip"])
@pytest.mark.parametrize(("activation", "projects"), [("quick_gelu", False), ("gelu", True)])
def test_text_tower(layout: Literal["clip", "openclip"], activation: str, projects: bool) -> None:
    theirs = text_tower(activation, projects)
    described = {**settings(theirs), "architectures": [type(theirs).__name__]}
    found = replace(diffusers_config.text_config(described), layout=layout)
    ours = build_text_tower(found).eval().requires_grad_(False)
    state = key_maps.rename(theirs.state_dict(), key_maps.text_key_map(found))
    missing = ours.load_state_dict(state, strict=False).missing_keys
    assert set(missing) <= {"text_projection", "logit_scale"}  # which transformers' model without projection lacks
    ids = torch.tensor([[97, 5, 9, 17, 98, 0, 0], [97, 5, 98, 0, 0, 0, 0]])
    expected = theirs(ids, output_hidden_states=True)
    penultimate, last = ours(ours.embed(ids), -2)
    close(penultimate, expected.hidden_states[-2])
    close(ours.normalize(last), expected.last_hidden_state)
    if projects:
        pooled = ours.normalize(last)[torch.arange(2), (ids == 98).int().argmax(1)]
        close(ours.project(pooled), expected.text_embeds)


def test_every_name_of_a_full_size_network_is_known() -> None:
    for preset in (config.SD1_UNET, config.SD2_UNET, config.SDXL_UNET, config.SDXL_REFINER_UNET):
        with torch.device("meta"):
            names = set(UNetModel(preset).state_dict())
        assert names <= {target.name for target in key_maps.unet_key_map(preset).values()}
