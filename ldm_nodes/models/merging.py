"""Models mixed of two: every weight a combination of both, computed when the mixture is first sampled with.

What is merged are networks of one architecture; a weight that only one of them has, or of another shape, stays that of
the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from .errors import ModelError
from .patching import Patch, parameter, parameter_shapes

if TYPE_CHECKING:
    from torch import Tensor, nn

    from .diffusion_model import DiffusionModel
    from .text_encoder import TextEncoder

Factors = Callable[[str], tuple[float, float]]
"""Returns, for the name of a weight, the factors of the first network's and of the second's."""
UNET = "diffusion_model."
NOT_MERGED = ("position_ids", "logit_scale")


@dataclass(frozen=True, eq=False)
class Combination:
    """A weight times a factor, plus another network's weight times another.

    Attributes:
        other: the other network.
        name: the weight's name there.
        keep: factor of the weight that is changed.
        add: factor of the other's.
    """

    other: nn.Module
    name: str
    keep: float
    add: float

    def difference(self, weight: Tensor) -> Tensor:
        """Return what to add to `weight`."""
        other = parameter(self.other, self.name).to(weight)
        return weight * (self.keep - 1) + other * self.add


def merge_models(first: DiffusionModel, second: DiffusionModel, factors: Factors) -> tuple[DiffusionModel, list[str]]:
    """Return the first model with its network mixed with the second's, patches of both included.

    Args:
        first: what the result is but for its weights.
        second: the other model.
        factors: is asked with names as in the UNet, such as `input_blocks.0.0.weight`.

    Returns:
        The mixture, and the names of weights that stay the first's because the second has none of their shape.
    """
    patches, left = _patches(first.network, second.running, lambda name: factors(name.removeprefix(UNET)))
    return first.with_patches(patches), left


def merge_encoders(first: TextEncoder, second: TextEncoder, keep: float, add: float) -> tuple[TextEncoder, list[str]]:
    """Return the first text encoder with its towers mixed with the second's; see `merge_models`.

    Raises:
        ModelError: when they have other towers.
    """
    names = [[reader.name for reader in encoder.readers] for encoder in (first, second)]
    if names[0] != names[1]:
        raise ModelError(
            f"The first text encoder has the towers {', '.join(names[0])}, the second {', '.join(names[1])}; "
            "expected the same."
        )
    found = [
        _patches(own.tower, other.running, lambda _: (keep, add))
        for own, other in zip(first.readers, second.readers, strict=True)
    ]
    return first.with_patches([patches for patches, _ in found]), [name for _, left in found for name in left]


@torch.no_grad()
def _patches(network: nn.Module, other: nn.Module, factors: Factors) -> tuple[list[Patch], list[str]]:
    shapes, others = parameter_shapes(network), parameter_shapes(other)
    names = [name for name in shapes if not name.endswith(NOT_MERGED)]
    common = [name for name in names if others.get(name) == shapes[name]]
    patches = [Patch(name, Combination(other, name, *factors(name)), 1.0) for name in common]
    return patches, [name for name in names if name not in set(common)]
