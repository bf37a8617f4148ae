"""`python -m tests.benchmarks.engine`: what the engine costs per node, over chains and graphs ten wide, as they grow.

Every size runs in a process of its own. Times are those of the processor, in microseconds per node, the best of three
rounds. `read` is from JSON text to a prompt; `first` and `again` are from there to the end of the run: checking,
planning, keys, running. The nodes do next to nothing; what they do is measured by calling them without the engine and
taken off. `first` runs everything, `again` reuses everything; memory is what prompt, plan and cache hold together.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory, Weight
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Int, Socket
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.settings import Folders

SIZES = (100, 1_000, 10_000, 100_000)
WIDTH = 10
FIRST_TARGET = 60.0  # microseconds per node
AGAIN_TARGET = 15.0
ROUNDS = 3
Number = Annotated[Any, Socket("NUMBER")]
Graph = dict[str, dict[str, Any]]


@node("Number", category="benchmark")
def number(value: Annotated[int, Int(min=0, max=10**9)] = 0) -> Number:
    """Return a number."""
    return value


@node("Next", category="benchmark")
def following(a: Number, b: Number | None = None) -> Number:
    """Return one more than the larger number."""
    return max(a, b or 0) + 1


@node("Show", category="benchmark", output=True)
def show(value: Number) -> NodeOutput[None]:
    """Show a number."""
    return NodeOutput(None, {"text": [str(value)[:20]]})


def chain(size: int) -> Graph:
    """Return nodes in a row."""
    graph: Graph = {"0": {"class_type": "Number", "inputs": {"value": 1}}}
    for index in range(1, size - 1):
        graph[str(index)] = {"class_type": "Next", "inputs": {"a": [str(index - 1), 0]}}
    graph["end"] = {"class_type": "Show", "inputs": {"value": [str(size - 2), 0]}}
    return graph


def wide(size: int) -> Graph:
    """Return layers of ten nodes, each fed by two of the layer before, and a node that shows each of the last layer."""
    graph: Graph = {}
    for index in range(size - WIDTH):
        layer, place = divmod(index, WIDTH)
        before = [str((layer - 1) * WIDTH + (place + step) % WIDTH) for step in (0, 1)]
        inputs = {"a": [before[0], 0], "b": [before[1], 0]} if layer else {"value": place}
        graph[str(index)] = {"class_type": "Next" if layer else "Number", "inputs": inputs}
    for place in range(WIDTH):
        last = size - WIDTH - 1 - place
        graph[f"end {place}"] = {"class_type": "Show", "inputs": {"value": [str(last), 0]}}
    return graph


SHAPES: dict[str, Callable[[int], Graph]] = {"chain": chain, "10 wide": wide}


@dataclass(frozen=True)
class Cost:
    """Microseconds per node of the first and of a later run, reading included or not, and bytes per node."""

    read: float
    first: float
    again: float
    memory: float

    def __str__(self) -> str:
        return f"{self.read} {self.first} {self.again} {self.memory}"

    @classmethod
    def parse(cls, text: str) -> Cost:
        """Read what `str` wrote."""
        return cls(*map(float, text.split()))


def measure(shape: str, size: int) -> Cost:
    """Measure one graph in this process."""
    text = json.dumps(SHAPES[shape](size))
    read, first, again = [], [], []
    for _ in range(ROUNDS):
        runner = _executor()
        began = time.process_time()
        prompt = Prompt.parse(text)
        read.append(time.process_time() - began)
        first.append(_run(runner, prompt) - _own_work(size))
        again += [_run(runner, prompt) for _ in range(ROUNDS)]
    read_cost, first_cost, again_cost = (min(times) / size * 1e6 for times in (read, first, again))
    return Cost(read_cost, first_cost, again_cost, _memory(text) / size)


def _executor() -> Executor[None]:
    memory = Memory(1 << 40, lambda outputs: Weight(64))
    return Executor(Registry(number, following, show), OutputCache(memory), None)


def _run(runner: Executor[None], prompt: Prompt) -> float:
    began = time.process_time()
    runner.run(make_plan(prompt, runner.registry, Folders.under(Path("nowhere"))))
    return time.process_time() - began


def _own_work(size: int) -> float:
    began = time.process_time()
    for _ in range(size):
        following(a=1, b=2)
    return time.process_time() - began


def _memory(text: str) -> int:
    runner = _executor()
    tracemalloc.start()
    prompt = Prompt.parse(text)
    plan = make_plan(prompt, runner.registry, Folders.under(Path("nowhere")))
    runner.run(plan)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held


def main() -> None:
    """Measure and print one line per graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("SHAPE", "SIZE"), help="measure one graph in this process")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    arguments = parser.parse_args()
    if arguments.one:
        print(measure(arguments.one[0], int(arguments.one[1])))
        return
    print(f"{'graph':<8} {'nodes':>8} {'read':>7} {'first':>7} {'again':>7}   µs per node; bytes per node")
    for shape in SHAPES:
        for size in arguments.sizes:
            cost = _measure_apart(shape, size)
            verdict = "met" if cost.first <= FIRST_TARGET and cost.again <= AGAIN_TARGET else "missed"
            times = f"{cost.read:7.1f} {cost.first:7.1f} {cost.again:7.1f}"
            print(f"{shape:<8} {size:>8} {times}   {cost.memory:7.0f} {verdict}")


def _measure_apart(shape: str, size: int) -> Cost:
    command = [sys.executable, "-m", "tests.benchmarks.engine", "--one", shape, str(size)]
    return Cost.parse(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
