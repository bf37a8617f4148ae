"""The diagonal Gaussian against the original, with log-variances far outside the clamp."""

from __future__ import annotations

import torch

from ldm_nodes.models.distribution import DiagonalGaussian, normal_kl
from tests import golden

CASE = golden.load("03_distribution", "diagonal_gaussian")


def gaussian(name: str, deterministic: bool = False) -> DiagonalGaussian:
    return DiagonalGaussian(CASE.tensors[name], deterministic)


def test_moments() -> None:
    posterior = gaussian("parameters")
    CASE.assert_close("mean", posterior.mean)
    CASE.assert_close("logvar", posterior.logvar)
    CASE.assert_close("std", posterior.std)
    CASE.assert_close("var", posterior.var)
    CASE.assert_close("mode", posterior.mode())


def test_extremes_are_clamped() -> None:
    posterior = gaussian("parameters_extreme")
    CASE.assert_close("extreme.logvar", posterior.logvar)
    CASE.assert_close("extreme.std", posterior.std)
    CASE.assert_close("extreme.var", posterior.var)
    CASE.assert_close("extreme.kl", posterior.kl())


def test_sample() -> None:
    posterior = gaussian("parameters")
    CASE.assert_close("sample", posterior.sample(noise=CASE.tensors["noise"]))
    CASE.assert_close("sample_seeded", posterior.sample(torch.Generator().manual_seed(33)))


def test_sample_without_a_generator_uses_torchs_own() -> None:
    with torch.random.fork_rng():
        torch.manual_seed(33)
        CASE.assert_close("sample_seeded", gaussian("parameters").sample())


def test_divergence_and_likelihood() -> None:
    posterior = gaussian("parameters")
    CASE.assert_close("kl", posterior.kl())
    CASE.assert_close("kl_other", posterior.kl(gaussian("other_parameters")))
    CASE.assert_close("nll", posterior.nll(CASE.tensors["x"]))
    CASE.assert_close("nll_dims_23", posterior.nll(CASE.tensors["x"], dims=[2, 3]))


def test_deterministic() -> None:
    posterior = gaussian("parameters", deterministic=True)
    CASE.assert_close("deterministic.std", posterior.std)
    CASE.assert_close("deterministic.kl", posterior.kl())
    CASE.assert_close("deterministic.nll", posterior.nll(CASE.tensors["x"]))
    CASE.assert_close("deterministic.sample", posterior.sample())


def test_normal_kl() -> None:
    m1, l1, m2, l2 = (CASE.tensors[f"normal_kl.{name}"] for name in ("m1", "l1", "m2", "l2"))
    CASE.assert_close("normal_kl.tensors", normal_kl(m1, l1, m2, l2))
    CASE.assert_close("normal_kl.to_standard", normal_kl(m1, l1, 0.0, 0.0))
