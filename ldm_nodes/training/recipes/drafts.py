"""Teaches a text tower what its captions look like, before a diffusion model reads it.

    python -m ldm_nodes.training.recipes.drafts CONFIG OUTPUT [--steps N] [NAME=VALUE ...]

A diffusion model that learns together with its text tower hears little of the caption at first: most of the noise can
be guessed from the noisy picture alone. Here a small decoder must paint the latent from the context and nothing else,
which is the answer that the diffusion model needs under the strongest noise. The decoder is thrown away; OUTPUT is a
checkpoint of the whole model from which training goes on (`model.params.ckpt_path=OUTPUT`).
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from ...models.distribution import DiagonalGaussian
from ...models.errors import ModelError
from ..atomic import write_file
from ..build import build_task
from ..config import read_config
from ..diffusion_task import DiffusionTask
from ..errors import TrainingError
from ..learning_rate import WarmUpCosine
from ..open_data import open_data
from ..processes import joined
from ..task import AVERAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..batches import Batch
    from ..config import TrainingConfig
    from ..processes import Processes

PATCH = 2
"""Side of the square of a latent that one question asks for."""

WARM_UP, HEADS, SAID_EVERY = 100, 4, 100


class Draft(nn.Module):
    """Paints a latent from a context by one layer of attention: a learned question for each square of it."""

    def __init__(self, context_dim: int, channels: int, side: int) -> None:
        """Prepare the questions.

        Args:
            context_dim: width of the context.
            channels: of the latent.
            side: of the latent, a multiple of two.
        """
        super().__init__()
        self._side = side // PATCH
        self.questions = nn.Parameter(0.5 * torch.randn(self._side**2, context_dim))
        self.attention = nn.MultiheadAttention(context_dim, HEADS, batch_first=True)
        self.mlp = nn.Sequential(
            nn.LayerNorm(context_dim),
            nn.Linear(context_dim, 4 * context_dim),
            nn.GELU(),
            nn.Linear(4 * context_dim, context_dim),
        )
        self.paint = nn.Sequential(nn.LayerNorm(context_dim), nn.Linear(context_dim, channels * PATCH**2))

    def forward(self, context: Tensor) -> Tensor:
        """Return the latents (B, C, h, w) that contexts (B, T, D) describe."""
        questions = self.questions.expand(len(context), -1, -1)
        answers = questions + self.attention(questions, context, context, need_weights=False)[0]
        squares = self.paint(answers + self.mlp(answers)).transpose(1, 2)
        return F.pixel_shuffle(squares.unflatten(2, (self._side, self._side)), PATCH)


def learn(config: TrainingConfig, processes: Processes, steps: int, rate: float = 2e-3) -> DiffusionTask:
    """Return the task of a configuration with its text tower taught; the other weights are as they were.

    Args:
        config: of a latent diffusion model that reads captions.
        processes: where to compute.
        steps: batches to learn from.
        rate: the highest learning rate; it rises over a hundred steps and falls along a cosine.

    Raises:
        TrainingError: if the model has no text tower that may learn.
    """
    task = build_task(config, processes, _tell)
    if not isinstance(task, DiffusionTask) or not task.training.options.train_conditioner:
        raise TrainingError("Drafts teach a text tower; set model.params.cond_stage_trainable=true for a model of one.")
    with closing(open_data(config, task, processes).batches.endless()) as batches:
        first = next(batches)
        said = task.prepare(first, torch.Generator().manual_seed(config.options.seed))
        if said is not None:
            _tell(said)
        context, latent = _pair(task, first)
        draft = Draft(context.shape[-1], latent.shape[1], latent.shape[2]).to(latent.device)
        teach(task, draft, islice(batches, steps), steps, rate)
    return task


def teach(task: DiffusionTask, draft: Draft, batches: Iterable[Batch], steps: int, rate: float) -> None:
    """Let a text tower and a decoder learn together from `steps` batches."""
    tower = task.model.encoder
    assert tower is not None  # it learns, so it exists
    parameters = [*tower.parameters(), *draft.parameters()]
    optimizer = torch.optim.AdamW(parameters, weight_decay=0.0)
    schedule = WarmUpCosine(WARM_UP, lr_min=0.0, lr_max=1.0, lr_start=0.0, max_decay_steps=max(steps, WARM_UP) + 1)
    errors: list[float] = []
    for step, batch in enumerate(batches, 1):
        for group in optimizer.param_groups:
            group["lr"] = rate * schedule(step)
        context, latent = _pair(task, batch)
        loss = F.mse_loss(draft(context), latent)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        errors.append(loss.item())
        if step % SAID_EVERY == 0:
            _tell(f"step {step} of {steps}  error {sum(errors[-SAID_EVERY:]) / SAID_EVERY:.4f}")


def _pair(task: DiffusionTask, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the contexts of a batch, with gradients, and the latents of its pictures in unit scale."""
    latent = DiagonalGaussian(task.training.moments(batch)).mode() * task.model.scale_factor
    context: Tensor = task.model.condition(batch.caption)
    return context, latent


def _stored(task: DiffusionTask) -> dict[str, Tensor]:
    return {name: value.contiguous() for name, value in task.state().items() if not name.startswith(AVERAGE)}


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Teach, write the checkpoint and return 0, or 1 after saying what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m ldm_nodes.training.recipes.drafts", description=__doc__)
    parser.add_argument("config", type=Path, help="the configuration of the diffusion model")
    parser.add_argument("output", type=Path, help="the checkpoint to write")
    parser.add_argument("overrides", nargs="*", metavar="NAME=VALUE", help="replace a setting of the configuration")
    parser.add_argument("--steps", type=int, default=3000, help="batches to learn from (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        with joined() as processes:
            task = learn(read_config(options.config, options.overrides), processes, options.steps)
        write_file(options.output, lambda path: save_file(_stored(task), path))
    except (ModelError, TrainingError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
