from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
import yaml
from torch import Tensor

from ldm_nodes.models.autoencoder import AutoencoderKL
from ldm_nodes.training.diffusion import Objective, diffusion_loss
from ldm_nodes.training.ema import ExponentialAverage
from ldm_nodes.training.errors import TrainingError
from ldm_nodes.training.latent_diffusion import DiffusionOptions, DiffusionTraining, encode_moments
from ldm_nodes.training.shard import Shard
from tests.training.tiny import (
    CAPTIONS,
    CLASSES,
    FAMILIES,
    INPAINTING,
    UNCONDITIONAL,
    batch_of,
    model_of,
    rows,
)

if TYPE_CHECKING:
    from ldm_nodes.models.model_config import ModelConfig
    from ldm_nodes.training.diffusion import DiffusionLoss

BATCH = batch_of()
PIXELS = replace(
    UNCONDITIONAL, unet=replace(UNCONDITIONAL.unet, in_channels=3, out_channels=3), first_stage=None
)  # fmt: skip


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def backward(loss: DiffusionLoss) -> None:
    loss.total.backward()  # type: ignore[no-untyped-call]


def gradients(training: DiffusionTraining) -> dict[str, Tensor]:
    return {name: p.grad.clone() for name, p in training.named_parameters() if p.grad is not None}


def test_one_step_is_the_originals() -> None:
    """Encode and sample, scale, then t, then noise, each from the one generator (ddpm.py, LatentDiffusion)."""
    training = DiffusionTraining(model_of(replace(UNCONDITIONAL, scale_factor=0.5)), DiffusionOptions(logvar_init=0.2))
    model = training.model
    assert BATCH.image is not None
    assert isinstance(model.first_stage_model, AutoencoderKL)
    torch.manual_seed(3)
    latent = 0.5 * model.first_stage_model.encode(BATCH.image).sample()
    t, noise = torch.randint(0, 100, (4,)), torch.randn_like(latent)
    expected = diffusion_loss(model.apply_model, model.schedule, Objective(), latent, t, noise, torch.full((100,), 0.2))
    loss = training(BATCH, seeded(3))
    assert torch.equal(loss.total, expected.total)
    assert torch.equal(loss.errors, expected.errors)


@pytest.mark.parametrize("config", FAMILIES, ids=lambda config: f"{config.family}-{config.conditioning_key}")
def test_every_family_learns_in_its_network_only(config: ModelConfig) -> None:
    training = DiffusionTraining(model_of(config), DiffusionOptions(dropout=0.5))
    backward(training(BATCH, seeded()))
    touched = {name.split(".")[1] for name in gradients(training)}
    assert touched == {"model"}
    assert len(training.learning()) == len(list(training.model.model.parameters()))
    assert training.model.model.training
    assert training.model.first_stage_model is not None
    assert not training.model.first_stage_model.training


@pytest.mark.parametrize(("config", "stage"), [(CAPTIONS, "cond_stage_model"), (CLASSES, "cond_stage_model")])
def test_a_conditioner_learns_if_asked(config: ModelConfig, stage: str) -> None:
    training = DiffusionTraining(model_of(config), DiffusionOptions(train_conditioner=True, dropout=0.3))
    backward(training(BATCH, seeded()))
    moved = {
        name for name, gradient in gradients(training).items() if name.startswith(f"model.{stage}") and gradient.any()
    }
    assert moved
    if config is CAPTIONS:
        assert len(moved) == len(list(training.model.get_submodule(stage).parameters()))
    assert training.model.get_submodule(stage).training
    order = [*training.model.model.parameters(), *training.model.get_submodule(stage).parameters()]
    assert [id(parameter) for parameter in training.learning()] == [id(parameter) for parameter in order]


@pytest.mark.parametrize("config", [UNCONDITIONAL, INPAINTING])
def test_there_must_be_a_conditioner_to_train(config: ModelConfig) -> None:
    with pytest.raises(TrainingError, match="none of its own"):
        DiffusionTraining(model_of(config), DiffusionOptions(train_conditioner=True))


def test_learned_variances_are_stored_and_fixed_ones_are_not() -> None:
    learned = DiffusionTraining(model_of(UNCONDITIONAL), DiffusionOptions(learn_logvar=True))
    backward(learned(BATCH, seeded()))
    assert learned.logvar.grad is not None
    assert learned.learning()[-1] is learned.logvar
    assert learned.state().keys() == {*learned.model.state_dict(), "logvar"}
    fixed = DiffusionTraining(model_of(UNCONDITIONAL), DiffusionOptions())
    assert fixed.state().keys() == fixed.model.state_dict().keys()


