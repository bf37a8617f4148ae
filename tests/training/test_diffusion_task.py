from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.models.errors import WrongWeights
from ldm_nodes.sampling.noise import prepare_noise
from ldm_nodes.sampling.timesteps import ddim_timesteps
from ldm_nodes.training.diffusion import Objective
from ldm_nodes.training.diffusion_task import DiffusionTask
from ldm_nodes.training.latent_diffusion import DiffusionOptions
from tests.training.tiny import CLASSES, FAMILIES, INPAINTING, UNCONDITIONAL, batch_of, model_of

PIXELS = replace(
    UNCONDITIONAL, unet=replace(UNCONDITIONAL.unet, in_channels=3, out_channels=3), first_stage=None
)  # fmt: skip


def all_knowing(task: DiffusionTask, x0: Tensor) -> None:
    """Give the task a network that knows the picture, and says so in the way of its objective."""
    schedule, prediction = task.model.schedule, task.training.options.objective.prediction

    def network(x: Tensor, t: Tensor, _: Any = None) -> Tensor:
        a = schedule.alphas_cumprod[t].reshape(-1, 1, 1, 1)
        eps = (x - a.sqrt() * x0) / (1 - a).sqrt()
        return {"eps": eps, "x0": x0.expand_as(x), "v": a.sqrt() * eps - (1 - a).sqrt() * x0}[prediction]

    task.model.apply_model = network  # type: ignore[method-assign,assignment]


@pytest.mark.parametrize("prediction", ["eps", "x0", "v"])
def test_samples_are_what_the_network_knows(prediction: Any) -> None:
    task = DiffusionTask(model_of(PIXELS), DiffusionOptions(Objective(prediction)), sample_steps=20)
    x0 = torch.linspace(-0.5, 0.5, 64).reshape(8, 8)
    all_knowing(task, x0)
    # With eta 0 the noise of the start stays what it is, down to the first level of the schedule.
    levels = task.model.schedule.alphas_cumprod
    start, first, last = prepare_noise((4, 3, 8, 8), seed=0), levels[0], levels[ddim_timesteps(20, 100)[-1]]
    noise = (start - last.sqrt() * x0) / (1 - last).sqrt()
    rows = dict(task.rows(batch_of()))
    torch.testing.assert_close(rows["samples"], first.sqrt() * x0 + (1 - first).sqrt() * noise, rtol=0, atol=1e-4)
    assert rows["pictures"].shape == (4, 3, 8, 8)


def test_guidance_leads_away_from_the_lost_condition() -> None:
    """eps = e_none + s (e_given - e_none), arXiv 2207.12598, eq. 6 with s = 1 + w."""
    options = DiffusionOptions(dropout=0.1)
    given, none = torch.full((4, 4, 4, 4), 3.0), torch.full((4, 4, 4, 4), 1.0)
    task = DiffusionTask(model_of(CLASSES), options, guidance=2.5)
    last = task.model.condition(torch.tensor([2]))

    def network(x: Tensor, t: Tensor, condition: dict[str, Any]) -> Tensor:
        (context,) = condition["c_crossattn"]
        return none if torch.equal(context, last.expand_as(context)) else given

    task.model.apply_model = network  # type: ignore[method-assign,assignment]
    with torch.no_grad():
        predict = task._predictor(batch_of(), given)
        assert torch.equal(predict(given, torch.zeros(4, dtype=torch.int64)), none + 2.5 * (given - none))


@pytest.mark.parametrize("config", FAMILIES, ids=lambda config: f"{config.family}-{config.conditioning_key}")
def test_every_family_is_sampled_validated_and_comes_back(config: Any) -> None:
    task = DiffusionTask(model_of(config), DiffusionOptions(dropout=0.2), sample_steps=2, guidance=2.0)
    batch = batch_of()
    assert dict(task.rows(batch))["samples"].shape == (4, 3, 8, 8)
    numbers = task.validate(batch, torch.Generator().manual_seed(0))
    assert numbers.keys() >= {"loss", "loss_simple"}
    assert task.training.model.model.training
    other = DiffusionTask(model_of(config, seed=1), DiffusionOptions(dropout=0.2), sample_steps=2, guidance=2.0)
    other.load_state(task.state())
    again = other.validate(batch, torch.Generator().manual_seed(0))
    assert {name: float(value) for name, value in again.items()} == {n: float(v) for n, v in numbers.items()}


def test_learned_log_variances_come_back() -> None:
    options = DiffusionOptions(learn_logvar=True, logvar_init=0.5)
    task, other = (DiffusionTask(model_of(PIXELS, seed), options) for seed in (0, 1))
    with torch.no_grad():
        task.training.logvar += torch.arange(100)
    other.load_state(task.state())
    assert torch.equal(other.training.logvar, 0.5 + torch.arange(100))


def test_a_shared_first_stage_is_stored_once() -> None:
    task = DiffusionTask(model_of(INPAINTING), DiffusionOptions())
    assert not [name for name in task.state() if name.startswith("cond_stage_model.")]


def test_weights_of_another_model_are_refused_and_change_nothing() -> None:
    task = DiffusionTask(model_of(UNCONDITIONAL), DiffusionOptions())
    before = {name: value.clone() for name, value in task.state().items()}
    state = {name: value + 1 for name, value in before.items()}
    for change in ({"model.diffusion_model.out.2.bias": torch.zeros(9)}, None):
        wrong = {**state, **change} if change else dict(list(state.items())[1:])
        with pytest.raises(WrongWeights, match="does not fit the model"):
            task.load_state(wrong)
    assert all(torch.equal(value, before[name]) for name, value in task.state().items())
