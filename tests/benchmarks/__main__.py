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
from .ours import IDLE_STEPS
from .worker import NAMES, Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

# Largest allowed ratio of a step to diffusers', on a processor that multiplies bfloat16.
STEP_TARGETS = {"bf16": 0.90, "fp32": 0.75}
# Largest allowed peak memory of a process that makes one picture in bfloat16, in sizes of the checkpoint file.
PEAK_TARGET = 1.4
# Largest allowed part of engine, nodes and sampler beside the networks' time, PNG included.
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
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.folder or temporary, "models", "checkpoints")
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / f"{arguments.model}.safetensors"
        if not checkpoint.exists():
            with console.status("Writing a checkpoint of random weights"):
                write_checkpoint(checkpoint, CONFIGS[arguments.model])
        table = Table("", "ours", "diffusers", "ratio", "target", title=_title(arguments))
        for precision in arguments.precision:
            task = Task(checkpoint, precision, arguments.size)
            with console.status(f"Measuring {precision}"):
                for row in measured(task, arguments.repeats, arguments.busy):
                    table.add_row(*row.cells)
            table.add_section()
    console.print(table)


def measured(task: Task, repeats: int, busy: bool) -> list[Row]:
    """Measure everything there is to a precision."""
    return [loading(task, busy), *running(task, repeats, busy), memory(task)]


def loading(task: Task, busy: bool) -> Row:
    """Measure how long a complete checkpoint takes from the file, already read by the system, to networks."""
    seconds: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(LOADS):
        for name in NAMES:
            with Worker(name, task, busy) as worker:
                seconds[name].append(worker.seconds("load"))
    return _compared(f"load, {task.precision}", seconds)


def running(task: Task, repeats: int, busy: bool) -> list[Row]:
    """Measure a step under guidance, a decoding, and what engine and nodes add."""
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(name, task, busy)) for name in NAMES}
        for worker in workers.values():
            worker.do("load")
        step = in_turns(workers, "step", repeats)
        decode = in_turns(workers, "decode", repeats)
    with Worker("ours", task, busy) as worker:
        worker.do("prepare_idle")
        idle = worker.seconds("idle_picture")
    whole = IDLE_STEPS * median(step["ours"]) + median(decode["ours"])
    return [
        _compared(f"CFG step, {task.precision}", step, STEP_TARGETS[task.precision]),
        _compared(f"decode, {task.precision}", decode),
        Row(f"engine and nodes in {IDLE_STEPS} steps", f"{idle:.3f} s", "", idle / whole, OVERHEAD_TARGET),
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
    rounds = [{name: worker.seconds(what) for name, worker in workers.items()} for _ in range(repeats + 1)]
    return {name: [seconds[name] for seconds in rounds[1:]] for name in workers}


def _compared(name: str, seconds: dict[str, list[float]], target: float | None = None) -> Row:
    """Return medians, and the median of the ratios of neighbouring measurements, which noise moves least."""
    ours, theirs = (seconds[name] for name in NAMES)
    ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
    return Row(name, f"{median(ours):.3f} s", f"{median(theirs):.3f} s", ratio, target)


def _title(arguments: argparse.Namespace) -> str:
    size, threads = arguments.size, 1 if arguments.busy else torch.get_num_threads()
    return (
        f"{arguments.model} at {size}x{size}, torch {torch.__version__}, {platform.machine()}, {threads} thread(s); "
        f"medians of {arguments.repeats}{' in processor time' * arguments.busy}; memory: one picture in {STEPS} steps"
    )


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--model", choices=CONFIGS, default="sd1", help="sizes of the networks (default: %(default)s)")
    parser.add_argument("--size", type=int, default=256, help="side of the picture (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=7, help="counted measurements (default: %(default)s)")
    parser.add_argument("--precision", nargs="+", choices=STEP_TARGETS, default=list(STEP_TARGETS))
    parser.add_argument("--busy", action="store_true", help="one thread, in processor time, for a machine in use")
    parser.add_argument("--folder", type=Path, help="keep the checkpoint there for the next time (default: do not)")
    return parser.parse_args(argv)


if __name__ == "__main__":
    main()
