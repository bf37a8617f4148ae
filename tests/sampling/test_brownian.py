"""Brownian paths for SDE samplers."""

from __future__ import annotations

import torch

from ldm_nodes.sampling.brownian import brownian_motion

SIGMAS = torch.tensor([10.0, 4.0, 1.0, 0.1, 0.0])
X = torch.zeros(2, 4, 16, 16)


def test_increments_have_unit_variance_and_repeat() -> None:
    motion = brownian_motion(X, SIGMAS, 7)
    step = motion(10.0, 4.0)
    assert abs(step.std().item() - 1) < 0.05
    assert torch.equal(step, brownian_motion(X, SIGMAS, 7)(10.0, 4.0))
    assert not torch.equal(step, brownian_motion(X, SIGMAS, 8)(10.0, 4.0))


def test_the_path_does_not_depend_on_the_number_of_steps() -> None:
    motion = brownian_motion(X, SIGMAS, 7)
    whole = motion(10.0, 1.0) * 9**0.5
    parts = motion(10.0, 4.0) * 6**0.5 + motion(4.0, 1.0) * 3**0.5
    torch.testing.assert_close(parts, whole, atol=1e-4, rtol=1e-4)


def test_steps_down_to_zero_stay_on_the_path() -> None:
    assert brownian_motion(X, SIGMAS, 7)(1.0, 0.0).isfinite().all()


def test_a_picture_keeps_its_path_in_any_batch() -> None:
    batch = brownian_motion(torch.zeros(3, 4, 8, 8), SIGMAS, 7, "per_index", [5, 2, 5])(10.0, 4.0)
    alone = brownian_motion(torch.zeros(1, 4, 8, 8), SIGMAS, 7, "per_index", [2])(10.0, 4.0)
    assert torch.equal(batch[1], alone[0])
    assert torch.equal(batch[0], batch[2])
    assert not torch.equal(batch[0], batch[1])


def test_increments_take_the_latents_type() -> None:
    assert brownian_motion(X.double(), SIGMAS, 7)(10.0, 4.0).dtype == torch.float64
