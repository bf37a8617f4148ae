"""The Fréchet distance against the closed form of normal distributions that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy.linalg
import torch
from safetensors.torch import save_file
from torch import Tensor

from ldm_nodes.training.errors import TrainingError
from ldm_nodes.training.frechet import Moments, find_features, frechet_distance
from ldm_nodes.training.lpips import random_lpips

if TYPE_CHECKING:
    from pathlib import Path


def moments_of(vectors: Tensor, parts: int = 1) -> Moments:
    moments = Moments()
    for part in vectors.chunk(parts):
        moments.add(part)
    return moments


def noise(count: int, width: int, seed: int) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def whitened(count: int, width: int, seed: int) -> Tensor:
    """Return vectors whose mean is exactly zero and whose covariance is exactly the identity."""
    x = noise(count, width, seed)
    x = x - x.mean(0)
    white: Tensor = torch.linalg.solve_triangular(torch.linalg.cholesky(x.t().cov()), x.t(), upper=False)
    return white.t()


def test_the_moments_of_batches_are_those_of_the_whole() -> None:
    x = noise(50, 4, 0)
    moments = moments_of(x, parts=7)
    torch.testing.assert_close(moments.mean, x.mean(0))
    torch.testing.assert_close(moments.covariance, x.t().cov())


def test_distance_of_independent_normals_is_the_sum_over_coordinates() -> None:
    deviations, shift = torch.tensor([2.0, 0.5, 3.0]).double(), torch.tensor([1.0, 0.0, -2.0]).double()
    one, other = whitened(40, 3, 1), whitened(60, 3, 2) * deviations + shift
    expected = (shift**2 + (deviations - 1) ** 2).sum()  # Wasserstein distance of N(0, 1) and N(m, s²), squared
    assert frechet_distance(moments_of(one), moments_of(other)) == pytest.approx(float(expected), rel=1e-9)


def test_distance_of_correlated_normals_agrees_with_scipy() -> None:
    one, other = noise(80, 6, 3) @ noise(6, 6, 4), noise(90, 6, 5) @ noise(6, 6, 6) + 1
    a, b = moments_of(one), moments_of(other)
    root = scipy.linalg.sqrtm(a.covariance.numpy() @ b.covariance.numpy())
    gap = (a.mean - b.mean).square().sum()
    expected = float(gap + a.covariance.trace() + b.covariance.trace()) - 2 * np.trace(root).real
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(b, a) == pytest.approx(expected, rel=1e-8)


def test_fewer_vectors_than_dimensions_give_a_distance_too() -> None:
    x = noise(5, 20, 7)
    assert frechet_distance(moments_of(x), moments_of(x)) == pytest.approx(0, abs=1e-6)


def test_one_vector_has_no_spread() -> None:
    with pytest.raises(TrainingError, match="at least two"):
        frechet_distance(moments_of(noise(1, 3, 8)), moments_of(noise(9, 3, 9)))


def test_random_features_are_the_same_every_time_and_say_what_they_are() -> None:
    features, x = find_features(None), torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert "random VGG16" in features.name
    assert features.of(x).shape == (2, 112)
    assert torch.equal(features.of(x), find_features(None).of(x))


@pytest.mark.slow
def test_given_weights_are_the_features_and_named(tmp_path: Path) -> None:
    network = random_lpips(1)
    save_file(network.state_dict(), tmp_path / "vgg16.safetensors")
    features = find_features(tmp_path / "vgg16.safetensors")
    assert features.name == "channel means of VGG16 (vgg16.safetensors)"
    x = torch.rand(1, 3, 16, 16)
    maps = network.net(network.scaling_layer(x * 2 - 1))
    torch.testing.assert_close(features.of(x), torch.cat([part.mean((2, 3)) for part in maps], dim=1))
