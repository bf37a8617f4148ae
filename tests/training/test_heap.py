"""Memory that a step has freed serves the next one."""

from __future__ import annotations

import sys

import pytest
import torch

from ldm_nodes.training.heap import kept

resource = pytest.importorskip("resource", reason="only Unix counts page faults")
BYTES, PAGE = 1 << 26, 4096  # more than glibc ever keeps by itself


def faults_of_a_step() -> int:
    """Return how many pages the system hands out while a tensor is made and freed."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(BYTES, dtype=torch.uint8)
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told")
def test_freed_memory_is_used_again_inside_the_block_and_given_back_after_it() -> None:
    with kept():
        for _ in range(16):  # glibc sets the edges of its first seven aside
            faults_of_a_step()
        assert faults_of_a_step() < BYTES / PAGE / 100
    assert faults_of_a_step() >= BYTES / PAGE / 512  # pages may be huge ones
