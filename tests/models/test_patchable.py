"""A model that nodes and packs change: clones, and every setter at work in a sampling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import ldm_nodes
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.diffusion_model import DiffusionModel
from ldm_nodes.models.loader import load_checkpoint
from ldm_nodes.sampling.guiders import CFGGuider
from ldm_nodes.sampling.named_sampler import NamedSampler

CHECKPOINT = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
NOISE = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1))
POSITIVE: list[list[Any]] = [[torch.full((1, 77, 8), 0.5), {}]]
NEGATIVE: list[list[Any]] = [[torch.full((1, 77, 8), -0.5), {}]]
SIGMAS = torch.tensor([3.0, 1.0, 0.0])


@pytest.fixture(scope="module")
def loaded() -> DiffusionModel:
    return load_checkpoint(CHECKPOINT, Compute(torch.device("cpu"), torch.float32)).model


def _sampled(model: DiffusionModel, cfg: float = 3.0, sampler: str = "euler", mask: Tensor | None = None) -> Tensor:
    guider = CFGGuider(model)
    guider.set_conds(POSITIVE, NEGATIVE)
    guider.set_cfg(cfg)
    return guider.sample(NOISE, torch.zeros_like(NOISE), NamedSampler(sampler), SIGMAS, denoise_mask=mask)


def test_a_clone_shares_weights_and_nothing_else(loaded: DiffusionModel) -> None:
    first = loaded.clone()
    first.set_model_sampler_post_cfg_function(lambda args: args["denoised"])
    first.set_attachments("key", "kept")
    second = first.clone()
    second.set_model_sampler_post_cfg_function(lambda args: args["denoised"] * 0)
    second.set_model_attn1_patch(lambda n, context, value, told: (n, context, value))
    second.add_object_patch("model_sampling", None)
    assert loaded.model_options == {}
    assert len(first.model_options["sampler_post_cfg_function"]) == 1
    assert "transformer_options" not in first.model_options
    assert not first.object_patches
    assert second.get_attachment("key") == "kept"
    assert second.network is loaded.network


def test_hooks_that_change_nothing_leave_the_picture(loaded: DiffusionModel) -> None:
    model = loaded.clone()
    model.set_model_sampler_cfg_function(lambda args: args["uncond"] + (args["cond"] - args["uncond"]) * 3.0)
    model.set_model_sampler_pre_cfg_function(lambda args: args["conds_out"])
    model.set_model_sampler_post_cfg_function(lambda args: args["denoised"])
    model.set_model_unet_function_wrapper(lambda apply, call: apply(call["input"], call["timestep"], **call["c"]))
    model.set_model_attn2_patch(lambda n, context, value, told: (n, context, value))
    torch.testing.assert_close(_sampled(model), _sampled(loaded), rtol=1e-4, atol=1e-4)


def test_guidance_can_be_replaced_by_a_function_of_three(loaded: DiffusionModel) -> None:
    model = loaded.clone()
    model.set_model_sampler_cfg_function(lambda cond, uncond, cond_scale: cond)
    torch.testing.assert_close(_sampled(model), _sampled(loaded, cfg=1.0), rtol=1e-4, atol=1e-4)


def test_hooks_are_told_what_they_may_use(loaded: DiffusionModel) -> None:
    model, seen = loaded.clone(), dict[str, Any]()

    def note(args: dict[str, Any]) -> Tensor:
        seen.update(args)
        denoised: Tensor = args["denoised"]
        return denoised

    model.set_model_sampler_post_cfg_function(note)
    _sampled(model)
    wanted = {"denoised", "cond", "uncond", "cond_scale", "model", "uncond_denoised", "cond_denoised", "sigma",
              "model_options", "input"}  # fmt: skip
    assert seen.keys() >= wanted
    assert seen["cond_scale"] == 3
    assert seen["model"].current_patcher is model
    guided = seen["uncond_denoised"] + (seen["cond_denoised"] - seen["uncond_denoised"]) * 3
    torch.testing.assert_close(seen["denoised"], guided)


@pytest.mark.parametrize("asked", [False, True])
def test_the_negative_pass_is_kept_where_a_hook_asks_for_it(loaded: DiffusionModel, asked: bool) -> None:
    model, negatives = loaded.clone(), list[bool]()

    def note(args: dict[str, Any]) -> Tensor:
        negatives.append(bool(args["uncond_denoised"].any()))
        denoised: Tensor = args["denoised"]
        return denoised

    model.set_model_sampler_post_cfg_function(note, disable_cfg1_optimization=asked)
    _sampled(model, cfg=1.0)
    assert negatives == [asked, asked]


def test_the_predictions_of_prompts_can_be_computed_otherwise(loaded: DiffusionModel) -> None:
    model = loaded.clone()
    model.set_model_sampler_calc_cond_batch_function(lambda args: [args["input"] * 0 + 2, args["input"] * 0 + 1])
    torch.testing.assert_close(_sampled(model), torch.full_like(NOISE, (1 + 3 * (2 - 1)) / model.scale_factor))


def test_a_wrapper_sees_the_call_of_the_denoiser(loaded: DiffusionModel) -> None:
    model, calls = loaded.clone(), list[dict[str, Any]]()

    def wrapper(apply: Any, call: dict[str, Any]) -> Tensor:
        calls.append(call)
        made: Tensor = apply(call["input"], call["timestep"], **call["c"])
        return made

    model.set_model_unet_function_wrapper(wrapper)
    _sampled(model)
    assert [call["cond_or_uncond"] for call in calls] == [[1, 0], [1, 0]]
    assert calls[1]["timestep"].tolist() == [1.0, 1.0]
    assert calls[0]["c"]["c_crossattn"].shape == (2, 77, 8)
    assert calls[0]["c"]["transformer_options"]["sample_sigmas"].tolist() == SIGMAS.tolist()


def test_the_mask_may_change_from_level_to_level(loaded: DiffusionModel) -> None:
    model, levels = loaded.clone(), list[float]()

    def open_late(sigma: Tensor, mask: Tensor, extra_options: dict[str, Any]) -> Tensor:
        levels.append(sigma[0].item())
        assert extra_options["sigmas"].tolist() == SIGMAS.tolist()
        return torch.ones_like(mask) if sigma[0] < 2 else mask

    model.set_model_denoise_mask_function(open_late)
    latent = _sampled(model, mask=torch.zeros(1, 8, 8))
    assert levels == [3.0, 1.0]
    assert latent.abs().max() > 0.01  # a closed mask would have kept the empty latent


def test_patches_inside_the_network_are_told_the_prompts_and_the_level(loaded: DiffusionModel) -> None:
    model, seen = loaded.clone(), list[tuple[Any, ...]]()

    def note(h: Tensor, told: dict[str, Any]) -> Tensor:
        seen.append((told["cond_or_uncond"], told["sigmas"].tolist(), told["block"]))
        return h

    model.set_model_input_block_patch(note)
    _sampled(model)
    assert seen[0] == ([1, 0], [3.0], ("input", 0))


def test_weights_are_patched_in_the_clone_alone(loaded: DiffusionModel) -> None:
    model, name = loaded.clone(), "diffusion_model.out.2.weight"
    weight = loaded.network.state_dict()[name]
    assert model.add_patches({name: ("diff", (weight,)), "absent": (weight,)}, 0.5, 0.5) == [name]
    assert torch.equal(model.running.state_dict()[name], weight)
    assert model.add_patches({name: (None,)}, 0.0, 2.0) == [name]
    torch.testing.assert_close(model.running.state_dict()[name], 2 * weight)
    assert torch.equal(loaded.running.state_dict()[name], weight)
    assert [form[0] for form in model.patches[name]] == [0.5, 0.0]


def test_models_are_merged_by_their_patches(loaded: DiffusionModel) -> None:
    other, name = loaded.clone(), "diffusion_model.out.2.weight"
    weight = loaded.network.state_dict()[name]
    other.add_patches({name: (weight,)}, 2.0)
    merged = loaded.clone()
    merged.add_patches(other.get_key_patches("diffusion_model.out.2"), 0.25, 0.75)
    torch.testing.assert_close(merged.running.state_dict()[name], weight * 1.5)


def test_a_part_of_the_network_can_be_replaced(loaded: DiffusionModel) -> None:
    class Doubled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            final: Tensor = loaded.network.diffusion_model.out(x)
            return 2 * final

    model = loaded.clone()
    model.add_object_patch("diffusion_model.out", Doubled())
    context: Tensor = POSITIVE[0][0]
    x, t, conditions = NOISE, torch.tensor([100]), {"context": context}
    torch.testing.assert_close(model.predict(x, t, conditions), 2 * loaded.predict(x, t, conditions))
    assert isinstance(model.get_model_object("diffusion_model.out"), Doubled)
    assert model.get_model_object("diffusion_model.input_blocks.1") is loaded.network.diffusion_model.input_blocks[1]


def test_callbacks_are_told_of_clones(loaded: DiffusionModel) -> None:
    model, told = loaded.clone(), list[Any]()
    model.add_callback_with_key("on_clone", "mine", lambda old, new: told.append((old, new)))
    made = model.clone()
    assert told == [(model, made)]
    made.remove_callbacks_with_key("on_clone", "mine")
    made.clone()
    assert len(told) == 1
