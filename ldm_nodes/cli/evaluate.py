"""`ldm-nodes evaluate`: how much an autoencoder keeps, how far samples are from pictures, and how fast they come."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

if TYPE_CHECKING:
    from ..training.evaluate import Progress, Report


def run(arguments: argparse.Namespace) -> int:
    """Evaluate one checkpoint."""
    from ..models.devices import pick_compute
    from ..models.errors import ModelError
    from ..sampling.errors import SamplingError
    from ..training.errors import TrainingError
    from ..training.evaluate import Protocol, evaluate

    try:
        protocol = Protocol(**{name: getattr(arguments, name) for name in Protocol.__dataclass_fields__})
        path = _found(arguments)
        compute = pick_compute(arguments.device, arguments.precision)
        with _bars(quiet=arguments.json) as progress:
            report = evaluate(path, arguments.data, compute, protocol, progress)
    except (TrainingError, ModelError, SamplingError, LookupError, OSError) as error:
        print(f"{arguments.checkpoint}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(vars(report), indent=2) if arguments.json else _text(report))
    return 0


def _found(arguments: argparse.Namespace) -> Path:
    """Return the checkpoint: a path, or else a name as graphs use it."""
    from .arguments import settings_of

    path: Path = arguments.checkpoint
    return path if path.exists() else settings_of(arguments).folders.find("checkpoints", str(path))


@contextmanager
def _bars(*, quiet: bool) -> Iterator[Progress]:
    """Draw a bar for everything that is being done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, disable=quiet or not console.is_terminal) as bars:
        tasks = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield progress


def _text(report: Report) -> str:
    """Lay a report out for people."""
    lines = [f"{report.checkpoint}: {report.pictures} pictures of {report.size} x {report.size}"]
    lines += [f"  {name.upper():<22}{value:.4g}" for name, value in report.reconstruction.items() if value is not None]
    if report.codebook is not None:
        lines.append("  {:<22}{used} of {entries}, perplexity {perplexity:.1f}".format("codebook", **report.codebook))
    if report.samples is not None:
        lines.append("  {:<22}{count} by {sampler} in {steps} steps, cfg {cfg:g}".format("samples", **report.samples))
        lines.append("  {:<22}{per_second:.3g} per second".format("speed", **report.samples))
        if report.samples["frechet"] is not None:
            lines.append("  {:<22}{frechet:.4g} by {features}".format("Fréchet distance", **report.samples))
    lines += [f"  skipped {path}: {reason}" for path, reason in report.skipped.items()]
    return "\n".join([*lines, *(f"  note: {notice}" for notice in report.notices)])
