"""What the loop trains: one small protocol with two implementations, `autoencoder_task.py` and `diffusion_task.py`."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ..models.errors import WrongWeights
from .autoencoder import LossStep

if TYPE_CHECKING:
    from .batches import Batch
    from .ema import ExponentialAverage

AVERAGE = "model_ema."
"""Under which checkpoints store averaged weights."""

Loss = Callable[["Batch", int, torch.Generator], LossStep]
"""From this process's rows of a batch, the steps taken so far and the source of draws to what is minimised."""


@dataclass(frozen=True)
class Learner:
    """One optimiser and what it minimises.

    Attributes:
        name: names its state in a checkpoint.
        optimizer: of the parameters that learn.
        loss: what it minimises.
        module: what the loss runs; wrapped for several processes.
        takes_part: whether there is anything to learn at a step.
        rate: factor on the learning rate.
    """

    name: str
    optimizer: torch.optim.Optimizer
    loss: Loss
    module: nn.Module
    takes_part: Callable[[int], bool] = lambda step: True
    rate: float = 1.0

    @property
    def parameters(self) -> list[nn.Parameter]:
        """The parameters that learn."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]


class Task(Protocol):
    """A model in training."""

    @property
    def learners(self) -> tuple[Learner, ...]:
        """Who learns from each batch, in this order."""
        ...

    @property
    def average(self) -> ExponentialAverage | None:
        """The averaged weights, if any."""
        ...

    @property
    def averaged(self) -> nn.Module:
        """The network whose weights are averaged."""
        ...

    @property
    def monitor(self) -> str:
        """The name of the number by which checkpoints are compared; smaller is better."""
        ...

    def prepare(self, batch: Batch, generator: torch.Generator) -> str | None:
        """Do what the first batch of all is needed for, and say what was done."""
        ...

    def validate(self, batch: Batch, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Return numbers measured on a batch that is not learned from, each a mean over its samples."""
        ...

    def rows(self, batch: Batch) -> list[tuple[str, Tensor]]:
        """Return the rows of a sample sheet: what they show, and pictures (B, 3, H, W), about [-1, 1]."""
        ...

    def state(self) -> dict[str, Tensor]:
        """Return what a checkpoint stores, under the original's names."""
        ...

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state` returned."""
        ...

    def companions(self) -> dict[str, Path]:
        """Return files that a checkpoint needs beside it, by the names they have there."""
        ...


def shared(module: nn.Module, processes: int, *, all_learn: bool = True) -> nn.Module:
    """Return a module whose gradients are averaged over processes; of a single process, the module itself.

    Args:
        module: the module.
        processes: how many there are.
        all_learn: whether every backward pass reaches every parameter.
    """
    if processes == 1:
        return module
    # Buffers are never sent around: the averages of BatchNorm are each process's own, as in the original.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch 2.13 renames the argument; 2.6 has only this name
        return DistributedDataParallel(module, broadcast_buffers=False, find_unused_parameters=not all_learn)


def unshared(module: nn.Module) -> nn.Module:
    """Return the module that `shared` was given."""
    return module.module if isinstance(module, DistributedDataParallel) else module


def without_sync(module: nn.Module) -> AbstractContextManager[None]:
    """Keep gradients in their process inside the block: of all but the last batch of a step."""
    return module.no_sync() if isinstance(module, DistributedDataParallel) else nullcontext()


@torch.no_grad()
def fill(module: nn.Module, state: Mapping[str, Tensor], what: str) -> None:
    """Overwrite parameters and buffers in place, so that optimisers go on knowing them.

    Raises:
        WrongWeights: a tensor is missing or of another shape; nothing is changed then.
    """
    own = module.state_dict()
    missing = [name for name in own if name not in state]
    wrong = [name for name in own if name in state and state[name].shape != own[name].shape]
    if missing or wrong:
        name = (missing or wrong)[0]
        problem = "is missing" if missing else f"has shape {tuple(state[name].shape)}, not {tuple(own[name].shape)}"
        raise WrongWeights(f"{what} does not fit the model: {name} {problem}.")
    for name, tensor in own.items():
        tensor.copy_(state[name])


def under(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names start with `prefix`, without it."""
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
