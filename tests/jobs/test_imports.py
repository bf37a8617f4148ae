"""The queue is cheap to import: no torch, no nodes, nothing that draws or serves."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import ldm_nodes.jobs


def test_the_queue_loads_nothing_heavy() -> None:
    names = [f"ldm_nodes.jobs.{module.name}" for module in pkgutil.iter_modules(ldm_nodes.jobs.__path__)]
    program = f"import sys, {', '.join(names)}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"torch", "numpy", "PIL", "transformers", "aiohttp", "ldm_nodes.nodes", "ldm_nodes.models"}
