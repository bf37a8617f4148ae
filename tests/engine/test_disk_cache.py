"""Files that are whole or absent, whatever happens to them; the folder stays within its limit."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.disk_cache import ABANDONED, DiskCache


class Texts:
    """A codec for tests: stores texts."""

    def encode(self, value: Any) -> bytes | None:
        return value.encode() if isinstance(value, str) else None

    def decode(self, data: bytes) -> str:
        return data.decode()


def _disk(folder: Path, limit: int = 1000, salt: str = "1") -> DiskCache:
    return DiskCache(folder, Texts(), limit, salt)


def _put(disk: DiskCache, key: bytes, text: Any, seconds: float = 1.0) -> None:
    disk.put(key, text, nbytes=len(str(text)), seconds=seconds)


def test_a_value_outlives_the_process(tmp_path: Path) -> None:
    _put(_disk(tmp_path / "cache"), b"k", "value")
    assert _disk(tmp_path / "cache").get(b"k") == "value"
    assert _disk(tmp_path / "cache").get(b"other") is None


def test_another_version_or_device_does_not_see_it(tmp_path: Path) -> None:
    _put(_disk(tmp_path), b"k", "value")
    assert _disk(tmp_path, salt="2").get(b"k") is None


def test_what_is_made_faster_than_read_is_not_written(tmp_path: Path) -> None:
    disk = _disk(tmp_path)
    _put(disk, b"k", "value", seconds=0.001)
    disk.put(b"large", "value", nbytes=10**9, seconds=1.0)
    assert not list(tmp_path.iterdir())


def test_what_the_codec_does_not_take_is_not_written(tmp_path: Path) -> None:
    _put(_disk(tmp_path), b"k", 5)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: data + b"x"])
def test_a_damaged_file_is_a_miss_and_removed(tmp_path: Path, damage: Any) -> None:
    _put(_disk(tmp_path), b"k", "value")
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    disk = _disk(tmp_path)
    assert disk.get(b"k") is None
    assert not path.exists()
    _put(disk, b"k", "value")
    assert disk.get(b"k") == "value"


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 39), st.integers(1, 255))
def test_no_altered_byte_goes_unnoticed(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    folder = tmp_path_factory.mktemp("disk")
    _put(_disk(folder), b"k", "v" * 40)
    (path,) = folder.iterdir()
    data = bytearray(path.read_bytes())
    data[place] ^= change
    path.write_bytes(data)
    assert _disk(folder).get(b"k") is None


def test_a_file_that_vanished_is_a_miss(tmp_path: Path) -> None:
    disk = _disk(tmp_path)
    _put(disk, b"k", "value")
    next(tmp_path.iterdir()).unlink()
    assert disk.get(b"k") is None
    assert b"k" not in disk


def test_the_longest_unused_makes_room(tmp_path: Path) -> None:
    disk = _disk(tmp_path, limit=25)
    for key in (b"a", b"b"):
        _put(disk, key, "x" * 10)
    assert disk.get(b"a") is not None
    _put(disk, b"c", "x" * 10)
    assert (b"a" in disk, b"b" in disk, b"c" in disk, disk.used_bytes) == (True, False, True, 20)
    _put(disk, b"d", "x" * 26)
    assert (b"d" in disk, disk.used_bytes) == (False, 20)
    assert len(list(tmp_path.iterdir())) == 2


def test_processes_share_a_folder(tmp_path: Path) -> None:
    one, two = _disk(tmp_path), _disk(tmp_path)
    _put(one, b"k", "value")
    assert two.get(b"k") is None
    two.refresh()
    assert two.get(b"k") == "value"


def test_a_killed_process_leaves_no_rubbish_for_good(tmp_path: Path) -> None:
    old, young, foreign = (tmp_path / name for name in (".0123456789abcdef.tmp", ".fedcba9876543210.tmp", "notes.txt"))
    for path in (old, young, foreign):
        path.write_text("x")
    past = time.time() - ABANDONED - 1
    for path in (old, foreign):
        os.utime(path, (past, past))
    disk = _disk(tmp_path)
    assert sorted(tmp_path.iterdir()) == [young, foreign]
    _put(disk, b"k", "value")
    disk.clear()
    assert sorted(tmp_path.iterdir()) == [young, foreign]


def test_a_folder_that_cannot_be_written_is_told_once_and_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    disk = _disk(tmp_path / "file" / "cache")
    _put(disk, b"k", "value")
    assert disk.get(b"k") is None
    _put(disk, b"l", "value")
    (complaint,) = disk.complaints()
    assert complaint.startswith("Results cannot be kept in ")
    assert disk.complaints() == []
