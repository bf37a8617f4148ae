"""The first stages against the original's moments, samples, codes, decoded pictures and gradients."""

from __future__ import annotations

from typing import TypeVar

import pytest
import torch

from ldm_nodes.models.autoencoder import AutoencoderKL, CodebookAutoencoder, VQModel, VQModelInterface
from ldm_nodes.models.config import AutoencoderConfig
from tests import golden

KL = ["kl_with_attention", "kl_without_attention"]
VQ: list[tuple[str, type[CodebookAutoencoder]]] = [("vq_model", VQModel), ("vq_model_interface", VQModelInterface)]

Model = TypeVar("Model", AutoencoderKL, VQModel, VQModelInterface, CodebookAutoencoder)


def loaded(case: golden.Golden, kind: type[Model]) -> Model:
    model = kind(AutoencoderConfig.from_params(case.manifest["config"]["params"])).eval()
    model.load_state_dict(case.weights(), strict=True)
    return model.requires_grad_(False)


@pytest.mark.parametrize("name", KL)
def test_encoder(name: str) -> None:
    case = golden.load("02_autoencoders", name)
    model = loaded(case, AutoencoderKL)
    case.assert_close("encoder_out", model.encoder(case.tensors["x"]))
    posterior = model.encode(case.tensors["x"])
    case.assert_close("moments", posterior.parameters)
    case.assert_close("mean", posterior.mean)
    case.assert_close("logvar", posterior.logvar)
    case.assert_close("std", posterior.std)
    case.assert_close("kl", posterior.kl())
    case.assert_close("sample", posterior.sample(noise=case.tensors["noise"]))


@pytest.mark.parametrize("name", KL)
def test_decoder(name: str) -> None:
    case = golden.load("02_autoencoders", name)
    model = loaded(case, AutoencoderKL)
    case.assert_close("decode_mode", model.decode(model.encode(case.tensors["x"]).mode()))
    case.assert_close("decode_sample", model.decode(case.tensors["sample"]))
    case.assert_close("decode_z", model.decode(case.tensors["z"]))


@pytest.mark.parametrize(("name", "seed"), [("kl_with_attention", 207), ("kl_without_attention", 206)])
def test_forward_draws_once_on_the_cpu(name: str, seed: int) -> None:
    case = golden.load("02_autoencoders", name)
    generator = torch.Generator().manual_seed(seed)
    reconstruction, _ = loaded(case, AutoencoderKL)(case.tensors["x"], generator=generator)
    case.assert_close("forward", reconstruction)


def test_vq_model() -> None:
    case = golden.load("02_autoencoders", "vq_model")
    model = loaded(case, VQModel)
    latent, loss, indices = model.encode(case.tensors["x"])
    case.assert_close("quant", latent)
    case.assert_close("codebook_loss", loss)
    case.assert_close("indices", indices)
    case.assert_close("decode_quant", model.decode(latent))
    reconstruction, difference = model(case.tensors["x"])
    case.assert_close("forward", reconstruction)
    case.assert_close("forward_diff", difference)
    case.assert_close("encode_to_prequant", model.encode_to_prequant(case.tensors["x"]))


def test_vq_model_interface() -> None:
    case = golden.load("02_autoencoders", "vq_model_interface")
    model = loaded(case, VQModelInterface)
    latent = model.encode(case.tensors["x"])
    case.assert_close("prequant", latent)
    case.assert_close("encode", latent)
    case.assert_close("indices", model.quantize(latent).indices)
    case.assert_close("codebook_loss", model.quantize(latent).loss)
    case.assert_close("indices_z", model.quantize(case.tensors["z"]).indices)
    case.assert_close("decode_quantized", model.decode(latent))
    case.assert_close("decode_force_not_quantize", model.decode(latent, force_not_quantize=True))
    case.assert_close("decode_z_quantized", model.decode(case.tensors["z"]))
    case.assert_close("decode_z_force_not_quantize", model.decode(case.tensors["z"], force_not_quantize=True))


@pytest.mark.parametrize(("name", "kind"), VQ)
def test_codebook_entries(name: str, kind: type[CodebookAutoencoder]) -> None:
    case = golden.load("02_autoencoders", name)
    model = loaded(case, kind)
    shape = (2, 3, 4, model.config.embed_dim)
    case.assert_close("codebook_entry", model.quantize.get_codebook_entry(case.tensors["codebook_ids"], shape))


@pytest.mark.parametrize(("name", "kind"), VQ)
def test_codebook_gradients(name: str, kind: type[CodebookAutoencoder]) -> None:
    case = golden.load("02_autoencoders", name)
    model = loaded(case, kind).requires_grad_(True)
    z = case.tensors["grad.z_in"].clone().requires_grad_()
    quantized = model.quantize(z)
    (3 * quantized.loss + (case.tensors["grad.w"] * quantized.latent).sum()).backward()
    assert z.grad is not None
    assert model.quantize.embedding.weight.grad is not None
    case.assert_close("grad.dz", z.grad)
    case.assert_close("grad.dE", model.quantize.embedding.weight.grad)
