"""Prompts for SDXL and its refiner, and pictures for models that edit."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models.diffusion_model import DiffusionModel
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.nodes import autoencoder, sdxl
from ldm_nodes.nodes.kinds import cond_kind
from ldm_nodes.nodes.runtime import Runtime
from tests.nodes.pairings import checkpoint

LONG = "a fox " * 60


def loaded(parts: Executor[Runtime], name: str) -> tuple[DiffusionModel, TextEncoder, Any]:
    plan = make_plan(Prompt.parse({"1": checkpoint(name)}), parts.registry, parts.runtime.folders, ["1"])
    return cast("tuple[DiffusionModel, TextEncoder, Any]", parts.run(plan).outputs["1"])


def encode(clip: TextEncoder, context: Context[Runtime], **changes: Any) -> list[Any]:
    given: dict[str, Any] = {"text_g": "a red fox", "text_l": "a blue toad"} | changes
    (entry,) = sdxl.clip_text_encode_sdxl(clip, context=context, **given)
    return entry


def test_each_tower_reads_its_own_prompt(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    _, clip, _ = loaded(parts, "sdxl")
    small = clip.readers[0].tower.config.hidden_size
    both, _ = encode(clip, context)
    toad, _ = clip.encode("a blue toad")
    fox, pooled = clip.encode("a red fox")
    torch.testing.assert_close(both[..., :small], toad[..., :small])
    torch.testing.assert_close(both[..., small:], fox[..., small:])
    context_of_fox, options = encode(clip, context, text_l="a red fox")
    torch.testing.assert_close(context_of_fox, fox)
    torch.testing.assert_close(options["pooled_output"], pooled)


def test_the_shorter_prompt_is_filled_up_with_nothing(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    _, clip, _ = loaded(parts, "sdxl")
    small = clip.readers[0].tower.config.hidden_size
    both, _ = encode(clip, context, text_g=LONG)
    nothing, _ = clip.encode("")
    torch.testing.assert_close(both[:, 77:154, :small], nothing[..., :small])
    torch.testing.assert_close(both[..., small:], clip.encode(LONG)[0][..., small:])


def test_the_sizes_reach_the_network(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    model, clip, _ = loaded(parts, "sdxl")
    shape = torch.Size((1, 4, 8, 8))
    vectors = []
    for width in (64, 512):
        entry, options = encode(clip, context, width=width, height=64, target_width=64, target_height=64)
        vectors.append(model.conditions(entry, options, shape, negative=False)["y"])
    plain, options = clip.encode("a red fox")[0], {"pooled_output": clip.encode("a red fox")[1]}
    torch.testing.assert_close(vectors[0], model.conditions(plain, options, shape, negative=False)["y"])
    assert not torch.equal(vectors[0], vectors[1])


def test_the_refiner_hears_how_beautiful_it_should_be(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    model, clip, _ = loaded(parts, "sdxl-refiner")
    shape = torch.Size((1, 4, 8, 8))

    def vector(score: float, negative: bool) -> torch.Tensor:
        (entry,) = sdxl.clip_text_encode_sdxl_refiner(
            ascore=score, width=64, height=64, text="a fox", clip=clip, context=context
        )
        return model.conditions(entry[0], entry[1], shape, negative)["y"]

    torch.testing.assert_close(vector(6.0, negative=True), vector(6.0, negative=False))
    assert not torch.equal(vector(6.0, negative=False), vector(2.5, negative=False))


@pytest.mark.parametrize("name", ["sd1", "sd2", "sdxl-refiner"])
def test_other_encoders_are_told_apart(parts: Executor[Runtime], context: Context[Runtime], name: str) -> None:
    _, clip, _ = loaded(parts, name)
    with pytest.raises(InputError, match="prompts for the text towers g, l; this encoder") as caught:
        encode(clip, context)
    assert caught.value.input_name == "clip"


def test_a_picture_to_edit_goes_beside_both_prompts(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    _, _, vae = loaded(parts, "sd1")
    pixels = torch.rand(2, 67, 64, 3, generator=torch.Generator().manual_seed(0))
    prompt: list[list[Any]] = [[torch.zeros(1, 77, 8), {"pooled_output": None}]]
    positive, negative, latent = autoencoder.instruct_pix_to_pix_conditioning(
        prompt, prompt, vae, pixels, context=context
    )
    expected = autoencoder.vae_encode(pixels, vae, context=context)["samples"]
    for conditioning in (positive, negative):
        assert torch.equal(conditioning[0][1]["concat_latent_image"], expected)
        assert cond_kind(conditioning).entries[0].encoded == 4
        assert not cond_kind(conditioning).entries[0].masked
    assert latent["samples"].shape == expected.shape
    assert not latent["samples"].any()
    assert "concat_latent_image" not in prompt[0][1]
