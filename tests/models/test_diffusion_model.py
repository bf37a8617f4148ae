from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

import ldm_nodes
from ldm_nodes.models import config as presets
from ldm_nodes.models.conditions import BLANK, network_conditions
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.errors import ModelError
from ldm_nodes.models.loader import load_checkpoint
from ldm_nodes.models.model_config import ModelConfig
from ldm_nodes.sampling.run import SamplerOptions

if TYPE_CHECKING:
    from ldm_nodes.models.diffusion_model import DiffusionModel

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"
CPU = torch.device("cpu")
SHAPE = torch.Size((1, 4, 8, 12))


def tiny(dtype: torch.dtype = torch.float32, name: str = "tiny-sd-v1") -> DiffusionModel:
    return load_checkpoint(ASSETS / f"{name}.safetensors", Compute(CPU, dtype)).model


def of(family: str, unet: presets.UNetConfig) -> ModelConfig:
    return ModelConfig(family, unet, None, None, "crossattn-adm", scale_factor=0.18215)


def made(
    config: ModelConfig, shape: torch.Size = SHAPE, *, negative: bool = False, **options: Any
) -> dict[str, Tensor]:
    return network_conditions(config, torch.zeros(1, 77, config.unet.context_dim or 1), options, shape, negative)


SD1 = of("sd1", presets.SD1_UNET)
INPAINT = of("sd1-inpaint", presets.SD1_INPAINT_UNET)
EDIT = of("sd1-edit", replace(presets.SD1_UNET, in_channels=8))
DEPTH = of("sd2-depth", presets.SD2_DEPTH_UNET)
LDM_INPAINT = of("ldm-concat-inpaint", presets.INPAINT_BIG_UNET)
SDXL = of("sdxl", presets.SDXL_UNET)
REFINER = of("sdxl-refiner", presets.SDXL_REFINER_UNET)


def test_it_predicts_what_the_network_predicts_in_float32_whatever_its_type() -> None:
    x, t = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([10.0, 990.5])
    context = torch.randn(2, 77, 8, generator=torch.Generator().manual_seed(2))
    exact = tiny()
    expected = exact.network.diffusion_model(x, t, context=context)
    torch.testing.assert_close(exact.predict(x, t, {"context": context}), expected)
    rough = tiny(torch.bfloat16).predict(x, t, {"context": context})
    assert rough.dtype == torch.float32
    assert 0 < (rough - expected).abs().max() < 0.1 * expected.abs().max()


def test_keys_and_values_of_a_context_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model, calls = tiny(), 0
    project = model.network.diffusion_model.project_context

    def counted(context: Tensor) -> Any:
        nonlocal calls
        calls += 1
        return project(context)

    monkeypatch.setattr(model.network.diffusion_model, "project_context", counted)
    x, t, context = torch.zeros(1, 4, 8, 8), torch.tensor([1.0]), torch.randn(1, 77, 8)
    first = [model.predict(x, t, {"context": context}) for _ in range(5)][-1]
    assert calls == 1
    context.zero_()
    assert not torch.equal(model.predict(x, t, {"context": context}), first)
    assert calls == 2
    model.with_options(eta=1.0).predict(x, t, {"context": context})
    assert calls == 2


def test_contexts_that_are_gone_are_not_taken_for_new_ones() -> None:
    """The same address may come back with other numbers; a kept tensor keeps its address."""
    model, x, t = tiny(), torch.zeros(1, 4, 8, 8), torch.tensor([1.0])
    for seed in range(20):
        context = torch.randn(1, 77, 8, generator=torch.Generator().manual_seed(seed))
        torch.testing.assert_close(
            model.predict(x, t, {"context": context}), model.network.diffusion_model(x, t, context=context)
        )
        del context


def test_options_make_a_copy_that_shares_the_weights() -> None:
    model = tiny()
    other = model.with_options(eta=0.5, temperature=0.9, noise_dropout=0.1)
    assert other.network is model.network
    assert other.sampler_options == SamplerOptions(eta=0.5, temperature=0.9, noise_dropout=0.1)
    assert model.sampler_options == SamplerOptions()


def test_quantising_needs_a_codebook_and_uses_it() -> None:
    with pytest.raises(ModelError, match="sd1 has none"):
        tiny().with_options(quantize_denoised=True)
    model = tiny(name="tiny-class-v1").with_options(quantize_denoised=True)
    quantize = model.sampler_options.quantize
    assert quantize is not None
    assert model.codebook is not None
    x0 = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    rows = quantize(x0).movedim(1, -1).reshape(-1, 3)
    assert torch.cdist(rows, model.codebook.embedding.weight).min(dim=1).values.max() < 1e-6


def test_a_context_of_another_family_is_refused() -> None:
    with pytest.raises(ModelError, match=r"1024 wide and the model \(sd1\) takes 768"):
        network_conditions(SD1, torch.zeros(1, 77, 1024), {}, SHAPE, False)


