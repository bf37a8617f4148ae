"""How the command line says what is kept."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from ldm_nodes.cli.cache_options import add_cache_options, cache_settings
from ldm_nodes.settings import CacheSettings


def _settings(*arguments: str) -> CacheSettings:
    parser = argparse.ArgumentParser()
    add_cache_options(parser)
    return cache_settings(parser.parse_args(arguments))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("classic", CacheSettings("classic")),
        ("none", CacheSettings("none")),
        ("lru:20", CacheSettings("lru", 20)),
        ("6G", CacheSettings(memory_bytes=6 << 30)),
        ("512m", CacheSettings(memory_bytes=512 << 20)),
        ("1.5GiB", CacheSettings(memory_bytes=3 << 29)),
        ("0", CacheSettings(memory_bytes=0)),
        ("1000000", CacheSettings(memory_bytes=1_000_000)),
    ],
)
def test_modes_and_sizes(text: str, expected: CacheSettings) -> None:
    assert _settings("--cache", text) == expected


@pytest.mark.parametrize("text", ["", "lru", "lru:", "lru:0", "lru:x", "many", "-5", "6 apples", "nan", "1e9"])
def test_anything_else_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _settings(f"--cache={text}")
    assert "nor a size such as 6G" in capsys.readouterr().err


def test_the_folder() -> None:
    assert _settings("--cache-dir", "c", "--cache-dir-size", "1G") == CacheSettings(
        folder=Path("c"), folder_bytes=1 << 30
    )
    assert cache_settings(argparse.Namespace()) == CacheSettings() == _settings()
