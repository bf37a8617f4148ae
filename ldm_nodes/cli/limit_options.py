"""How much clients of a server may send, and how long it remembers what it has done."""

from __future__ import annotations

import argparse

from .cache_options import size


def add_limit_options(parser: argparse.ArgumentParser) -> None:
    """Add the options to the command."""
    parser.add_argument("--max-upload-size", type=float, default=100.0, metavar="MB", help="of a request")
    parser.add_argument(
        "--upload-quota", type=size, metavar="BYTES",
        help="what a user's uploads may take in all, such as 10G (default: all but the last 256 MB of the disk)",
    )  # fmt: skip
    parser.add_argument(
        "--userdata-quota", type=size, default=1 << 30, metavar="BYTES",
        help="what a user's settings and workflows may take (default: 1G)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-jobs", type=_count, default=10_000, metavar="N",
        help="how many ended jobs the history keeps (default: 10,000)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-days", type=_days, metavar="DAYS", help="how long ended jobs are kept (default: without end)"
    )
    parser.add_argument(
        "--keep-size", type=size, default=1 << 30, metavar="BYTES",
        help="how large the file of the queue may become before the oldest go (default: 1G)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-events", type=_count, default=200_000, metavar="N",
        help="how many events can be asked for again (default: 200,000)",
    )  # fmt: skip


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days; expected such as 30 or 0.5")
    return days
