"""`python -m tests.benchmarks.soak`: 2,000 small jobs from 8 clients who queue, cancel, send nonsense and vanish.

The program runs as a process of its own. Printed are its memory as the jobs go by, and whether all clients and the
server agree in the end; it fails where they do not, or where memory has grown beyond what it was once warm.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ..server.crowd import Work, crowd, one_view
from ..server.program import Program, running

TXT2IMG = json.loads((Path(__file__).parents[2] / "graphs" / "txt2img.json").read_text())
WARM = 0.3
"""The part of the jobs after which memory must not grow any more."""
MOST_GROWTH = 1.05
MB = 1 << 20


def main() -> None:
    """Soak and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", default="none", help="results that are kept would be memory that grows")
    arguments = parser.parse_args()
    options = ("--cache", arguments.cache)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder, "base"), *options) as program:
        (Path(folder, "base", "input") / "broken.png").write_bytes(b"no picture")
        program.finish(program.queue(_sampled(0, steps=1)))
        memory = Memory(program)
        memory.start()
        began = time.perf_counter()
        visitors = asyncio.run(crowd(program.url, WORK, arguments.clients, arguments.jobs, arguments.seed))
        seconds = time.perf_counter() - began
        lines = memory.stop()
        _check(program, one_view(visitors))
        states = Counter(state for visitor in visitors for state in visitor.view.values())
        refused, lost = (sum(getattr(visitor, name) for visitor in visitors) for name in ("refused", "lost"))
    print(f"{arguments.jobs} jobs of {arguments.clients} clients in {seconds:.0f} s: {dict(states)}")
    print(f"{refused} graphs refused, {lost} connections lost; every client and the server agree")
    print("resident MB as the jobs went by:", *(f"{count}: {resident // MB}" for count, resident in lines))
    warm = max(resident for count, resident in lines if count <= max(WARM * arguments.jobs, lines[0][0]))
    growth = lines[-1][1] / warm
    print(f"at the end {growth:.3f} times what it was when warm (≤ {MOST_GROWTH})")
    assert growth <= MOST_GROWTH, "memory grew"


class Memory(threading.Thread):
    """Notes how much memory the program holds, as jobs end."""

    def __init__(self, program: Program) -> None:
        super().__init__(daemon=True)
        self._program, self._done = program, threading.Event()
        self._lines: list[tuple[int, int]] = []

    def run(self) -> None:
        while not self._done.wait(2.0):
            self._note()

    def stop(self) -> list[tuple[int, int]]:
        """Return how many jobs had ended and how many bytes were resident, as time went by."""
        self._done.set()
        self.join()
        self._note()
        return self._lines

    def _note(self) -> None:
        counts = self._program.get("/jobs?limit=1")["counts"]
        ended = sum(count for state, count in counts.items() if state not in ("queued", "running"))
        self._lines.append((ended, _resident(self._program.process.pid)))


def _check(program: Program, view: dict[str, str]) -> None:
    """No job is lost, none ran twice, and the server says of each what its client believes."""
    for job_id, state in view.items():
        job = program.job(job_id)
        assert job["state"] == state, (job_id, state, job)
        assert job["attempts"] <= 1, job
    ran = {job_id for job_id in view if program.job(job_id)["attempts"]}
    assert ran <= program.get("/history").keys()
    assert program.get("/prompt") == {"exec_info": {"queue_remaining": 0}}


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


def _sampled(number: int, steps: int = 500) -> dict[str, Any]:
    graph: dict[str, Any] = copy.deepcopy(TXT2IMG)
    graph["3"]["inputs"] |= {"seed": number, "steps": steps, "sampler_name": "ddim"}
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    return graph


def _drawn(number: int) -> dict[str, Any]:
    blank = {"width": 16, "height": 16, "batch_size": 1, "color": number}
    return {
        "1": {"class_type": "EmptyImage", "inputs": blank},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "PreviewImage", "inputs": {"images": ["2", 0]}},
    }


def _broken(number: int) -> dict[str, Any]:
    return {
        **_drawn(number),
        "4": {"class_type": "LoadImage", "inputs": {"image": "broken.png"}},
        "5": {"class_type": "PreviewImage", "inputs": {"images": ["4", 0]}},
    }


WORK = Work(good=_drawn, long=_sampled, broken=_broken, bad={"1": {"class_type": "Nowhere", "inputs": {}}})

if __name__ == "__main__":
    main()
