"""No operation is tied to one device: from prompt to picture with every tensor of the model on torch's meta device.

A tensor made on the CPU by mistake cannot meet one on the meta device; the run would stop there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import ldm_nodes
from ldm_nodes.models.class_encoder import ClassEncoder
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.loader import LoadedCheckpoint, load_checkpoint
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.sampling.sample import sample
from ldm_nodes.sampling.tables import SAMPLERS

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"
NOWHERE = torch.device("meta")
# These choose their steps by the error that they measure, so they need numbers.
ADAPTIVE = {"dpm_adaptive"}


def loaded(name: str, dtype: torch.dtype = torch.float16) -> LoadedCheckpoint:
    return load_checkpoint(ASSETS / name, Compute(NOWHERE, dtype))


def prompts(model: LoadedCheckpoint) -> list[Any]:
    assert isinstance(model.conditioner, TextEncoder)
    encoded = model.conditioner.encode_batch(["a (red:1.3) fox", ""])
    return [[[context, {"pooled_output": pooled}]] for context, pooled in encoded]


@pytest.fixture(autouse=True)
def without_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the checks that look at numbers; there are none here."""
    monkeypatch.setattr("ldm_nodes.sampling.sample.check_latent", lambda *_: None)
    monkeypatch.setattr("ldm_nodes.sampling.sample.check_conditioning", lambda *_: None)


@pytest.fixture(scope="module")
def text_model() -> LoadedCheckpoint:
    return loaded("tiny-sd-v1.safetensors")


@pytest.mark.parametrize("sampler_name", [name for name in SAMPLERS if name not in ADAPTIVE])
def test_every_sampler_follows_its_inputs(sampler_name: str, text_model: LoadedCheckpoint) -> None:
    positive, negative = prompts(text_model)
    latent = sample(
        text_model.model, positive=positive, negative=negative, latent=torch.zeros(1, 4, 8, 8, device=NOWHERE),
        seed=1, steps=3, cfg=7.5, sampler_name=sampler_name, scheduler="normal",
    )  # fmt: skip
    assert latent.device == NOWHERE


def test_masks_areas_and_pictures_follow_too(text_model: LoadedCheckpoint) -> None:
    positive, negative = prompts(text_model)
    assert text_model.first_stage is not None
    latent = text_model.first_stage.encode(torch.zeros(1, 64, 64, 3, device=NOWHERE))
    positive.append([positive[0][0], {"area": (4, 8, 0, 0), "strength": 0.5}])
    result = sample(
        text_model.model, positive=positive, negative=negative, latent=latent, seed=1, steps=4, cfg=7.5,
        sampler_name="plms", scheduler="uniform", denoise=0.5, noise_mask=torch.ones(1, 64, 64),
    )  # fmt: skip
    assert result.device == NOWHERE
    assert text_model.first_stage.decode(result).shape == (1, 64, 64, 3)


def test_a_class_model_with_a_codebook_follows_too() -> None:
    model = loaded("tiny-class-v1.safetensors", torch.bfloat16)
    assert isinstance(model.conditioner, ClassEncoder)
    positive, negative = ([[model.conditioner.encode_class(class_id), {}]] for class_id in (3, -1))
    quantising = model.model.with_options(eta=1.0, quantize_denoised=True)
    latent = sample(
        quantising, positive=positive, negative=negative, latent=torch.zeros(1, 3, 8, 8, device=NOWHERE), seed=1,
        steps=4, cfg=1.5, sampler_name="ddim_ldm", scheduler="uniform", options=quantising.sampler_options,
    )  # fmt: skip
    assert model.first_stage is not None
    assert model.first_stage.decode(latent).device == NOWHERE
