"""`python -m tests.benchmarks`: one table, ours beside diffusers, with the targets."""

from __future__ import annotations

import argparse
import platform
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import torch
from rich.console import Console
from rich.table import Table

from .checkpoint import CONFIGS, write_checkpoint
from .contestant import STEPS, Task
from .worker import NAMES, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

# Largest allowed ratio of a step to diffusers', on a processor that multiplies bfloat16.
STEP_TARGETS = {"bf16": 0.90, "fp32": 0.75}
# Largest allowed peak memory of a process that makes one picture in bfloat16, in sizes of the checkpoint file.
PEAK_TARGET = 1.4
# Largest allowed part of a step that is not the network.
OVERHEAD_TARGET = 0.02
LOADS = 3


@dataclass(frozen=True)
class Row:
    """A line of the table: ours, theirs, their ratio or another one, and what that is held to."""

    name: str
    ours: str
    theirs: str
    ratio: float
    target: float | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line as text."""
        verdict = "" if self.target is None else f"≤ {self.target:g} {'met' if self.ratio <= self.target else 'missed'}"
        return (self.name, self.ours, self.theirs, f"{self.ratio:.3g}", verdict)


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    arguments = _arguments(argv)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "models", "checkpoints", f"{arguments.model}.safetensors")
        checkpoint.parent.mkdir(parents=True)
        with console.status("Writing a checkpoint of random weights"):
            write_checkpoint(checkpoint, CONFIGS[arguments.model])
        table = Table("", "ours", "diffusers", "ratio", "target", title=_title(arguments))
        for precision in arguments.precision:
            task = Task(checkpoint, precision, arguments.size)
            with console.status(f"Measuring {precision}"):
                for row in (loading(task), *running(task, arguments.repeats), memory(task)):
                    table.add_row(*row.cells)
            table.add_section()
    console.print(table)


def loading(task: Task) -> Row:
    """Measure how long a complete checkpoint takes from the file, already read by the system, to networks."""
    seconds: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(LOADS):
        for name in NAMES:
            with Worker(name, task) as worker:
                seconds[name].append(worker.do("load").seconds)
    return _compared(f"load, {task.precision}", seconds)


def running(task: Task, repeats: int) -> list[Row]:
    """Measure a step under guidance, a decoding, and what engine and nodes add to a step."""
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name, task)) for name in NAMES}
        for worker in workers.values():
            worker.do("load")
        step = in_turns(workers, "step", repeats)
        decode = in_turns(workers, "decode", repeats)
    with Worker("ours", task) as worker:
        added = worker.do("overhead").seconds
    milliseconds = f"{1000 * added:.2f} ms"
    return [
        _compared(f"CFG step, {task.precision}", step, STEP_TARGETS[task.precision]),
        _compared(f"decode, {task.precision}", decode),
        Row("engine and nodes, of a step", milliseconds, "", added / median(step["ours"]), OVERHEAD_TARGET),
    ]


def memory(task: Task) -> Row:
    """Measure the largest memory of a process that makes one picture, in sizes of the checkpoint file."""
    peaks = {}
    for name in NAMES:
        with Worker(name, task) as worker:
            peaks[name] = worker.do("picture").peak
    file = task.checkpoint.stat().st_size
    ours, theirs = (f"{peaks[name] / 1e6:.0f} MB" for name in NAMES)
    target = PEAK_TARGET if task.precision == "bf16" else None
    return Row(f"peak memory / file size, {task.precision}", ours, theirs, peaks["ours"] / file, target)


def in_turns(workers: dict[str, Worker], what: str, repeats: int) -> dict[str, list[float]]:
    """Let the workers do the same in turn, once to warm up and `repeats` times for the record."""
    rounds = [{name: worker.do(what).seconds for name, worker in workers.items()} for _ in range(repeats + 1)]
    return {name: [seconds[name] for seconds in rounds[1:]] for name in workers}


def _compared(name: str, seconds: dict[str, list[float]], target: float | None = None) -> Row:
    """Return medians, and the median of the ratios of neighbouring measurements, which noise moves least."""
    ours, theirs = (seconds[name] for name in NAMES)
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    return Row(name, f"{median(ours):.3f} s", f"{median(theirs):.3f} s", ratio, target)


def _title(arguments: argparse.Namespace) -> str:
    size, threads = arguments.size, torch.get_num_threads()
    return (
        f"{arguments.model} at {size}x{size}, torch {torch.__version__}, {threads} threads, {platform.machine()}; "
        f"medians of {arguments.repeats} in turns; memory: one picture in {STEPS} steps"
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--model", choices=CONFIGS, default="sd1", help="sizes of the networks (default: %(default)s)")
    parser.add_argument("--size", type=int, default=256, help="side of the picture (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=7, help="counted measurements (default: %(default)s)")
    parser.add_argument("--precision", nargs="+", choices=STEP_TARGETS, default=list(STEP_TARGETS))
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
