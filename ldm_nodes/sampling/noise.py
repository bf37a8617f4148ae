"""Random draws. Every one is made on the CPU, so that all devices sample the same picture.

No draw touches torch's global generator. Two modes: `comfyui` draws for the whole batch in sequence, `per_index` keys
each draw by (seed, batch index, step), so that a picture does not depend on its companions in the batch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, Protocol

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

NoiseMode = Literal["comfyui", "per_index"]

NOISE_MODES: tuple[NoiseMode, ...] = ("comfyui", "per_index")

MAX_SEED = 2**64 - 1

# The key of the start noise: sampler steps count from 0.
START = -1


class NoiseSource(Protocol):
    """Where a sampler's random draws come from."""

    def draw(self, x: Tensor, step: int) -> Tensor:
        """Return standard normal noise of x's shape, device and dtype for the step `step` (from 0).

        A step may draw more than once; each draw is new.
        """
        ...


@dataclass(frozen=True)
class SequentialNoise:
    """Consecutive draws of one CPU generator, each for the whole batch: the order of the original programs."""

    generator: torch.Generator

    @classmethod
    def seeded(cls, seed: int) -> SequentialNoise:
        """Start a new sequence at `seed`, 0 to 2**64 - 1."""
        return cls(cpu_generator(seed))

    def draw(self, x: Tensor, step: int) -> Tensor:
        """Return the next draw of the sequence."""
        return torch.randn(x.shape, generator=self.generator, device="cpu").to(x)


@dataclass
class KeyedNoise:
    """Draws keyed by (seed, batch index, step): picture i of a batch equals the single run with that index.

    Attributes:
        seed: 0 to 2**64 - 1.
        batch_index: The index of each picture of the batch; 0, 1, 2, ... when None.
        first_step: Where in the whole sampling step 0 stands, so that a sampling cut in two draws what it draws whole.
    """

    seed: int
    batch_index: Sequence[int] | None = None
    first_step: int = 0
    _step: int = field(default=START, init=False)
    _draws: int = field(default=0, init=False)

    def draw(self, x: Tensor, step: int) -> Tensor:
        """Return the next draw of this step."""
        self._draws = self._draws + 1 if step == self._step else 0
        self._step = step
        indices = _indices(x.shape[0], self.batch_index)
        draws = {i: keyed_normal(x.shape[1:], self.seed, i, self.first_step + step, self._draws) for i in set(indices)}
        return torch.stack([draws[i] for i in indices]).to(x)


def noise_source(
    mode: NoiseMode, seed: int, batch_index: Sequence[int] | None = None, first_step: int = 0
) -> NoiseSource:
    """Return the source of a run's per-step draws.

    In mode `comfyui` the sequence starts again at the seed, so that the first draw equals the start noise: that is what
    ComfyUI computes. In mode `per_index` a run that begins at `first_step` of a sampling draws that step's noise.
    """
    if mode == "comfyui":
        return SequentialNoise.seeded(seed)
    if mode == "per_index":
        return KeyedNoise(seed, batch_index, first_step)
    raise ValueError(f"Unknown noise mode {mode!r}: expected one of {', '.join(NOISE_MODES)}.")


def prepare_noise(
    shape: Sequence[int], seed: int, batch_index: Sequence[int] | None = None, mode: NoiseMode = "comfyui"
) -> Tensor:
    """Return the start noise of a batch: float32 on the CPU.

    Args:
        shape: (B, C, h, w).
        seed: 0 to 2**64 - 1.
        batch_index: Where each picture stood in the batch it was first drawn in; B entries, or None.
        mode: In `comfyui`, one draw for the batch without `batch_index`, and with it one draw per index from 0 to the
            largest, of which the listed ones are kept. In `per_index`, one keyed draw per picture.
    """
    if mode == "per_index":
        return KeyedNoise(seed, batch_index).draw(torch.empty(tuple(shape)), START)
    generator = cpu_generator(seed)
    if batch_index is None:
        return torch.randn(tuple(shape), generator=generator, device="cpu")
    indices = _indices(shape[0], batch_index)
    draws = [torch.randn((1, *shape[1:]), generator=generator, device="cpu") for _ in range(max(indices) + 1)]
    return torch.cat([draws[i] for i in indices])


def cpu_generator(seed: int) -> torch.Generator:
    """Return a CPU generator at `seed`.

    Raises:
        ValueError: If the seed is not within 0 and 2**64 - 1.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"A seed is a whole number from 0 to {MAX_SEED}, got {seed}.")
    return torch.Generator("cpu").manual_seed(seed)


def keyed_normal(shape: Sequence[int], seed: int, index: int, step: int, draw: int = 0) -> Tensor:
    """Return the standard normal draw that belongs to (seed, batch index, step, number of the draw in the step)."""
    key = ",".join(str(part) for part in (seed, index, step, draw)).encode()
    hashed = int.from_bytes(blake2b(key, digest_size=8).digest(), "little")
    return torch.randn(tuple(shape), generator=cpu_generator(hashed), device="cpu")


def _indices(batch: int, batch_index: Sequence[int] | None) -> list[int]:
    indices = list(range(batch)) if batch_index is None else [int(i) for i in batch_index]
    if len(indices) != batch:
        raise ValueError(f"batch_index has {len(indices)} entries for a batch of {batch}: give one per picture.")
    if any(i < 0 for i in indices):
        raise ValueError(f"batch_index holds a negative number: {min(indices)}.")
    return indices
