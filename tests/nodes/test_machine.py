"""How much memory there is, and that it goes back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ldm_nodes.nodes.machine import give_back, memory_limit


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    machine = memory_limit(tmp_path)
    assert machine > 1 << 28
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_limit(tmp_path) == machine
    (tmp_path / "memory.max").write_text("123456789\n")
    assert memory_limit(tmp_path) == 123456789
    (tmp_path / "memory.max").unlink()
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("12345678\n")
    assert memory_limit(tmp_path) == 12345678


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limits")
def test_a_process_s_own_limit_counts(tmp_path: Path) -> None:
    program = (
        "import resource, pathlib; resource.setrlimit(resource.RLIMIT_DATA, (10**9, 10**9)); "
        f"from ldm_nodes.nodes.machine import memory_limit; print(memory_limit(pathlib.Path({str(tmp_path)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == 10**9


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_free_memory_goes_back_to_the_system() -> None:
    program = """
import os
from ldm_nodes.nodes.machine import give_back
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
small = [b"x" * (60_000 + i) for i in range(2000)]  # below the size that the C library maps apart
anchor = b"x" * 60_000
most = resident()
del small
freed = resident()
give_back()
print(most - freed, freed - resident())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    by_itself, when_asked = map(int, done.stdout.split())
    assert by_itself + when_asked > 100_000_000
    assert when_asked > by_itself


def test_giving_back_where_there_is_nothing_does_no_harm() -> None:
    give_back()
    assert os.getpid() > 0
