from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from ldm_nodes.sampling.noise import (
    MAX_SEED,
    NOISE_MODES,
    KeyedNoise,
    NoiseMode,
    SequentialNoise,
    noise_source,
    prepare_noise,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

SHAPE = (4, 9, 13)


def batch(n: int) -> Tensor:
    return torch.zeros(n, *SHAPE)


def test_the_first_comfyui_draw_of_a_run_is_the_start_noise_again() -> None:
    source = noise_source("comfyui", 42)
    first, second = source.draw(batch(2), 0), source.draw(batch(2), 1)
    assert torch.equal(first, prepare_noise((2, *SHAPE), 42))
    assert not torch.equal(first, second)


def test_the_comfyui_draws_are_torchs_from_that_seed() -> None:
    generator = torch.Generator().manual_seed(7)
    expected = [torch.randn(1, *SHAPE, generator=generator) for _ in range(3)]
    source = noise_source("comfyui", 7)
    assert all(torch.equal(source.draw(batch(1), step), noise) for step, noise in enumerate(expected))


@pytest.mark.parametrize("indices", [[0, 1, 2], [2, 0], [5], [1, 1]])
def test_a_keyed_draw_does_not_depend_on_the_rest_of_the_batch(indices: Sequence[int]) -> None:
    together = KeyedNoise(11, indices)
    alone = [KeyedNoise(11, [index]) for index in indices]
    for step in (0, 0, 1, 7):
        drawn = together.draw(batch(len(indices)), step)
        assert torch.equal(drawn, torch.cat([source.draw(batch(1), step) for source in alone]))


def test_keyed_draws_differ_by_seed_index_step_and_draw() -> None:
    source = KeyedNoise(11)
    draws = [
        *source.draw(batch(2), 0),
        *source.draw(batch(2), 0),
        *source.draw(batch(2), 1),
        *KeyedNoise(12).draw(batch(1), 0),
        *prepare_noise((2, *SHAPE), 11, mode="per_index"),
    ]
    assert all(not torch.equal(a, b) for i, a in enumerate(draws) for b in draws[:i])


def test_keyed_draws_are_standard_normal() -> None:
    drawn = torch.stack([KeyedNoise(0, [i]).draw(torch.zeros(1, 100), 0) for i in range(1000)])
    assert drawn.mean().abs() < 0.02
    assert (drawn.std() - 1).abs() < 0.02


def test_keyed_draws_stay_what_they_are() -> None:
    """A change of the key would change every picture made in this mode."""
    drawn = KeyedNoise(123, [4]).draw(torch.zeros(1, 4), 5)
    torch.testing.assert_close(drawn, torch.tensor([[0.0333, -1.6720, -0.3134, -0.3040]]), rtol=0, atol=1e-4)


def test_start_noise_by_index_picks_from_consecutive_draws() -> None:
    generator = torch.Generator().manual_seed(3)
    draws = [torch.randn(1, *SHAPE, generator=generator) for _ in range(5)]
    assert torch.equal(prepare_noise((3, *SHAPE), 3, [4, 1, 1]), torch.cat([draws[4], draws[1], draws[1]]))


@pytest.mark.parametrize("mode", NOISE_MODES)
@pytest.mark.parametrize("seed", [0, 2**63, MAX_SEED])
def test_every_64_bit_seed_works_and_leaves_the_global_generator_alone(mode: NoiseMode, seed: int) -> None:
    before = torch.get_rng_state()
    noise = prepare_noise((1, *SHAPE), seed, mode=mode)
    drawn = noise_source(mode, seed).draw(batch(1), 0)
    assert noise.isfinite().all()
    assert drawn.isfinite().all()
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("mode", NOISE_MODES)
def test_draws_take_the_latents_type_and_device(mode: NoiseMode) -> None:
    source = noise_source(mode, 1)
    assert source.draw(batch(1).half(), 0).dtype == torch.float16
    assert source.draw(batch(1).to("meta"), 1).device.type == "meta"


def test_the_sequence_of_one_generator_is_shared() -> None:
    generator = torch.Generator().manual_seed(5)
    source = SequentialNoise(generator)
    start = source.draw(batch(1), -1)
    assert torch.equal(start, prepare_noise((1, *SHAPE), 5))
    assert not torch.equal(start, source.draw(batch(1), 0))


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_other_seeds_are_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="A seed is a whole number from 0 to 18446744073709551615"):
        prepare_noise((1, *SHAPE), seed)


def test_a_wrong_batch_index_is_refused() -> None:
    with pytest.raises(ValueError, match="2 entries for a batch of 3"):
        prepare_noise((3, *SHAPE), 0, [0, 1])
    with pytest.raises(ValueError, match="negative number: -1"):
        prepare_noise((1, *SHAPE), 0, [-1])


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown noise mode 'gpu': expected one of comfyui, per_index"):
        noise_source("gpu", 0)  # type: ignore[arg-type]