def test_two_processes_have_the_losses_and_gradients_of_one() -> None:
    options = DiffusionOptions(dropout=0.5, train_conditioner=True)
    whole = DiffusionTraining(model_of(CAPTIONS), options)
    loss = whole(BATCH, seeded())
    backward(loss)
    parts = [DiffusionTraining(model_of(CAPTIONS), options, Shard(rank, 2)) for rank in range(2)]
    losses = [part(rows(BATCH, part.shard.rows(4)), seeded()) for part in parts]
    for part_loss in losses:
        backward(part_loss)
    torch.testing.assert_close(torch.stack([part.total for part in losses]).mean(), loss.total, atol=1e-6, rtol=1e-6)
    expected, first, second = (gradients(training) for training in (whole, *parts))
    for name, gradient in expected.items():
        torch.testing.assert_close((first[name] + second[name]) / 2, gradient, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("config", [UNCONDITIONAL, CLASSES])
def test_cached_moments_give_the_same_loss(config: ModelConfig) -> None:
    training = DiffusionTraining(model_of(config), DiffusionOptions())
    cached = replace(BATCH, image=None, moments=training.moments(BATCH))
    assert torch.equal(training(cached, seeded()).total, training(BATCH, seeded()).total)


def test_pixels_are_diffused_without_an_autoencoder() -> None:
    training = DiffusionTraining(model_of(PIXELS), DiffusionOptions())
    assert BATCH.image is not None
    assert encode_moments(None, BATCH.image) is BATCH.image
    assert torch.isfinite(training(BATCH, seeded()).total)


def test_a_batch_of_nothing_is_refused() -> None:
    training = DiffusionTraining(model_of(UNCONDITIONAL), DiffusionOptions())
    with pytest.raises(TrainingError, match="neither pictures nor latents"):
        training(replace(BATCH, image=None), seeded())


@pytest.mark.parametrize("config", [UNCONDITIONAL, CLASSES, PIXELS])
def test_the_scale_is_measured_on_the_first_batch(config: ModelConfig) -> None:
    training = DiffusionTraining(model_of(replace(config, scale_by_std=True)), DiffusionOptions())
    scale = training.measure_scale(BATCH, seeded(1))
    assert "scale_factor" in training.state()
    assert BATCH.image is not None
    with torch.no_grad():
        latent = scale * BATCH.image if config is PIXELS else training.model.encode(BATCH.image, seeded(1))
    assert latent.std().item() == pytest.approx(1.0, abs=1e-5)
    assert training.state()["scale_factor"].item() == pytest.approx(scale)
    with pytest.raises(TrainingError, match="already"):
        training.measure_scale(BATCH, seeded(1))
    with pytest.raises(TrainingError, match="is fixed"):
        DiffusionTraining(model_of(config), DiffusionOptions()).measure_scale(BATCH, seeded())


def test_options_from_a_file_of_the_original() -> None:
    params = yaml.safe_load(
        """
        parameterization: v
        loss_type: l1
        l_simple_weight: 0.5
        original_elbo_weight: 1.e-3
        learn_logvar: true
        logvar_init: -0.1
        cond_stage_trainable: true
        ucg_training: {txt: {p: 0.1, val: ""}}
        min_snr_gamma: 5
        first_stage_key: jpg
        """
    )
    assert DiffusionOptions.from_params(params) == DiffusionOptions(
        Objective("v", "l1", 0.5, 1e-3, 5.0), -0.1, True, True, 0.1
    )
    assert DiffusionOptions.from_params({}) == DiffusionOptions()


OVERFIT: list[Any] = [
    (UNCONDITIONAL, DiffusionOptions()),
    (CLASSES, DiffusionOptions(Objective("x0"), train_conditioner=True)),
    (CAPTIONS, DiffusionOptions(Objective("v", min_snr_gamma=5.0), train_conditioner=True, dropout=0.1)),
]


@pytest.mark.parametrize(("config", "options"), OVERFIT, ids=["eps", "x0 of classes", "v of captions"])
def test_one_batch_is_learned_by_heart(config: ModelConfig, options: DiffusionOptions) -> None:
    assert config.first_stage is not None
    channels = 8 if config.first_stage.n_embed is None else 4
    batch = replace(BATCH, image=None, moments=torch.randn(4, channels, 4, 4, generator=seeded()))
    training = DiffusionTraining(model_of(replace(config, prediction=options.objective.prediction)), options)
    average = ExponentialAverage(training.model.model)
    optimizer = torch.optim.AdamW(training.learning(), lr=3e-3)
    start = training(batch, seeded(0)).simple.item()
    for _ in range(50):
        optimizer.zero_grad()
        backward(training(batch, seeded(0)))
        optimizer.step()
        average.update(training.model.model)
    end = training(batch, seeded(0)).simple.item()
    assert end < 0.1 * start
    with average.in_place_of(training.model.model):
        assert training(batch, seeded(0)).simple.item() < 0.2 * start
