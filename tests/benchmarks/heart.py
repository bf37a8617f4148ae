"""`python -m tests.benchmarks.heart FILE ...`: the program with a heart on its event loop that notes every late beat.

A line of FILE is how late a beat was, and how late without the time in which the loop could have run but the machine
was busy with other programs, in seconds (Linux: `schedstat`).
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

from ldm_nodes.cli import main, serve
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.server.site import Site

BEAT = 0.005
LATE = 0.01


async def beat(file: TextIO) -> None:
    """Note late beats for ever."""
    while True:
        clock, waited = time.perf_counter(), _waited_for_processor()
        await asyncio.sleep(BEAT)
        late = time.perf_counter() - clock - BEAT
        if late > LATE:
            own = max(late - (_waited_for_processor() - waited), 0.0)
            print(f"{late:.4f} {own:.4f}", file=file, flush=True)


def _waited_for_processor() -> float:
    """Return for how many seconds this thread could have run, but the system let others run."""
    fields = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text().split()
    return int(fields[1]) / 1e9


def with_heart(file: TextIO) -> None:
    """Let the server's event loop beat."""
    plain = serve._serve

    async def beating(site: Site, dispatcher: Dispatcher, *rest: object) -> int:
        heart = asyncio.create_task(beat(file))
        try:
            return await plain(site, dispatcher, *rest)  # type: ignore[arg-type]
        finally:
            heart.cancel()

    serve._serve = beating  # type: ignore[assignment]


if __name__ == "__main__":
    with Path(sys.argv[1]).open("a") as notes:
        with_heart(notes)
        sys.exit(main(sys.argv[2:]))
