"""Autoencoders: sizes of the released ones, the parts without golden cases, wrong inputs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from ldm_nodes.models import config
from ldm_nodes.models.autoencoder import AutoencoderKL, VQModel, VQModelInterface
from ldm_nodes.models.codec import AttnBlock, Downsample, LinAttnBlock
from ldm_nodes.models.config import AutoencoderConfig
from ldm_nodes.models.errors import WrongConfig

TINY = AutoencoderConfig(embed_dim=3, z_channels=3, ch=32, ch_mult=(1, 2), num_res_blocks=1, resolution=16)
TINY_VQ = replace(TINY, double_z=False, n_embed=20)

RELEASED = [
    (config.KL_F4, 204, 55_312_063),
    (config.KL_F8, 248, 83_653_863),
    (config.KL_F16, 342, 69_610_963),
    (config.KL_F32, 436, 103_880_131),
    (config.VQ_F4, 205, 55_322_782),
    (config.VQ_F4_NOATTN, 185, 53_219_486),
    (config.VQ_F8, 299, 67_717_295),
    (config.VQ_F8_N256, 299, 67_652_783),
    (config.VQ_F16, 343, 69_593_371),
]


@pytest.mark.parametrize(("setting", "tensors", "parameters"), RELEASED)
def test_size_of_the_released_first_stages(setting: AutoencoderConfig, tensors: int, parameters: int) -> None:
    with torch.device("meta"):
        model = AutoencoderKL(setting) if setting.n_embed is None else VQModel(setting)
    assert len(model.state_dict()) == tensors
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters


def test_sd_vae_in_detail() -> None:
    with torch.device("meta"):
        model = AutoencoderKL(config.KL_F8)
    assert sum(parameter.numel() for parameter in model.encoder.parameters()) == 34_163_592
    assert sum(parameter.numel() for parameter in model.decoder.parameters()) == 49_490_179
    shortcuts = {name.removesuffix(".weight") for name in model.state_dict() if name.endswith("nin_shortcut.weight")}
    assert shortcuts == {
        "encoder.down.1.block.0.nin_shortcut",
        "encoder.down.2.block.0.nin_shortcut",
        "decoder.up.1.block.0.nin_shortcut",
        "decoder.up.0.block.0.nin_shortcut",
    }


def test_a_network_built_on_meta_is_complete_after_loading() -> None:
    original = VQModelInterface(TINY_VQ).eval()
    with torch.device("meta"):
        model = VQModelInterface(TINY_VQ).eval()
    model.load_state_dict(original.state_dict(), strict=True, assign=True)
    x = torch.rand(1, 3, 8, 8)
    assert torch.equal(model(x), original(x))


def test_runs_in_the_type_of_its_weights_and_answers_in_the_inputs() -> None:
    model = AutoencoderKL(TINY).eval()
    x = torch.rand(1, 3, 16, 8)
    expected = model.decode(model.encode(x).mode())
    model = model.bfloat16()
    got = model.decode(model.encode(x).mode())
    assert got.dtype == torch.float32
    assert 0 < (got - expected).abs().max() < 0.1


def test_channels_last_gives_the_same() -> None:
    model = AutoencoderKL(replace(TINY, attn_resolutions=(8,))).eval()
    x = torch.rand(1, 3, 16, 8)
    expected, _ = model(x, sample_posterior=False)
    model.memory_format = torch.channels_last
    torch.testing.assert_close(model(x, sample_posterior=False)[0], expected, rtol=1e-5, atol=1e-5)


def test_downsampling_pads_at_the_right_and_the_bottom() -> None:
    down = Downsample(32, with_conv=True)
    x = torch.rand(1, 32, 6, 6)
    padded = torch.zeros(1, 32, 7, 7)
    padded[..., :6, :6] = x
    expected = F.conv2d(padded, down.conv.weight, down.conv.bias, stride=2)
    torch.testing.assert_close(down(x), expected)


def test_resampling_without_convolutions_has_no_parameters() -> None:
    model = AutoencoderKL(replace(TINY, resamp_with_conv=False))
    assert not any("sample" in name for name in model.state_dict())
    assert model.decode(torch.zeros(1, 3, 4, 4)).shape == (1, 3, 8, 8)
    assert model.encode(torch.zeros(1, 3, 8, 8)).mean.shape == (1, 3, 4, 4)


def test_tanh_and_the_end_left_out() -> None:
    torch.manual_seed(0)
    z = 5 * torch.randn(1, 3, 4, 4)
    plain = AutoencoderKL(TINY).eval()
    bounded = AutoencoderKL(replace(TINY, tanh_out=True)).eval()
    open_ended = AutoencoderKL(replace(TINY, give_pre_end=True)).eval()
    for model in (bounded, open_ended):
        model.load_state_dict(plain.state_dict())
    assert torch.equal(bounded.decode(z), plain.decode(z).tanh())
    assert open_ended.decode(z).shape == (1, 32, 8, 8)


def test_attention_is_a_softmax_of_one_head() -> None:
    torch.manual_seed(0)
    block = AttnBlock(32)
    x = torch.randn(2, 32, 3, 5)
    h = block.norm(x)
    q, k, v = (F.conv2d(h, layer.weight, layer.bias).flatten(2) for layer in (block.q, block.k, block.v))
    weights = torch.einsum("bci,bcj->bij", q, k).mul(32**-0.5).softmax(dim=2)
    mixed = torch.einsum("bij,bcj->bci", weights, v).view_as(x)
    expected = x + F.conv2d(mixed, block.proj_out.weight, block.proj_out.bias)
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


def test_linear_attention_is_a_softmax_of_the_keys_without_residual() -> None:
    torch.manual_seed(0)
    block = LinAttnBlock(32)
    x = torch.randn(2, 32, 3, 5)
    q, k, v = F.conv2d(x, block.to_qkv.weight).flatten(2).chunk(3, dim=1)
    context = torch.einsum("bdn,ben->bde", k.softmax(dim=2), v)
    mixed = torch.einsum("bde,bdn->ben", context, q).reshape_as(x)
    expected = F.conv2d(mixed, block.to_out.weight, block.to_out.bias)
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-5)


def test_linear_attention_takes_the_place_of_every_attention() -> None:
    names = AutoencoderKL(replace(TINY, attn_type="linear", attn_resolutions=(8,))).state_dict()
    assert {"encoder.mid.attn_1.to_qkv.weight", "encoder.down.1.attn.0.to_out.bias"} <= set(names)


def test_codes_decode_to_their_entries() -> None:
    model = VQModel(replace(TINY_VQ, sane_index_shape=True)).eval()
    latent, _, indices = model.encode(torch.rand(2, 3, 8, 12))
    assert indices.shape == (2, 4, 6)
    torch.testing.assert_close(model.decode_code(indices), model.decode(latent), rtol=1e-4, atol=1e-5)


def test_every_tensor_follows_the_device_of_the_inputs() -> None:
    x = torch.zeros(1, 3, 8, 8, device="meta")
    assert VQModelInterface(TINY_VQ).to("meta")(x).is_meta
    model = AutoencoderKL(TINY).to("meta")
    assert model.encode(x).sample().is_meta
    assert model(x)[0].is_meta


def test_a_codebook_model_needs_a_codebook() -> None:
    with pytest.raises(WrongConfig, match="needs n_embed"):
        VQModel(TINY)


@pytest.mark.parametrize("shape", [(1, 4, 8, 8), (3, 8, 8)])
def test_wrong_pictures(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"picture has the shape .* takes \(B, 3, height, width\)"):
        AutoencoderKL(TINY).encode(torch.zeros(shape))


def test_wrong_latents() -> None:
    with pytest.raises(ValueError, match="latent has the shape"):
        AutoencoderKL(TINY).decode(torch.zeros(1, 4, 8, 8))
