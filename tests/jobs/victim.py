"""A process that works on a queue until it is killed: `python -m tests.jobs.victim FILE JOURNAL [SECONDS_PER_STEP]`.

It writes a line into the journal when the first node of a job starts, and one when its last node is done.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.dispatcher import Dispatcher
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.settings import Folders

STEPS = 10


class Journal:
    """A file of lines that survives the process."""

    def __init__(self, path: Path, pause: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.pause = pause

    def write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())


@node("Sample", category="test", output=True)
def sample(name: str, *, context: Context[Journal]) -> NodeOutput[None]:
    context.runtime.write(f"start {context.run_id}")
    for step in range(STEPS):
        context.progress(step + 1, STEPS)
        time.sleep(context.runtime.pause)
    context.runtime.write(f"end {context.run_id}")
    return NodeOutput(None, {"text": [name]})


@node("Kill", category="test", output=True)
def kill(name: str, *, context: Context[Journal]) -> NodeOutput[None]:
    context.runtime.write(f"start {context.run_id}")
    os._exit(9)


def main(path: Path, journal: Path, pause: float) -> None:
    """Work until nothing waits."""
    desk = JobDesk.open(path)
    runtime = Journal(journal, pause)
    backend = LocalBackend(
        lambda: Executor(Registry(sample, kill), OutputCache(Memory(0)), runtime), Folders.under(Path("nowhere"))
    )
    dispatcher = Dispatcher(desk.store, backend)
    runtime.write("process")
    dispatcher.start()
    while desk.store.remaining():
        time.sleep(0.002)
    dispatcher.close()
    desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
