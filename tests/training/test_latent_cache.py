from __future__ import annotations

import errno
import os
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.models.latent_diffusion import build_first_stage
from ldm_nodes.training import latent_cache
from ldm_nodes.training.batches import Batches
from ldm_nodes.training.captions import Wording
from ldm_nodes.training.data import Dataset
from ldm_nodes.training.errors import CacheError, DataError
from ldm_nodes.training.latent_cache import LatentCache, LatentReader, cached, fingerprint
from ldm_nodes.training.latent_diffusion import encode_moments
from ldm_nodes.training.pictures import Framing
from ldm_nodes.training.reader import PictureReader
from ldm_nodes.training.sources import from_folder
from tests.training.tiny import KL, VQ, folder_of, noise, save

if TYPE_CHECKING:
    from pathlib import Path

    from ldm_nodes.models.autoencoder import AutoencoderKL, VQModelInterface
    from ldm_nodes.models.config import AutoencoderConfig
    from ldm_nodes.training.batches import Batch

FRAMING = Framing(8, mirror=0.5)


def first_stage_of(config: AutoencoderConfig = KL, seed: int = 0) -> AutoencoderKL | VQModelInterface:
    torch.manual_seed(seed)
    model = build_first_stage(config)
    assert model is not None
    return model.eval()


@pytest.fixture(scope="module")
def first_stage() -> AutoencoderKL | VQModelInterface:
    return first_stage_of()


def reader_of(root: Path) -> PictureReader:
    return PictureReader(Dataset.of(from_folder(root)), FRAMING, Wording(dropout=0.2), seed=4)


def made(root: Path, first_stage: AutoencoderKL | VQModelInterface) -> tuple[LatentReader, list[int]]:
    """Open the cache beside `root`, fill it, and tell how many entries that made."""
    told: list[int] = []
    cache = LatentCache(root.parent / "cache", first_stage)
    reader = cached(reader_of(root), cache, first_stage, batch_size=3, progress=lambda done, of: told.append(done))
    return reader, told


def files(reader: LatentReader) -> list[Path]:
    return sorted(reader.cache.folder.iterdir())


def batches_of(reader: PictureReader | LatentReader) -> list[Batch]:
    endless = Batches(reader, 4, seed=1).endless()
    found = list(islice(endless, 6))
    endless.close()
    return found


@pytest.mark.parametrize("config", [KL, VQ], ids=["KL", "VQ"])
def test_cached_latents_are_those_of_the_pictures(config: AutoencoderConfig, tmp_path: Path) -> None:
    first_stage = first_stage_of(config)
    reader, _ = made(folder_of(tmp_path / "data", 5), first_stage)
    for ours, pictures in zip(batches_of(reader), batches_of(reader.pictures), strict=True):
        assert ours.caption == pictures.caption
        assert torch.equal(ours.class_label, pictures.class_label)
        assert ours.cursor == pictures.cursor
        assert ours.moments is not None
        assert pictures.image is not None
        with torch.no_grad():
            expected = encode_moments(first_stage, pictures.image)
        torch.testing.assert_close(ours.moments, expected, atol=1e-5, rtol=1e-5)


