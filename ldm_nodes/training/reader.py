"""One sample at a time: from a place in the data to what goes into a batch.

Every random choice depends on (seed, epoch, sample) alone, so that it is the same after a resume, in any thread and in
any process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..imaging.errors import UnreadablePictureError
from ..imaging.reading import DEFAULT_LIMITS, Limits
from .captions import Wording
from .data import stream
from .errors import DataError
from .pictures import random_mask, read_view

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from torch import Tensor

    from .data import Dataset, Sample
    from .pictures import Framing, Levels, View


@dataclass(frozen=True)
class Item:
    """What a batch takes from one sample.

    Attributes:
        caption: the text of this visit.
        label: the number of its class, or `NO_CLASS`.
        image: (H, W, 3), 8 bits; None where the latent is cached.
        condition: (H, W, 3), 8 bits, if the data has a second picture.
        mask: (H, W), 1 where an inpainting model is to paint, if masks are drawn.
        moments: (C, h, w) of the autoencoder, from a cache.
    """

    caption: str
    label: int
    image: Levels | None = None
    condition: Levels | None = None
    mask: Levels | None = None
    moments: Tensor | None = None


class Reader(Protocol):
    """Whatever turns a place in the data into an item."""

    def __len__(self) -> int:
        """Return the number of samples."""
        ...

    def read(self, epoch: int, index: int) -> Item:
        """Return sample `index` as it is seen in `epoch`."""
        ...


@dataclass(frozen=True)
class PictureReader:
    """Reads pictures from their files.

    A file that cannot be read is skipped: the next sample that can be read takes its place.

    Attributes:
        dataset: the samples.
        framing: how pictures become squares.
        wording: how captions vary.
        seed: of all choices.
        masks: whether to draw what an inpainting model is to paint.
        limits: how large a picture may be.
        skipped: the unreadable files met so far and what is wrong with each.
    """

    dataset: Dataset
    framing: Framing
    wording: Wording = field(default_factory=Wording)
    seed: int = 0
    masks: bool = False
    limits: Limits = DEFAULT_LIMITS
    skipped: dict[Path, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.dataset)

    def read(self, epoch: int, index: int) -> Item:
        """Return sample `index`, or the next readable one, as it is seen in `epoch`.

        Raises:
            DataError: if no picture at all can be read.
        """
        for offset in range(len(self)):
            place = (index + offset) % len(self)
            sample = self.dataset.samples[place]
            if sample.path in self.skipped:
                continue
            try:
                return self._read(place, sample, stream("view", self.seed, epoch, place))
            except UnreadablePictureError as error:
                self.skipped[sample.path] = str(error)
        first = next(iter(self.skipped.values()))
        raise DataError(f"None of the {len(self)} pictures can be read. {first}")

    def _read(self, place: int, sample: Sample, rng: np.random.Generator) -> Item:
        view, size = self.framing.draw(rng), self.framing.size
        second = sample.condition
        return Item(
            caption=self.wording.choose(sample.captions, rng),
            label=self.dataset.label(place),
            image=self.square(sample, view),
            condition=None if second is None else read_view(second, view, size, limits=self.limits),
            mask=random_mask(rng, size) if self.masks else None,
        )

    def square(self, sample: Sample, view: View) -> Levels:
        """Return one view of a sample's picture.

        Raises:
            UnreadablePictureError: if the file cannot be read.
        """
        return read_view(sample.path, view, self.framing.size, sample.background, self.limits)
