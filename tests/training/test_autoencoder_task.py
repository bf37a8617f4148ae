from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ldm_nodes.models.autoencoder import AutoencoderKL, VQModel
from ldm_nodes.training.autoencoder import KLLoss, VQLoss, reconstruct
from ldm_nodes.training.autoencoder_task import AutoencoderTask, Reconstructor
from ldm_nodes.training.errors import TrainingError
from ldm_nodes.training.loss_config import KLLossConfig, VQLossConfig
from ldm_nodes.training.shard import Shard
from tests.training.tiny import KL, VQ, batch_of

SMALL = {"disc_start": 0, "disc_ndf": 4, "disc_num_layers": 1, "perceptual_weight": 0}


def task_of(kind: str, seed: int = 0, ema_decay: float | None = 0.5) -> AutoencoderTask:
    torch.manual_seed(seed)
    if kind == "kl":
        return AutoencoderTask(AutoencoderKL(KL), KLLoss(KLLossConfig.from_params(SMALL)), ema_decay=ema_decay)
    return AutoencoderTask(VQModel(VQ), VQLoss(VQLossConfig.from_params(SMALL)), ema_decay=ema_decay)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def test_one_process_draws_as_the_original_does() -> None:
    torch.manual_seed(0)
    model, x = AutoencoderKL(KL), batch_of().image
    assert x is not None
    ours, original = Reconstructor(model)(x, seeded()), reconstruct(model, x, seeded())
    assert torch.equal(ours.pictures, original.pictures)
    assert torch.equal(ours.regularizer, original.regularizer)


def test_processes_share_the_draws_of_one() -> None:
    torch.manual_seed(0)
    model, x = AutoencoderKL(KL), batch_of().image
    assert x is not None
    whole = Reconstructor(model)(x, seeded()).pictures
    parts = [Reconstructor(model, Shard(rank, 2))(x[2 * rank : 2 * rank + 2], seeded()).pictures for rank in (0, 1)]
    torch.testing.assert_close(torch.cat(parts), whole)


@pytest.mark.parametrize("kind", ["kl", "vq"])
def test_each_learner_moves_only_its_own_weights(kind: str) -> None:
    task = task_of(kind)
    for learner in task.learners:
        before = {name: value.clone() for name, value in task.state().items() if "model_ema" not in name}
        learner.optimizer.param_groups[0]["lr"] = 1e-3
        learner.loss(batch_of(), 1, seeded()).loss.backward()  # type: ignore[no-untyped-call]
        learner.optimizer.step()
        learner.optimizer.zero_grad()
        moved = {
            name.startswith("loss.discriminator")
            for name, value in before.items()
            if not name.endswith(("running_mean", "running_var", "num_batches_tracked"))
            and not torch.equal(value, task.state()[name])
        }
        assert moved == {learner.name == "discriminator"}


@pytest.mark.parametrize("kind", ["kl", "vq"])
def test_a_state_comes_back(kind: str) -> None:
    task, other = task_of(kind), task_of(kind, seed=1)
    other.load_state(task.state())
    assert task.state().keys() == other.state().keys()
    assert all(torch.equal(value, task.state()[name]) for name, value in other.state().items())


@pytest.mark.parametrize("kind", ["kl", "vq"])
def test_sheets_and_validation_use_the_averages(kind: str) -> None:
    task = task_of(kind)
    before = dict(task.rows(batch_of()))["reconstructions"]
    measured = task.validate(batch_of(), seeded())
    assert "rec_loss" in measured
    assert task.loss.training
    with torch.no_grad():
        for parameter in task.model.parameters():
            parameter.mul_(1.5)
    assert torch.equal(dict(task.rows(batch_of()))["reconstructions"], before)
    assert task.average is not None
    task.average.update(task.averaged)
    assert not torch.equal(dict(task.rows(batch_of()))["reconstructions"], before)


def test_a_batch_of_latents_is_no_use() -> None:
    with pytest.raises(TrainingError, match="learns from pictures"):
        task_of("kl").rows(replace(batch_of(), image=None))
