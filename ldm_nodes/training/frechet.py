"""How far apart two sets of pictures are: the Fréchet distance of their features (arXiv 1706.08500).

With the features of Inception v3 that number is called FID. Here features are those of VGG16, trained if its weights
are given and random if not, so numbers compare with others of the same features only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from .errors import TrainingError
from .lpips import find_perceptual, random_lpips

if TYPE_CHECKING:
    from pathlib import Path

RANDOM_SEED = 0
RANDOM_WIDTHS = (8, 16, 24, 32, 32)


@dataclass
class Moments:
    """The mean and the covariance of vectors that come in batches; sums are float64.

    Attributes:
        count: vectors so far.
        total: (D,) their sum.
        products: (D, D) the sum of their outer products.
    """

    count: int = 0
    total: Tensor = field(default_factory=lambda: torch.zeros(()))
    products: Tensor = field(default_factory=lambda: torch.zeros(()))

    def add(self, vectors: Tensor) -> None:
        """Take in vectors (B, D)."""
        vectors = vectors.double().cpu()
        self.count += len(vectors)
        self.total = self.total + vectors.sum(0)
        self.products = self.products + vectors.t() @ vectors

    @property
    def mean(self) -> Tensor:
        """The mean (D,)."""
        return self.total / self.count

    @property
    def covariance(self) -> Tensor:
        """The unbiased covariance (D, D).

        Raises:
            TrainingError: there are fewer than two vectors.
        """
        if self.count < 2:
            raise TrainingError(f"A Fréchet distance needs at least two pictures on each side; got {self.count}.")
        return (self.products - self.count * torch.outer(self.mean, self.mean)) / (self.count - 1)


def frechet_distance(one: Moments, other: Moments) -> float:
    """Return |m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½), the squared distance of two normal distributions.

    The trace of the root is that of (S1^½ S2 S1^½)^½, whose matrix is symmetric, so eigenvalues give it.
    """
    first, second = one.covariance, other.covariance
    root = _square_root(first)
    middle = _square_root(root @ second @ root)
    apart = (one.mean - other.mean).square().sum()
    return max(0.0, float(apart + first.trace() + second.trace() - 2 * middle.trace()))


def _square_root(matrix: Tensor) -> Tensor:
    """Return the root of a symmetric matrix without negative eigenvalues but for rounding."""
    values, vectors = torch.linalg.eigh((matrix + matrix.t()) / 2)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.t()
    return root


@dataclass(frozen=True)
class Features:
    """What pictures are compared by.

    Attributes:
        name: says which features these are.
        network: from pictures (B, 3, H, W), normalised, to feature maps.
        scale: what brings pictures in [-1, 1] to the network's range.
    """

    name: str
    network: nn.Module
    scale: nn.Module

    @torch.no_grad()
    def of(self, pictures: Tensor) -> Tensor:
        """Return one vector (B, D) for each picture (B, 3, H, W) in [0, 1]: the mean of every channel of every map."""
        maps = self.network(self.scale(pictures * 2 - 1))
        return torch.cat([each.mean(dim=(2, 3)) for each in maps], dim=1)


def find_features(vgg: Path | None) -> Features:
    """Return VGG16's features, from a weights file or random.

    Raises:
        ModelError: the file is unreadable or holds other weights.
    """
    network = find_perceptual(vgg).network
    if network is not None and vgg is not None:
        return Features(f"channel means of VGG16 ({vgg.name})", network.net, network.scaling_layer)
    network = random_lpips(RANDOM_SEED, RANDOM_WIDTHS)
    return Features(
        f"channel means of a random VGG16 of {sum(RANDOM_WIDTHS)} channels (seed {RANDOM_SEED})",
        network.net,
        network.scaling_layer,
    )
