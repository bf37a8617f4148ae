from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from ldm_nodes.training.batches import Batch, Batches, collate, prefetch, to_values, visits
from ldm_nodes.training.captions import Wording
from ldm_nodes.training.data import Dataset
from ldm_nodes.training.errors import DataError
from ldm_nodes.training.pictures import Framing
from ldm_nodes.training.reader import Item, PictureReader
from ldm_nodes.training.shard import Shard
from ldm_nodes.training.sources import from_folder, from_table
from tests.training.tiny import folder_of, noise, save

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from ldm_nodes.training.reader import Reader

FRAMING = Framing(6, "random", min_side=0.5, mirror=0.5)


@pytest.fixture
def reader(tmp_path: Path) -> PictureReader:
    return PictureReader(Dataset.of(from_folder(folder_of(tmp_path, 7))), FRAMING, Wording(dropout=0.3), seed=5)


def taken(batches: Batches, count: int, cursor: int = 0) -> list[Batch]:
    made = batches.endless(cursor)
    found = list(islice(made, count))
    made.close()
    return found


def same(one: Batch, other: Batch) -> bool:
    assert one.image is not None
    assert other.image is not None
    same_values = torch.equal(one.image, other.image) and torch.equal(one.class_label, other.class_label)
    return same_values and one.caption == other.caption and one.cursor == other.cursor


def test_every_epoch_sees_every_sample_once_in_an_order_of_its_own() -> None:
    first, second = (list(islice(visits(50, seed=1, cursor=start), 50)) for start in (0, 50))
    assert {epoch for epoch, _ in first} == {0}
    assert {epoch for epoch, _ in second} == {1}
    assert sorted(index for _, index in first) == sorted(index for _, index in second) == list(range(50))
    assert [index for _, index in first] != [index for _, index in second]
    assert list(islice(visits(50, seed=2), 50)) != first
    assert list(islice(visits(3, 0, shuffle=False), 5)) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


@pytest.mark.parametrize("cursor", [1, 49, 50, 51, 137])
def test_a_cursor_continues_the_same_sequence(cursor: int) -> None:
    assert list(islice(visits(50, 3, cursor), 100)) == list(islice(visits(50, 3), 300))[cursor : cursor + 100]


def test_batches_resume_exactly(reader: PictureReader) -> None:
    batches = Batches(reader, 4, seed=9)
    straight = taken(batches, 8)
    for at in (1, 3, 5):
        resumed = taken(batches, 8 - at, cursor=straight[at - 1].cursor)
        assert all(same(one, other) for one, other in zip(resumed, straight[at:], strict=True))
    assert straight[0].image is not None
    assert straight[0].image.shape == (4, 3, 6, 6)
    assert straight[0].image.is_contiguous()


def test_threads_and_prefetching_change_nothing(reader: PictureReader) -> None:
    plain = taken(Batches(reader, 4, ahead=0), 6)
    threaded = taken(Batches(reader, 4, threads=3, ahead=4), 6)
    assert all(same(one, other) for one, other in zip(plain, threaded, strict=True))


def test_processes_together_see_the_batch_of_one(reader: PictureReader) -> None:
    whole = taken(Batches(reader, 4), 5)
    parts = [taken(Batches(reader, 4, shard=Shard(rank, 2)), 5) for rank in range(2)]
    for batch, *pieces in zip(whole, *parts, strict=True):
        assert batch.caption == [caption for piece in pieces for caption in piece.caption]
        images = [piece.image for piece in pieces if piece.image is not None]
        assert batch.image is not None
        assert torch.equal(torch.cat(images), batch.image)
        assert {piece.cursor for piece in pieces} == {batch.cursor}
    with pytest.raises(ValueError, match="cannot be shared equally"):
        Batches(reader, 3, shard=Shard(0, 2))


def test_views_and_captions_change_from_epoch_to_epoch(reader: PictureReader) -> None:
    items = [reader.read(epoch, 3) for epoch in range(6)]
    assert len({item.image.tobytes() for item in items if item.image is not None}) > 3
    assert len({item.caption for item in items}) > 1


def test_once_reads_all_in_order(reader: PictureReader) -> None:
    batches = list(Batches(reader, 3, threads=2).once())
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert [batch.cursor for batch in batches] == [3, 6, 7]
    labels = torch.cat([batch.class_label for batch in batches]).tolist()
    assert labels == [0, 0, 0, 0, 1, 1, 1]


