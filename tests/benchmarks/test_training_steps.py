"""The training benchmark is fair only if both contestants learn the same from the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from .contestant import Task
from .training import compared
from .training_steps import OurTraining, TheirTraining

SMALL = {"block_out_channels": (32, 64, 96)}


@pytest.fixture(scope="module")
def contestants() -> tuple[OurTraining, TheirTraining]:
    task = Task(Path(), "fp32", 64)
    return OurTraining(task, SMALL), TheirTraining(task, SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["diffusion", "box", "autoencoder"])
def test_losses_are_the_same_before_and_after_learning(
    what: str, contestants: tuple[OurTraining, TheirTraining]
) -> None:
    ours, theirs = contestants
    losses: tuple[list[float], list[float]] = ([], [])
    for _ in range(3):
        for step, found in ((getattr(ours, what), losses[0]), (getattr(theirs, what), losses[1])):
            assert step() > 0
            found.append(step.__self__.loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert len(set(losses[0])) == 3


def test_the_target_is_the_speed_of_the_plain_loop_and_a_fifth() -> None:
    row = compared("diffusion", "fp32", {"ours": [1.0, 2.0], "theirs": [1.3, 2.6]})
    assert row.cells[-1].endswith("met")
    assert compared("diffusion", "fp32", {"ours": [1.0], "theirs": [1.1]}).cells[-1].endswith("missed")
