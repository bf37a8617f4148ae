"""`--cache`, `--cache-dir` and `--cache-dir-size`: what is kept between runs, and where."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from ..settings import CacheSettings


def add_cache_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    parser.add_argument(
        "--cache", type=_mode, default={}, metavar="HOW",
        help="what is kept between runs: BYTES such as 6G for models and results together (default: half the memory), "
        "or classic (what the last run used), lru:N (at most N results), none",
    )  # fmt: skip
    parser.add_argument(
        "--cache-dir", type=Path, metavar="DIR", help="keep latents, conditioning and pictures there for the next start"
    )
    parser.add_argument(
        "--cache-dir-size", type=size, default=4 << 30, metavar="BYTES", help="how much of them (default: 4G)"
    )


def cache_settings(arguments: argparse.Namespace) -> CacheSettings:
    """Return what the command line says; the default for commands that do not have these options."""
    if not hasattr(arguments, "cache_dir"):
        return CacheSettings()
    return CacheSettings(**arguments.cache, folder=arguments.cache_dir, folder_bytes=arguments.cache_dir_size)


def _mode(text: str) -> dict[str, Any]:
    """Read `classic`, `none`, `lru:N` or a size into fields of `CacheSettings`."""
    mode, _, count = text.partition(":")
    if text in ("classic", "none"):
        return {"mode": text}
    if mode == "lru" and count.isdecimal() and int(count):
        return {"mode": "lru", "results": int(count)}
    try:
        return {"memory_bytes": size(text)}
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither classic, lru:N with N of at least 1, none, nor a size such as 6G or 512M"
        ) from None


def size(text: str) -> int:
    """Read a size: a number of bytes, with K, M, G or T for the powers of 1024."""
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,15})?)([KMGT]?)i?B?", text.strip(), re.IGNORECASE)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; expected a number of bytes, or such as 512M or 6G")
    return int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))
