"""The running average of a network's weights (modules/ema.py of CompVis), with the original's names in checkpoints.

The policy (`warmed_up`: how much to keep) stands apart from the update.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..models.errors import WrongWeights
from .errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def warmed_up(decay: float, updates: int) -> float:
    """Return the share of the average that update n (from 1 on) keeps: min(decay, (1 + n) / (10 + n))."""
    return min(decay, (1 + updates) / (10 + updates))


class ExponentialAverage:
    """The averages of all trainable parameters of a network, on the parameters' device and in their type.

    The original averages the wrapper of the denoising network after every batch, those inside an accumulation included.

    Attributes:
        decay: the share that an update keeps once warmed up.
        updates: updates so far, or None to use the plain decay from the first one on.
    """

    def __init__(self, network: nn.Module, decay: float = 0.9999, *, warm_up: bool = True) -> None:
        """Start from the network's present weights.

        Raises:
            TrainingError: for a decay outside 0 to 1, and if two parameters would share a name in the checkpoint.
        """
        if not 0.0 <= decay <= 1.0:
            raise TrainingError(f"The decay of an average is {decay}; expected 0 to 1.")
        self.decay = decay
        self.updates: int | None = 0 if warm_up else None
        self._averages = {name: tensor.detach().clone() for name, tensor in _trainable(network).items()}
        self._check_names()

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move the averages towards the network's weights: average -= (1 - decay) (average - weight)."""
        decay = self.decay
        if self.updates is not None:
            self.updates += 1
            decay = warmed_up(decay, self.updates)
        weights = _trainable(network)
        if weights.keys() != self._averages.keys():
            raise TrainingError(
                "This is not the network whose weights are averaged: its trainable parameters are others."
            )
        torch._foreach_lerp_([*self._averages.values()], [*weights.values()], 1.0 - decay)

    @contextmanager
    def in_place_of(self, network: nn.Module) -> Iterator[None]:
        """Run the network with the averaged weights inside the block; its own come back afterwards, errors included."""
        own = {name: tensor.detach().clone() for name, tensor in _trainable(network).items()}
        self.copy_to(network)
        try:
            yield
        finally:
            _fill(network, own)

    def copy_to(self, network: nn.Module) -> None:
        """Overwrite the network's weights with the averages."""
        _fill(network, self._averages)

    def state_dict(self) -> dict[str, Tensor]:
        """Return what a checkpoint stores under `model_ema.`: names without dots, `decay` and `num_updates`."""
        counted = -1 if self.updates is None else self.updates
        return {
            "decay": torch.tensor(self.decay, dtype=torch.float32),
            "num_updates": torch.tensor(counted, dtype=torch.int32),
            **{_dotless(name): average for name, average in self._averages.items()},
        }

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from a stored average; nothing is changed if it does not fit.

        Raises:
            WrongWeights: when averages are missing or of another shape.
        """
        missing = [name for name in ("decay", "num_updates", *map(_dotless, self._averages)) if name not in state]
        if missing:
            raise WrongWeights(
                f"The stored average lacks {missing[0]} ({len(missing)} tensors); it is of another model."
            )
        stored = {name: state[_dotless(name)] for name in self._averages}
        for name, average in self._averages.items():
            if stored[name].shape != average.shape:
                raise WrongWeights(
                    f"The stored average of {name} has shape {tuple(stored[name].shape)}, "
                    f"expected {tuple(average.shape)}; it is of another model."
                )
        updates = int(state["num_updates"])
        if _single(self.decay) != float(state["decay"]):  # float32 in the file must not change the decay that is set
            self.decay = float(state["decay"])
        self.updates = None if updates < 0 else updates
        for name, average in self._averages.items():
            average.copy_(stored[name])

    def _check_names(self) -> None:
        seen: dict[str, str] = {}
        for name in self._averages:
            other = seen.setdefault(_dotless(name), name)
            if other != name:
                raise TrainingError(f"The parameters {other} and {name} have the same name without dots.")


def _single(value: float) -> float:
    return torch.tensor(value, dtype=torch.float32).item()


def _dotless(name: str) -> str:
    return name.replace(".", "")


def _trainable(network: nn.Module) -> dict[str, Tensor]:
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}


@torch.no_grad()
def _fill(network: nn.Module, values: Mapping[str, Tensor]) -> None:
    parameters = dict(network.named_parameters())
    for name, value in values.items():
        parameters[name].copy_(value)
