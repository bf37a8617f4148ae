"""What inpainting models are shown: the picture without what is to be painted, and where that is."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models.first_stage import FirstStage
from ldm_nodes.nodes.autoencoder import inpaint_model_conditioning
from ldm_nodes.nodes.runtime import Runtime
from tests.nodes.pairings import checkpoint

PROMPT: list[list[Any]] = [[torch.zeros(1, 2, 64), {"strength": 0.5}]]


@pytest.fixture
def vae(parts: Executor[Runtime]) -> FirstStage:
    plan = make_plan(Prompt.parse({"1": checkpoint("sd1")}), parts.registry, parts.runtime.folders, ["1"])
    loaded: FirstStage = parts.run(plan).outputs["1"][2]
    return loaded


def _shown(vae: FirstStage, context: Context[Runtime], noise_mask: bool = True) -> tuple[Any, Any, Any]:
    torch.manual_seed(0)
    pixels, mask = torch.rand(1, 70, 66, 3), torch.zeros(1, 70, 66)
    mask[:, :35] = 1
    return inpaint_model_conditioning(PROMPT, PROMPT, vae, pixels, mask, noise_mask, context=context)


def test_both_prompts_get_the_greyed_picture_and_the_mask(vae: FirstStage, context: Context[Runtime]) -> None:
    torch.manual_seed(0)
    pixels = torch.rand(1, 70, 66, 3)[:, 3:67, 1:65]
    greyed = pixels.clone()
    greyed[:, :32] = 0.5
    positive, negative, _ = _shown(vae, context)
    for ((tokens, options),) in (positive, negative):
        assert tokens is PROMPT[0][0]
        assert options["strength"] == 0.5
        assert options["concat_mask"].shape == (1, 1, 64, 64)
        assert options["concat_mask"][0, 0, :, 0].sum() == 32
        torch.testing.assert_close(options["concat_latent_image"], vae.encode(greyed))
    assert "concat_mask" not in PROMPT[0][1]


def test_sampling_starts_from_the_whole_picture(vae: FirstStage, context: Context[Runtime]) -> None:
    torch.manual_seed(0)
    pixels = torch.rand(1, 70, 66, 3)[:, 3:67, 1:65]
    _, _, masked = _shown(vae, context)
    torch.testing.assert_close(masked["samples"], vae.encode(pixels))
    assert masked["noise_mask"].shape == (1, 1, 64, 64)
    assert "noise_mask" not in _shown(vae, context, noise_mask=False)[2]
