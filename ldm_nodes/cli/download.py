"""`ldm-nodes models download`: fetch a model from the hub or an address into the folder where graphs find it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from ..engine.errors import printable
from ..server.downloads.backend import describe
from ..server.downloads.download import Downloader
from ..server.downloads.errors import DownloadError, Refused
from ..server.downloads.progress import Progress, Told
from ..server.downloads.request import DownloadRequest
from .arguments import settings_of
from .download_options import rules_of


def run(arguments: argparse.Namespace) -> int:
    """Fetch; return 0 if the model is there, 1 if it could not be fetched, 2 if it may not be."""
    try:
        request = DownloadRequest(arguments.source, arguments.to, arguments.name, arguments.sha256)
        downloader = Downloader(settings_of(arguments).folders, format_of, rules_of(arguments))
        with _bar(quiet=arguments.json) as told:
            done = asyncio.run(downloader.fetch(request, told))
    except DownloadError as error:
        print(printable(f"Not downloaded: {error}"), file=sys.stderr)
        return 2 if isinstance(error, Refused) else 1
    if arguments.json:
        print(json.dumps({**describe(done), "path": str(done.path)}, indent=2))
    else:
        print(printable(f"{done.name} is among {done.kind}: {done.size / 1e6:,.1f} MB, sha256 {done.sha256}"))
    return 0


def format_of(path: Path) -> str:
    """Return the format of a model file, looked at as all model files are; nothing of it is run.

    Raises:
        ModelError: when it is damaged, foreign or harmful.
    """
    from ..models.checkpoint import open_checkpoint  # here, so that a refusal is told without waiting for torch

    return open_checkpoint(path).format


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Told]:
    """Show on the standard error, if that is a terminal, how far it is and how long it will take."""
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TextColumn("left"), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bars:
        task = bars.add_task("", total=None)

        def told(progress: Progress) -> None:
            bars.update(task, completed=progress.received, total=progress.total)

        yield told
