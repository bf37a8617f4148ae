"""Memory that a step has freed serves the next one."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A process of its own, whose heap nobody else has been at.
SCRIPT = """
import resource
import numpy as np
from ldm_nodes.training.heap import kept

def faults() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(1 << 26, dtype=np.uint8)  # more than glibc ever keeps by itself
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

outside = [faults() for _ in range(4)]
with kept():
    inside = [faults() for _ in range(4)]
print(min(outside), min(inside[1:]), faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told")
def test_freed_memory_is_used_again_inside_the_block_and_given_back_after_it() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True)
    before, inside, after = (int(number) for number in run.stdout.split())
    assert inside < before / 4
    assert inside < after / 4
