"""The scale factor that is measured on the first batch."""

from __future__ import annotations

from dataclasses import replace

import torch

from ldm_nodes.training.batches import Batch
from ldm_nodes.training.diffusion_task import DiffusionTask
from ldm_nodes.training.latent_diffusion import DiffusionOptions
from tests.training.tiny import UNCONDITIONAL, model_of


def batch() -> Batch:

    image = torch.randn(4, 3, 8, 8, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)
    return Batch([""] * 4, torch.full((4,), -1), image, None, None, None, 4)


def test_a_measured_scale_stays_when_training_starts_from_its_checkpoint() -> None:
    config = replace(UNCONDITIONAL, scale_by_std=True)
    task = DiffusionTask(model_of(config), DiffusionOptions(), ema_decay=None)
    said = task.prepare(batch(), torch.Generator().manual_seed(0))
    assert said is not None
    assert said.endswith("measured on the first batch.")
    measured = float(task.model.scale_factor)
    again = DiffusionTask(model_of(config, seed=1), DiffusionOptions(), ema_decay=None)
    again.load_state(task.state())
    assert (
        again.prepare(batch(), torch.Generator()) == f"The scale factor stays {measured:.6g}, that of the checkpoint."
    )
    assert float(again.model.scale_factor) == measured