def test_nothing_is_made_twice(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    root = folder_of(tmp_path / "data", 4)
    _, told = made(root, first_stage)
    assert told == [8]  # two views each
    reader, told = made(root, first_stage)
    assert told == []
    assert len(reader.cache) == 8
    save(root / "cat" / "new.png", noise(8, 8, seed=99))
    (root / "dog" / "001.png").rename(root / "dog" / "renamed.png")
    reader, told = made(root, first_stage)
    assert told == [2]
    assert len(reader) == 5


def test_what_was_made_before_a_stop_is_kept(
    tmp_path: Path, first_stage: AutoencoderKL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latent_cache, "PER_FILE", 3)
    root = folder_of(tmp_path / "data", 4)

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached(reader_of(root), LatentCache(tmp_path / "cache", first_stage), first_stage, batch_size=3, progress=stop)
    reader, told = made(root, first_stage)
    assert told == [3, 5]
    assert len(files(reader)) == 3
    assert torch.equal(batches_of(reader)[0].class_label, batches_of(reader.pictures)[0].class_label)


def test_other_weights_have_another_cache(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    root = folder_of(tmp_path / "data", 2)
    assert made(root, first_stage)[1] == [4]
    other = first_stage_of(seed=1)
    assert fingerprint(other) != fingerprint(first_stage)
    assert made(root, other)[1] == [4]
    decoder_differs = first_stage_of()
    with torch.no_grad():
        decoder_differs.decoder.conv_out.weight.add_(1.0)
    assert fingerprint(decoder_differs) == fingerprint(first_stage)
    assert made(root, decoder_differs)[1] == []


def test_changed_pictures_and_backgrounds_are_made_again(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    root = folder_of(tmp_path / "data", 2)
    made(root, first_stage)
    save(root / "cat" / "000.png", noise(8, 8, seed=50))
    assert made(root, first_stage)[1] == [2]
    pictures = reader_of(root)
    samples = tuple(replace(sample, background=(0, 0, 255)) for sample in pictures.dataset.samples)
    blue = replace(pictures, dataset=replace(pictures.dataset, samples=samples))
    told: list[int] = []
    cache = LatentCache(tmp_path / "cache", first_stage)
    cached(blue, cache, first_stage, progress=lambda done, of: told.append(of))
    assert told == [4]


def damage(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "a bit":
        data[-5] ^= 1
    elif how == "cut":
        del data[-7:]
    elif how == "empty":
        data.clear()
    elif how == "noise":
        data[:] = os.urandom(len(data))
    path.write_bytes(data)


@pytest.mark.parametrize("how", ["a bit", "cut", "empty", "noise"])
def test_damaged_files_are_made_again(how: str, tmp_path: Path, first_stage: AutoencoderKL) -> None:
    root = folder_of(tmp_path / "data", 3)
    before, _ = made(root, first_stage)
    [path] = files(before)
    damage(path, how)
    after, told = made(root, first_stage)
    assert told == [6]
    assert after.cache.discarded == [path.name]
    elsewhere = cached(reader_of(root), LatentCache(tmp_path / "elsewhere", first_stage), first_stage, batch_size=3)
    for index in range(3):
        got, expected = after.read(0, index).moments, elsewhere.read(0, index).moments
        assert got is not None
        assert expected is not None
        assert torch.equal(got, expected)
    assert made(root, first_stage)[0].cache.discarded == []


def test_a_file_with_other_contents_is_damaged(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    cache = LatentCache(tmp_path, first_stage)
    cache.add(["a", "b"], torch.randn(2, 8, 4, 4))
    assert "a" in LatentCache(tmp_path, first_stage)
    [path] = cache.folder.iterdir()
    for about in ({}, {"keys": '["a"]', "sha256": "0"}, {"keys": "{", "sha256": "0"}):
        save_file({"moments": torch.zeros(1, 8, 4, 4)}, path, about)
        assert LatentCache(tmp_path, first_stage).discarded == [path.name]


def test_what_a_killed_run_leaves_is_not_read(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    cache = LatentCache(tmp_path, first_stage)
    (cache.folder / ".abc.1.tmp").write_bytes(b"half a file")
    again = LatentCache(tmp_path, first_stage)
    assert len(again) == 0
    assert again.discarded == []


def test_half_precision_takes_half_the_room(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    moments = torch.randn(64, 8, 4, 4)
    sizes = []
    for dtype in (torch.float32, torch.float16):
        cache = LatentCache(tmp_path, first_stage, dtype)
        cache.add([str(number) for number in range(64)], moments)
        sizes.append(sum(path.stat().st_size for path in cache.folder.iterdir()))
        assert cache.moments("3").dtype == torch.float32
        torch.testing.assert_close(cache.moments("3"), moments[3], atol=2e-3, rtol=1e-3)
    assert sizes[1] < 0.7 * sizes[0]


def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, first_stage: AutoencoderKL, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cache = LatentCache(tmp_path, first_stage)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CacheError, match=r"No space left on device.*Free some space"):
        cache.add(["a"], torch.zeros(1, 8, 4, 4))
    assert list(cache.folder.iterdir()) == []
    assert "a" not in cache


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="cannot be used: Not a directory"):
        LatentCache(tmp_path / "file", first_stage)


def test_unreadable_pictures_are_skipped_and_named(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    root = folder_of(tmp_path / "data", 4)
    (root / "cat" / "002.png").write_bytes(b"no picture")
    (root / "dog" / "001.png").unlink()
    (root / "dog" / "001.png").symlink_to(root / "nothing")
    reader, told = made(root, first_stage)
    assert told == [4]
    assert {path.name for path in reader.pictures.skipped} == {"002.png", "001.png"}
    captions = {caption for batch in batches_of(reader) for caption in batch.caption}
    assert not any("2" in caption or "1" in caption for caption in captions)


def test_nothing_readable_is_an_error(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    root = folder_of(tmp_path / "data", 1)
    (root / "cat" / "000.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"None of the 1 pictures can be read.*000\.png"):
        made(root, first_stage)


def test_random_crops_cannot_be_cached(tmp_path: Path, first_stage: AutoencoderKL) -> None:
    pictures = replace(reader_of(folder_of(tmp_path / "data", 1)), framing=Framing(8, "random"))
    with pytest.raises(ValueError, match="random crops cannot be cached"):
        cached(pictures, LatentCache(tmp_path / "cache", first_stage), first_stage)
