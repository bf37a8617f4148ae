"""`python -m tests.benchmarks.plateau`: many runs alternating four checkpoints that do not fit the memory together.

The runs happen in a process whose data may not exceed the limit: if memory grew, it would be refused. Printed are the
resident memory as the runs go by, and what had to go, in order.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .checkpoint import TINY, write_checkpoint

MB = 1 << 20
CHECKPOINTS = 4
WARM = 0.1
"""The part of the runs after which memory must not grow any more."""
MOST_GROWTH = 1.05


@dataclass(frozen=True)
class Line:
    """What a run came to.

    Attributes:
        checkpoint: which one it used.
        seconds: how long it took.
        resident: memory of the process after it, in bytes.
        used: what the budget is charged for, in bytes.
        evicted: what had to go during the run, in order, in words.
    """

    checkpoint: str
    seconds: float
    resident: int
    used: int
    evicted: list[str]


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(f"{CHECKPOINTS} checkpoints of {write_checkpoints(folder, arguments.channels) // MB} MB in float16")
        lines = list(runs(folder, arguments.runs, arguments.limit * MB))
    every = max(len(lines) // 10, 1)
    print("  run  seconds  resident MB  budget MB")
    for number, line in enumerate(lines, 1):
        if number == 1 or number % every == 0:
            print(f"{number:5}  {line.seconds:7.2f}  {line.resident / MB:11.0f}  {line.used / MB:9.0f}")
    evicted = [label for line in lines for label in line.evicted]
    models = [label for label in evicted if label.startswith("model")]
    print(f"{len(evicted)} evictions, {len(models)} of models; the first of them: {', '.join(models[:8])}")
    print(f"growth of the peak after the first tenth: {growth(lines):.3f} (≤ {MOST_GROWTH})")


def write_checkpoints(folder: Path, channels: int) -> int:
    """Write the stand-ins, and return the bytes of one."""
    config = replace(TINY, unet=replace(TINY.unet, model_channels=channels))
    (folder / "models" / "checkpoints").mkdir(parents=True)
    for number in range(CHECKPOINTS):
        path = folder / "models" / "checkpoints" / f"{'abcd'[number]}.safetensors"
        write_checkpoint(path, config, seed=number)
    return path.stat().st_size


def runs(folder: Path, count: int, limit_bytes: int, cache: str = "") -> Iterator[Line]:
    """Yield what each run came to.

    Args:
        folder: the base folder, with the checkpoints.
        count: how many runs.
        limit_bytes: what the data of the process may take in all.
        cache: bytes of the budget; default is what the program takes by itself.

    Raises:
        RuntimeError: when the process ended before its time.
    """
    command = [
        sys.executable,
        "-m",
        f"{__package__}.plateau",
        "--worker",
        str(folder),
        str(count),
        str(limit_bytes),
        cache,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for text in process.stdout:
            yield Line(**json.loads(text))
        errors = process.stderr.read()
    if process.returncode:
        raise RuntimeError(f"The process ended with {process.returncode}: {errors[-2000:]}")


def growth(lines: list[Line]) -> float:
    """Return the largest memory of the second half of the runs beside that of the first half without its warm-up."""
    first, second = lines[int(len(lines) * WARM) : len(lines) // 2], lines[len(lines) // 2 :]
    return max(line.resident for line in second) / max(line.resident for line in first)


def work(folder: Path, count: int, limit_bytes: int, cache: str) -> None:
    """Be the process under the limit."""
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))
    import random
    import time

    import torch

    from ldm_nodes.engine.executor import Executor
    from ldm_nodes.engine.plan import make_plan
    from ldm_nodes.engine.prompt import Prompt
    from ldm_nodes.nodes import builtin_registry
    from ldm_nodes.nodes.runtime import Runtime
    from ldm_nodes.settings import CacheSettings, Folders, Settings

    torch.set_num_threads(1)
    settings = CacheSettings(memory_bytes=int(cache) if cache else None)
    runtime = Runtime(Settings(Folders.under(folder), device="cpu", precision="fp32", cache=settings))
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    rng, last = random.Random(0), ""
    for number in range(count):
        last = rng.choice([name for name in "abcd" if name != last])
        runtime.memory.evictions.clear()
        began = time.perf_counter()
        plan = make_plan(Prompt.parse(graph(last, number)), executor.registry, runtime.folders, ["6"])
        executor.run(plan)
        seconds = time.perf_counter() - began
        evicted = [eviction.label for eviction in runtime.memory.evictions]
        print(json.dumps(asdict(Line(last, seconds, _resident(), runtime.memory.used_bytes, evicted))), flush=True)


def graph(checkpoint: str, seed: int) -> dict[str, Any]:
    """Return a small text-to-picture graph."""
    sampling = {"seed": seed, "steps": 1, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    wires = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    classes: dict[str, dict[str, Any]] = {
        "CheckpointLoaderSimple": {"ckpt_name": f"{checkpoint}.safetensors"},
        "CLIPTextEncode": {"text": "a fox", "clip": ["1", 1]},
        "ConditioningZeroOut": {"conditioning": ["2", 0]},
        "EmptyLatentImage": {"width": 64, "height": 64, "batch_size": 1},
        "KSampler": {**sampling, **wires},
        "VAEDecode": {"samples": ["5", 0], "vae": ["1", 2]},
    }
    return {str(i): {"class_type": name, "inputs": inputs} for i, (name, inputs) in enumerate(classes.items(), 1)}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.plateau", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--limit", type=int, default=4096, help="data of the process, in MB (default: %(default)s)")
    parser.add_argument("--channels", type=int, default=192, help="width of the UNets (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    else:
        main()
