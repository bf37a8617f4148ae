"""A process with one contestant: takes the names of tasks from its input, answers with seconds and bytes.

Run by `__main__.py` as `python -m tests.benchmarks.worker ours bf16 256 CHECKPOINT`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .contestant import Contestant, Task

if TYPE_CHECKING:
    from types import TracebackType

NAMES = ("ours", "theirs")
CONTESTANTS = {
    "ours": "ours:Ours",
    "theirs": "theirs:Theirs",
    "our training": "training_steps:OurTraining",
    "their training": "training_steps:TheirTraining",
}
"""The file and the class of each; a process imports its own only."""


@dataclass(frozen=True)
class Answer:
    """How a task went.

    Attributes:
        seconds: how long it took by the clock.
        cpu_seconds: how long processors worked on it.
        peak: the largest memory, in bytes, that the process has had so far.
    """

    seconds: float
    cpu_seconds: float
    peak: int


class Worker:
    """The other end of the pipe.

    On a busy machine threads wait for each other more than they work: then one thread, counted in processor seconds,
    tells more.
    """

    def __init__(self, name: str, task: Task, busy: bool = False) -> None:
        self.busy = busy
        arguments = [name, task.precision, str(task.size), str(task.checkpoint)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | ({"OMP_NUM_THREADS": "1"} if busy else {}),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.communicate()

    def seconds(self, task: str) -> float:
        """Return how long the contestant takes for `task`."""
        answer = self.do(task)
        return answer.cpu_seconds if self.busy else answer.seconds

    def do(self, task: str) -> Answer:
        """Let the contestant do `load`, `step`, `decode`, `picture`, `prepare_idle` or `idle_picture`."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(task + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("{"):
                return Answer(**json.loads(line))
        raise RuntimeError(f"The worker ended at {task!r}; run {self.process.args!r} and type {task} to see why.")


def contestant(name: str, task: Task) -> Contestant:
    """Import and make a contestant; what that costs counts to nobody's seconds and to its own memory."""
    module, _, kind = CONTESTANTS[name].partition(":")
    made: Contestant = getattr(import_module(f".{module}", __package__), kind)(task)
    return made


def main() -> None:
    """Serve until the input ends."""
    name, precision, size, checkpoint = sys.argv[1:]
    subject = contestant(name, Task(Path(checkpoint), precision, int(size)))
    for line in sys.stdin:
        started, cpu_started = time.perf_counter(), time.process_time()
        getattr(subject, line.strip())()
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak": peak}), flush=True)


if __name__ == "__main__":
    main()
