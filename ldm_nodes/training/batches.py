"""Batches in an order that a seed decides, from any place on, for any number of processes.

Epochs follow each other without a gap: sample number p since the start of training is the sample at place p mod n of
epoch p div n, and each epoch is a shuffle of its own. So one number, the cursor, says where training is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, repeat
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from torch import Tensor

from .data import stream
from .errors import DataError
from .shard import WHOLE, Shard

if TYPE_CHECKING:
    from .pictures import Levels
    from .reader import Item, Reader

T = TypeVar("T")

# Level v becomes v / 127.5 - 1, computed in float64 and cast once, as in the original's data sets.
VALUES = torch.from_numpy((np.arange(256) / 127.5 - 1.0).astype(np.float32))


@dataclass(frozen=True)
class Batch:
    """What one step is taken on.

    Attributes:
        caption: B texts.
        class_label: (B,) int64, -1 for none.
        image: (B, 3, H, W) float32 in [-1, 1]; None where latents are cached.
        condition: (B, 3, H, W) in [-1, 1], a second picture, if the data has one.
        mask: (B, 1, H, W) float32, 1 where an inpainting model is to paint, if masks are drawn.
        moments: (B, C, h, w) of the autoencoder, if they are cached.
        cursor: samples taken by all processes since the start of training, this batch included.
    """

    caption: list[str]
    class_label: Tensor
    image: Tensor | None
    condition: Tensor | None
    mask: Tensor | None
    moments: Tensor | None
    cursor: int

    def __len__(self) -> int:
        return len(self.caption)


@dataclass(frozen=True)
class Batches:
    """Batches of the samples that a reader reads.

    Attributes:
        reader: reads one sample.
        batch_size: samples of a batch over all processes.
        seed: of the order.
        shard: the process that asks; it gets its rows only.
        shuffle: whether every epoch has an order of its own; off, it is that of the data.
        threads: how many samples are read at the same time.
        ahead: how many batches are made in the background while earlier ones are used; 0 makes each when asked.
    """

    reader: Reader
    batch_size: int
    seed: int = 0
    shard: Shard = WHOLE
    shuffle: bool = True
    threads: int = 1
    ahead: int = 2

    def __post_init__(self) -> None:
        self.shard.rows(self.batch_size)  # raises if it cannot be shared

    def endless(self, cursor: int = 0) -> Generator[Batch, None, None]:
        """Yield batches without end, from the given cursor on. Close the generator to stop its threads."""
        return prefetch(self._made(cursor), self.ahead)

    def once(self) -> Iterator[Batch]:
        """Yield every sample once in the order of the data, for validation; the last batch may be smaller."""
        places = zip(repeat(0), range(len(self.reader)))
        with ThreadPoolExecutor(self.threads) as pool:
            for number, wanted in enumerate(_batched(places, self.batch_size)):
                items = pool.map(lambda place: self.reader.read(*place), wanted)
                yield collate(list(items), number * self.batch_size + len(wanted))

    def _made(self, cursor: int) -> Generator[Batch, None, None]:
        places = visits(len(self.reader), self.seed, cursor, self.shuffle)
        rows = self.shard.rows(self.batch_size)
        with ThreadPoolExecutor(self.threads) as pool:
            for wanted in _batched(places, self.batch_size):
                cursor += self.batch_size
                items = pool.map(lambda place: self.reader.read(*place), wanted[rows])
                yield collate(list(items), cursor)


def visits(length: int, seed: int, cursor: int = 0, shuffle: bool = True) -> Iterator[tuple[int, int]]:
    """Yield (epoch, sample) without end, from visit number `cursor` on."""
    while True:
        epoch, start = divmod(cursor, length)
        order = stream("order", seed, epoch).permutation(length) if shuffle else np.arange(length)
        yield from zip(repeat(epoch), order[start:].tolist())
        cursor += length - start


def collate(items: Sequence[Item], cursor: int) -> Batch:
    """Put items together.

    Raises:
        DataError: if some have a second picture and some have none.
    """
    conditions = [item.condition for item in items if item.condition is not None]
    if conditions and len(conditions) != len(items):
        raise DataError("Some samples have a second picture (condition) and some have none; give one to each.")
    images = [item.image for item in items if item.image is not None]
    masks = [item.mask for item in items if item.mask is not None]
    moments = [item.moments for item in items if item.moments is not None]
    return Batch(
        caption=[item.caption for item in items],
        class_label=torch.tensor([item.label for item in items]),
        image=to_values(images) if images else None,
        condition=to_values(conditions) if conditions else None,
        mask=torch.from_numpy(np.stack(masks))[:, None].float() if masks else None,
        moments=torch.stack(moments) if moments else None,
        cursor=cursor,
    )


def to_values(pictures: Sequence[Levels]) -> Tensor:
    """Return pictures (H, W, 3) of 8 bits as one tensor (B, 3, H, W) in [-1, 1]."""
    levels = torch.from_numpy(np.stack(pictures))
    return VALUES[levels.movedim(-1, 1).int()].contiguous()


def prefetch(items: Generator[T, None, None], depth: int) -> Generator[T, None, None]:
    """Yield the items of a generator, with up to `depth` of them made in a thread while earlier ones are used.

    An error is raised where its item would have come. Closing this generator closes the other.
    """
    if depth < 1:
        yield from items
        return
    end = object()
    with ThreadPoolExecutor(1) as worker:
        try:
            waiting = deque(worker.submit(next, items, end) for _ in range(depth))
            while (item := waiting.popleft().result()) is not end:
                waiting.append(worker.submit(next, items, end))
                yield item  # type: ignore[misc]
        finally:
            worker.shutdown(cancel_futures=True)
            items.close()


def _batched(places: Iterator[tuple[int, int]], size: int) -> Iterator[tuple[tuple[int, int], ...]]:
    while batch := tuple(islice(places, size)):
        yield batch
