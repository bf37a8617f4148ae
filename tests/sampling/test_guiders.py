"""Guiders: runs of recorded samplers under them, and the arithmetic of several prompts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.errors import SamplingError
from ldm_nodes.sampling.guidance import Options
from ldm_nodes.sampling.guiders import BasicGuider, CFGGuider, DualCFGGuider, PerpNegGuider, perp_neg
from ldm_nodes.sampling.named_sampler import NamedSampler
from ldm_nodes.sampling.noise_values import NoNoise, RandomNoise, noised
from ldm_nodes.sampling.schedules import sampling_sigmas
from ldm_nodes.sampling.tables import DROP_PENULTIMATE, SIGMA_SAMPLERS
from tests.golden import load
from tests.sampling.tiny_model import tiny_model
from tests.sampling.toy_model import ToyModel, prompt

GOLDEN = load("13_comfyui", "samplers")
NODES = GOLDEN.manifest["prompt"]
RUNS: list[dict[str, Any]] = [
    run for run in GOLDEN.manifest["runs"]
    if run.get("kind") != "model call" and not run["overrides"].get("latent") and run["overrides"].get("sampler")
]  # fmt: skip
ONE_EACH = {run["overrides"]["sampler"].get("sampler_name"): run for run in reversed(RUNS)}
LATENT = torch.zeros(2, 4, 6, 6)


def _settings(run: dict[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = NODES[GOLDEN.manifest["sampler_node"]]["inputs"] | run["overrides"]["sampler"]
    return node


@pytest.mark.parametrize("name", [name for name in SIGMA_SAMPLERS if name in ONE_EACH])
def test_a_chosen_sampler_over_chosen_levels_gives_what_ksampler_gives(name: str) -> None:
    run, model = ONE_EACH[name], tiny_model()
    node, size = _settings(run), NODES[GOLDEN.manifest["latent_node"]]["inputs"]
    guider = CFGGuider(model)
    guider.set_conds([[GOLDEN.tensors["positive"], {}]], [[GOLDEN.tensors["negative"], {}]])
    guider.set_cfg(node["cfg"])
    latent = torch.zeros(size["batch_size"], 4, size["height"] // 8, size["width"] // 8)
    drop = name in DROP_PENULTIMATE
    sigmas = sampling_sigmas(model.model_sampling, node["scheduler"], node["steps"], node["denoise"], drop)
    noise = RandomNoise(node["seed"])
    sampled = guider.sample(
        noise.generate_noise({"samples": latent}), latent, NamedSampler(name), sigmas, seed=noise.seed
    )
    GOLDEN.assert_close(f"{run['prefix']}.latent", sampled)


def _guided(guider: CFGGuider, options: Options | None = None) -> float:
    """Return the constant that a guider predicts for the toy model."""
    x0 = guider.prepared(LATENT.shape)(LATENT, torch.tensor([1.0, 1.0]), options or {})
    assert (x0 == x0[0, 0, 0, 0]).all()
    return x0[0, 0, 0, 0].item()


def test_one_prompt_is_followed_as_it_is() -> None:
    model = ToyModel()
    guider = BasicGuider(model)
    guider.set_conds(prompt(3.0))
    assert _guided(guider) == 3
    assert model.shapes == [(2, 4, 6, 6)]


@pytest.mark.parametrize(("nested", "expected"), [(False, 1 + 3 * (2 - 1) + 2 * (5 - 2)),
                                                  (True, 1 + 3 * ((2 + 2 * (5 - 2)) - 1))])  # fmt: skip
def test_two_scales_act_side_by_side_or_one_within_the_other(nested: bool, expected: float) -> None:
    guider = DualCFGGuider(ToyModel())
    guider.inner_set_conds({"positive": prompt(5.0), "middle": prompt(2.0), "negative": prompt(1.0)})
    guider.set_cfg(2.0, 3.0, nested=nested)
    assert _guided(guider) == pytest.approx(expected)


def test_what_the_negative_prompt_shares_with_the_positive_one_does_not_push() -> None:
    empty = torch.zeros(1, 1, 1, 2)
    positive, negative = torch.tensor([2.0, 0.0]).reshape(1, 1, 1, 2), torch.tensor([3.0, 4.0]).reshape(1, 1, 1, 2)
    assert perp_neg(positive, negative, empty, 2.0, 0.5).flatten().tolist() == [4.0, -4.0]
    assert perp_neg(positive, positive, empty, 2.0, 0.5).flatten().tolist() == [4.0, 0.0]


def test_perpendicular_guidance_predicts_all_three_prompts_in_one_call() -> None:
    model = ToyModel()
    guider = PerpNegGuider(model)
    guider.inner_set_conds({"positive": prompt(3.0), "negative": prompt(2.0), "empty_negative_prompt": prompt(1.0)})
    guider.set_cfg(2.0, 1.0)
    assert _guided(guider) == pytest.approx(1 + 2 * (3 - 1))  # parallel predictions: nothing is perpendicular
    assert model.shapes == [(6, 4, 6, 6)]


def test_a_guider_on_the_wire_does_not_change_in_a_run() -> None:
    guider = BasicGuider(ToyModel())
    guider.set_conds(prompt(3.0))
    guider.sample(LATENT, LATENT, NamedSampler("euler"), torch.tensor([1.0, 0.0]))
    assert guider.conds == {}
    assert guider.inner_model is None


def test_an_overridden_prediction_is_what_samplers_see() -> None:
    class Constant(CFGGuider):
        def predict_noise(self, x: Tensor, timestep: Tensor, model_options: Options, seed: int | None = None) -> Tensor:
            assert seed == 5
            return torch.full_like(x, 2.0)

    sampled = Constant(ToyModel()).sample(LATENT, LATENT, NamedSampler("euler"), torch.tensor([1.0, 0.0]), seed=5)
    assert sampled.eq(2.0 / ToyModel.scale_factor).all()


def test_a_sampler_from_elsewhere_is_called_as_comfyui_calls_it() -> None:
    class Foreign:
        def sample(
            self, model_wrap: Any, sigmas: Tensor, extra_args: Mapping[str, Any], callback: Any, noise: Tensor,
            latent_image: Tensor | None = None, denoise_mask: Tensor | None = None, disable_pbar: bool = False,
        ) -> Tensor:  # fmt: skip
            x0: Tensor = model_wrap(noise * sigmas[0], sigmas[:1].repeat(2), **extra_args)
            callback(0, x0, x0, 1)
            return x0

    told: list[int] = []
    guider = BasicGuider(ToyModel())
    guider.set_conds(prompt(3.0))
    sampled = guider.sample(
        LATENT, LATENT, Foreign(), torch.tensor([1.0, 0.0]), callback=lambda step, x0, x, total: told.append(total)
    )
    assert sampled.eq(3.0 / ToyModel.scale_factor).all()
    assert told == [1]


def test_our_samplers_run_under_guiders_from_elsewhere() -> None:
    guider = BasicGuider(ToyModel())
    guider.set_conds(prompt(3.0))
    ready = guider.prepared(LATENT.shape)
    x0 = NamedSampler("euler").sample(ready, torch.tensor([1.0, 0.5, 0.0]), {"seed": 1}, None, LATENT)
    assert x0.eq(3.0).all()


def test_no_step_leaves_the_latent_as_it_is() -> None:
    guider = BasicGuider(ToyModel())
    guider.set_conds(prompt(3.0))
    assert guider.sample(LATENT, LATENT, NamedSampler("euler"), torch.empty(0)) is LATENT


@pytest.mark.parametrize("sigmas", [[1.0, torch.inf, 0.0], [1.0, 0.0, 0.0], [1.0, -1.0]])
def test_levels_that_no_sampler_can_follow_are_refused(sigmas: list[float]) -> None:
    guider = BasicGuider(ToyModel())
    guider.set_conds(prompt(3.0))
    with pytest.raises(SamplingError, match="sigmas"):
        guider.sample(LATENT, LATENT, NamedSampler("euler"), torch.tensor(sigmas))


def test_noise_is_added_in_the_scale_of_the_network() -> None:
    noise = NoNoise().generate_noise({"samples": LATENT}) + 1
    made = noised(ToyModel(), LATENT + 4, noise, torch.tensor([3.0, 1.0]))
    assert made.eq(4 + 2 / ToyModel.scale_factor).all()
    assert noised(ToyModel(), LATENT, noise, torch.tensor([torch.inf])).eq(0).all()