def test_values_are_the_originals() -> None:
    levels = noise(5, 4)
    expected = (levels / 127.5 - 1.0).astype(np.float32).transpose(2, 0, 1)
    np.testing.assert_array_equal(to_values([levels])[0].numpy(), expected)


def spoil(path: Path, how: str) -> None:
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "empty": b"", "text": b"not a picture"}[how])


@pytest.mark.parametrize("how", ["cut", "empty", "text"])
def test_damaged_pictures_are_skipped_counted_and_named(tmp_path: Path, how: str) -> None:
    root = folder_of(tmp_path, 6, side=32)
    dataset = Dataset.of(from_folder(root))
    for place in (1, 2):
        spoil(dataset.samples[place].path, how)
    batches = Batches(PictureReader(dataset, FRAMING, seed=1), 4)
    met = taken(batches, 6)
    reader = batches.reader
    assert isinstance(reader, PictureReader)
    assert {path.name for path in reader.skipped} == {dataset.samples[place].path.name for place in (1, 2)}
    assert all(path.name in reason for path, reason in reader.skipped.items())
    assert reader.read(0, 1).caption == dataset.samples[3].captions[0]
    # Knowing the damage beforehand, as after a resume, gives the same batches.
    again = taken(batches, 6)
    assert all(same(one, other) for one, other in zip(met, again, strict=True))


def test_nothing_readable_is_an_error(tmp_path: Path) -> None:
    dataset = Dataset.of(from_folder(folder_of(tmp_path, 2)))
    for sample in dataset.samples:
        spoil(sample.path, "text")
    made = Batches(PictureReader(dataset, FRAMING), 2).endless()
    with pytest.raises(DataError, match=r"None of the 2 pictures can be read.*000\.png"):
        next(made)


def test_second_pictures_share_the_view(tmp_path: Path) -> None:
    levels = noise(9, 8)
    save(tmp_path / "a.png", levels)
    save(tmp_path / "b.png", levels)
    (tmp_path / "d.csv").write_text("path,condition\na.png,b.png\n")
    reader = PictureReader(Dataset.of(from_table(tmp_path / "d.csv")), FRAMING, masks=True)
    [batch] = Batches(reader, 1).once()
    assert batch.condition is not None
    assert batch.image is not None
    assert torch.equal(batch.condition, batch.image)
    assert batch.mask is not None
    assert batch.mask.shape == (1, 1, 6, 6)
    assert 0 < batch.mask.mean() <= 1


def test_a_second_picture_for_some_is_refused() -> None:
    square = noise(2, 2)
    with pytest.raises(DataError, match="Some samples have a second picture"):
        collate([Item("", 0, square, square), Item("", 0, square)], 2)


def test_cached_latents_come_as_one_tensor() -> None:
    rows = torch.randn(2, 8, 3, 3)
    batch = collate([Item("a", 1, moments=row) for row in rows], 2)
    assert batch.image is None
    assert batch.moments is not None
    assert torch.equal(batch.moments, rows)


class Failing:
    """A reader whose third sample raises."""

    def __len__(self) -> int:
        return 4

    def read(self, epoch: int, index: int) -> Item:
        if index == 2:
            raise OSError("the disk went away")
        return Item(str(index), index)


@pytest.mark.parametrize("ahead", [0, 3])
def test_errors_come_where_their_batch_would_have_come(ahead: int) -> None:
    reader: Reader = Failing()
    made = Batches(reader, 1, shuffle=False, ahead=ahead).endless()
    assert [next(made).caption for _ in range(2)] == [["0"], ["1"]]
    with pytest.raises(OSError, match="the disk went away"):
        next(made)


def test_closing_stops_the_threads() -> None:
    before = threading.active_count()
    closed: list[bool] = []

    def count() -> Generator[int, None, None]:
        try:
            yield from range(1000)
        finally:
            closed.append(True)

    made = prefetch(count(), 3)
    assert [next(made) for _ in range(3)] == [0, 1, 2]
    assert threading.active_count() > before
    made.close()
    assert threading.active_count() == before
    assert closed == [True]


def test_a_finite_source_ends() -> None:
    def three() -> Iterator[int]:
        yield from range(3)

    assert list(prefetch((number for number in three()), 2)) == [0, 1, 2]
    assert isinstance(next(prefetch((row for row in torch.ones(2)), 0)), Tensor)
