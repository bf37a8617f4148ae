"""`python -m tests.benchmarks.training`: steps of our training beside a plain loop of diffusers and PyTorch."""

from __future__ import annotations

import argparse
import platform
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import torch
from rich.console import Console
from rich.table import Table

from .__main__ import Row, in_turns
from .contestant import Task
from .training_steps import AUTOENCODER, LATENTS, PICTURES, UNET
from .worker import NAMES, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

# Largest allowed ratio of our time to theirs: 1.2 times the pictures a second.
TARGET = round(1 / 1.2, 3)
WORKERS = {"ours": "our training", "theirs": "their training"}
STEPS = {"diffusion": LATENTS, "box": LATENTS, "autoencoder": PICTURES}
NETWORKS = {"diffusion": "UNet", "box": "UNet in the box", "autoencoder": "autoencoder"}


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    arguments = _arguments(argv)
    table = Table("", "ours", "diffusers", "ratio of times", "target", title=_title(arguments))
    console = Console()
    for precision in arguments.precision:
        task = Task(Path(), precision, AUTOENCODER["sample_size"])
        with ExitStack() as stack, console.status(f"Measuring {precision}"):
            workers = {name: stack.enter_context(Worker(WORKERS[name], task)) for name in NAMES}
            for what in STEPS:
                table.add_row(*compared(what, precision, in_turns(workers, what, arguments.repeats)).cells)
    console.print(table)


def compared(what: str, precision: str, seconds: dict[str, list[float]]) -> Row:
    """Return median speeds, and the median of the ratios of neighbouring times, which noise moves least."""
    ours, theirs = (seconds[name] for name in NAMES)
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    our_speed, their_speed = (f"{STEPS[what] / median(times):.1f} pictures/s" for times in (ours, theirs))
    return Row(f"{NETWORKS[what]} step, {precision}", our_speed, their_speed, ratio, TARGET)


def _title(arguments: argparse.Namespace) -> str:
    widths, side, size = "-".join(map(str, UNET["block_out_channels"])), UNET["sample_size"], AUTOENCODER["sample_size"]
    return (
        f"UNet {widths} on {LATENTS} latents of {side}x{side}, in the box with one block a level, "
        f"autoencoder on {PICTURES} pictures of {size}x{size}, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads, {platform.machine()}; medians of {arguments.repeats} in turns, "
        "by processor time"
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.training", description=__doc__)
    parser.add_argument("--repeats", type=int, default=9, help="counted measurements (default: %(default)s)")
    parser.add_argument("--precision", nargs="+", choices=("fp32", "bf16"), default=["fp32", "bf16"])
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
