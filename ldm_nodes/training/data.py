"""What a model is trained on: pictures with captions and classes, as plain values.

`sources.py` makes samples from folders and tables, `reader.py` reads them, `batches.py` puts them together in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Color = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

WHITE: Color = (255, 255, 255)
NO_CLASS = -1
"""The label of a sample without a class; class-conditional models learn it as no condition."""


@dataclass(frozen=True)
class Sample:
    """One picture and what is known about it.

    Attributes:
        path: the picture.
        captions: texts of equal meaning; each visit takes one.
        class_name: its class, if it has one.
        background: what shows through transparent parts.
        condition: a second picture that the model is shown, such as a map of segments.
    """

    path: Path
    captions: tuple[str, ...] = ()
    class_name: str | None = None
    background: Color = WHITE
    condition: Path | None = None


@dataclass(frozen=True)
class Dataset:
    """Samples in a fixed order.

    Attributes:
        samples: at least one.
        class_names: the names of the classes; a label is a position here.
    """

    samples: tuple[Sample, ...]
    class_names: tuple[str, ...]

    @classmethod
    def of(cls, *sources: Iterable[Sample]) -> Dataset:
        """Join samples of one or more sources; classes are numbered by name.

        Raises:
            DataError: if there is no sample.
        """
        samples = tuple(chain.from_iterable(sources))
        if not samples:
            raise DataError("There is nothing to train on: the data has no pictures.")
        names = {sample.class_name for sample in samples if sample.class_name is not None}
        return cls(samples, tuple(sorted(names)))

    def __len__(self) -> int:
        return len(self.samples)

    def label(self, index: int) -> int:
        """Return the number of a sample's class, or `NO_CLASS`."""
        name = self.samples[index].class_name
        return NO_CLASS if name is None else self.class_names.index(name)


def stream(purpose: str, seed: int, *numbers: int) -> np.random.Generator:
    """Return the random numbers for one purpose at one place, the same whenever and wherever they are asked for."""
    # The purpose comes first: a seed sequence that is shorter than another is not told from one that ends in zeros.
    return np.random.default_rng([int.from_bytes(purpose.encode(), "big"), seed, *numbers])