def test_an_unconditional_network_takes_no_context() -> None:
    assert made(of("ldm-unconditional", presets.CELEBA256_UNET), torch.Size((1, 3, 8, 8))) == {}


def test_an_inpainting_model_without_picture_paints_everything() -> None:
    concat = made(INPAINT)["concat"]
    assert torch.equal(concat[:, :1], torch.ones(1, 1, 8, 12))
    assert concat[0, 1:, 3, 4].tolist() == pytest.approx(BLANK)
    assert concat.shape == (1, 5, 8, 12)


def test_an_inpainting_model_gets_mask_then_scaled_latent() -> None:
    mask = torch.zeros(1, 64, 96)
    mask[:, :32] = 1
    latent = torch.randn(2, 4, 8, 12)
    concat = made(INPAINT, concat_mask=mask, concat_latent_image=latent)["concat"]
    assert torch.equal(concat[:, 0, :4], torch.ones(2, 4, 12))
    assert torch.equal(concat[:, 0, 4:], torch.zeros(2, 4, 12))
    torch.testing.assert_close(concat[:, 1:], latent * 0.18215)


def test_the_research_inpainting_model_gets_latent_then_mask_from_minus_one() -> None:
    shape = torch.Size((1, 3, 8, 8))
    latent, mask = torch.randn(1, 3, 8, 8), torch.ones(32, 32)
    concat = made(LDM_INPAINT, shape, concat_mask=mask, concat_latent_image=latent)["concat"]
    torch.testing.assert_close(concat[:, :3], latent * 0.18215)
    assert torch.equal(concat[:, 3:], torch.ones(1, 1, 8, 8))
    assert made(LDM_INPAINT, shape, concat_mask=0 * mask, concat_latent_image=latent)["concat"][:, 3:].max() == -1
    with pytest.raises(ModelError, match="needs a picture and a mask"):
        made(LDM_INPAINT, shape)


def test_an_editing_model_gets_the_unscaled_latent_or_zeros() -> None:
    latent = torch.randn(1, 4, 8, 12)
    assert torch.equal(made(EDIT, concat_latent_image=latent)["concat"], latent)
    assert not made(EDIT)["concat"].any()


def test_a_depth_model_needs_its_picture() -> None:
    with pytest.raises(ModelError, match="needs a picture"):
        made(DEPTH)
    assert made(DEPTH, concat_image=torch.ones(1, 1, 64, 96))["concat"].shape == (1, 1, 8, 12)
    with pytest.raises(ModelError, match=r"has 3 channels; the model \(sd2-depth\) takes 1"):
        made(DEPTH, concat_image=torch.ones(1, 3, 64, 96))


def sinusoid(value: float) -> Tensor:
    """The 256 numbers of one size: cosines, then sines, frequencies falling from 1 to almost 1e-4."""
    angles = value * torch.exp(-torch.log(torch.tensor(10000.0)) * torch.arange(128) / 128)
    return torch.cat([angles.cos(), angles.sin()])


def test_sdxl_gets_the_pooled_text_and_six_sizes() -> None:
    pooled = torch.randn(1, 1280)
    y = made(SDXL, pooled_output=pooled, width=1024, height=768, crop_w=4, crop_h=8, target_width=512)["y"]
    assert y.shape == (1, 2816)
    torch.testing.assert_close(y[:, :1280], pooled)
    expected = torch.cat([sinusoid(value) for value in (768, 1024, 8, 4, 768, 512)])
    torch.testing.assert_close(y[0, 1280:], expected, rtol=1e-4, atol=1e-4)


def test_sdxl_sizes_default_to_the_picture() -> None:
    y = made(SDXL)["y"]
    assert not y[:, :1280].any()
    expected = torch.cat([sinusoid(value) for value in (64, 96, 0, 0, 64, 96)])
    torch.testing.assert_close(y[0, 1280:], expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("negative", "score"), [(False, 6.0), (True, 2.5)])
def test_the_refiner_gets_a_score_that_depends_on_the_side(negative: bool, score: float) -> None:
    y = made(REFINER, negative=negative, pooled_output=torch.ones(1, 1280))["y"]
    assert y.shape == (1, 2560)
    torch.testing.assert_close(y[0, -256:], sinusoid(score), rtol=1e-4, atol=1e-4)
    given = made(REFINER, negative=negative, aesthetic_score=9.0)["y"]
    torch.testing.assert_close(given[0, -256:], sinusoid(9.0), rtol=1e-4, atol=1e-4)


def test_a_pooled_text_of_another_family_is_refused() -> None:
    with pytest.raises(ModelError, match=r"768 wide and the model \(sdxl\) takes 1280"):
        made(SDXL, pooled_output=torch.ones(1, 768))


def test_families_that_need_pictures_as_classes_say_so() -> None:
    with pytest.raises(ModelError, match="sd2-unclip need an image condition"):
        made(of("sd2-unclip", presets.SD2_UNCLIP_H_UNET))
