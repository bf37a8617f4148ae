"""Values whose shape only a run can tell: each node says what is wrong with them before torch does."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models.diffusion_model import DiffusionModel
from ldm_nodes.models.first_stage import FirstStage
from ldm_nodes.nodes import autoencoder, conditioning, latent_mixing, sampling
from ldm_nodes.nodes.kinds import MARK, cond_kind, latent_kind
from ldm_nodes.nodes.runtime import Runtime
from tests.nodes.pairings import checkpoint

Cond = list[list[Any]]


def _loaded(parts: Executor[Runtime], name: str) -> tuple[DiffusionModel, FirstStage]:
    prompt = Prompt.parse({"1": checkpoint(name)})
    plan = make_plan(prompt, parts.registry, parts.runtime.folders, ["1"])
    model, _, vae = parts.run(plan).outputs["1"]
    return cast("DiffusionModel", model), cast("FirstStage", vae)


def _cond(batch: int = 1, width: int = 4, **options: Any) -> Cond:
    return [[torch.zeros(batch, 2, width), {"pooled_output": torch.zeros(batch, 3), **options}]]


def _latent(*shape: int) -> dict[str, Any]:
    return {"samples": torch.ones(*shape)}


@pytest.mark.parametrize(
    ("pixels", "received"),
    [
        (torch.zeros(1, 64, 64, 1), "pictures with 1 colour channels"),
        (torch.zeros(1, 64, 64, 2), "pictures with 2 colour channels"),
        (torch.zeros(1, 64, 64), r"a tensor of shape \(1, 64, 64\)"),
        (torch.zeros(0, 64, 64, 3), r"a tensor of shape \(0, 64, 64, 3\)"),
    ],
    ids=["grey", "grey with alpha", "a mask", "none"],
)
def test_no_picture_is_encoded_that_is_none(
    parts: Executor[Runtime], context: Context[Runtime], pixels: Tensor, received: str
) -> None:
    _, vae = _loaded(parts, "sd1")
    mask = torch.ones(1, 64, 64)
    for encode in (
        lambda: autoencoder.vae_encode(pixels, vae, context=context),
        lambda: autoencoder.vae_encode_tiled(pixels, vae, context=context),
        lambda: autoencoder.vae_encode_for_inpaint(pixels, vae, mask, context=context),
        lambda: autoencoder.inpaint_model_conditioning(_cond(), _cond(), vae, pixels, mask, context=context),
    ):
        with pytest.raises(InputError, match=received) as caught:
            encode()
        assert caught.value.input_name == "pixels"


def test_transparency_is_left_out(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    _, vae = _loaded(parts, "sd1")
    pixels = torch.rand(1, 64, 64, 4)
    first, second = (autoencoder.vae_encode(x, vae, context=context)["samples"] for x in (pixels, pixels[..., :3]))
    assert torch.equal(first, second)


def test_masks_and_pictures_must_pair(parts: Executor[Runtime], context: Context[Runtime]) -> None:
    _, vae = _loaded(parts, "sd1")
    pictures = torch.rand(2, 64, 64, 3)
    with pytest.raises(InputError, match=r"a batch of 3. Expected 1 or 2"):
        autoencoder.vae_encode_for_inpaint(pictures, vae, torch.ones(3, 64, 64), context=context)
    one = autoencoder.vae_encode_for_inpaint(pictures, vae, torch.ones(1, 64, 64), context=context)
    assert one["samples"].shape == (2, 4, 8, 8)


@pytest.mark.parametrize("shape", [(1, 4, 1, 8, 8), (4, 8, 8)])
def test_latents_of_no_picture_are_not_decoded(
    parts: Executor[Runtime], context: Context[Runtime], shape: tuple[int, ...]
) -> None:
    _, vae = _loaded(parts, "sd1")
    with pytest.raises(InputError, match="a latent of shape"):
        autoencoder.vae_decode(_latent(*shape), vae, context=context)


def test_latents_that_nobody_signed_are_told_by_their_channels(
    parts: Executor[Runtime], context: Context[Runtime]
) -> None:
    model, vae = _loaded(parts, "sd1")
    with pytest.raises(InputError, match=r"a latent with 3 channels, of unknown origin. Expected the 4 channels"):
        autoencoder.vae_decode(_latent(1, 3, 8, 8), vae, context=context)
    settings: dict[str, Any] = {"seed": 0, "steps": 1, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal"}
    for latent, prompt, received in (
        (_latent(1, 3, 8, 8), _cond(width=64), "a latent with 3 channels"),
        (_latent(1, 4, 8, 8), _cond(width=63), "a conditioning whose context is 63 wide, of unknown origin"),
        (_latent(1, 4, 8), _cond(width=64), r"a tensor of shape \(1, 4, 8\)"),
    ):
        with pytest.raises(InputError, match=received):
            sampling.ksampler(
                model=model, positive=prompt, negative=prompt, latent_image=latent, context=context, **settings
            )


@pytest.mark.parametrize(("to", "source"), [(1, 2), (3, 2)])
def test_pasted_latents_must_pair(context: Context[Runtime], to: int, source: int) -> None:
    with pytest.raises(InputError, match=rf"a batch of {source}. Expected 1 or {to}") as caught:
        latent_mixing.latent_composite(_latent(to, 4, 8, 8), _latent(source, 4, 8, 8), context=context)
    assert caught.value.input_name == "samples_from"


def test_one_latent_is_pasted_into_all(context: Context[Runtime]) -> None:
    pasted = latent_mixing.latent_composite(_latent(3, 4, 8, 8), {"samples": torch.zeros(1, 4, 8, 8)}, context=context)
    assert not pasted["samples"].any()


def test_blended_latents_must_pair(context: Context[Runtime]) -> None:
    with pytest.raises(InputError, match=r"a batch of 2. Expected 1 or 3"):
        latent_mixing.latent_blend(_latent(3, 4, 8, 8), _latent(2, 4, 8, 8), context=context)
    assert (
        latent_mixing.latent_blend(_latent(1, 4, 8, 8), _latent(2, 4, 4, 4), context=context)["samples"].shape[0] == 2
    )


def test_joined_prompts_must_pair() -> None:
    with pytest.raises(InputError, match=r"a batch of 1. Expected 2, as"):
        conditioning.conditioning_concat(_cond(2), _cond(1))
    with pytest.raises(InputError, match=r"a batch of 3. Expected 1 or 2"):
        conditioning.conditioning_average(_cond(2), _cond(3))
    assert conditioning.conditioning_average(_cond(2), _cond(1))[0][0].shape[0] == 2


def test_averaged_prompts_must_have_equal_pooled_vectors() -> None:
    other = _cond(pooled_output=torch.zeros(1, 5))
    with pytest.raises(InputError, match=r"pooled vector is 5 wide.*Expected pooled vectors 3 wide"):
        conditioning.conditioning_average(_cond(), other)
    assert conditioning.conditioning_concat(_cond(), other)[0][0].shape[1] == 4


def test_an_empty_prompt_is_told() -> None:
    for join in (conditioning.conditioning_concat, conditioning.conditioning_average):
        with pytest.raises(InputError, match="no entries"):
            join(_cond(), [])
    assert len(conditioning.conditioning_combine(_cond(), [])) == 1


@pytest.mark.parametrize("mark", [{}, {MARK: None}, {MARK: "a word"}, {MARK: {"gives": "text"}}])
def test_the_marks_of_strangers_do_no_harm(mark: dict[str, Any]) -> None:
    assert cond_kind(_cond(**mark)).entries[0].width == 4
    assert latent_kind({**_latent(1, 4, 8, 8), **mark}) == latent_kind(_latent(1, 4, 8, 8))
