"""A process that is killed at any step goes on as if it had not been: SIGKILL, then --resume."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ldm_nodes.training.atomic import MARK
from ldm_nodes.training.run import start
from tests.training.recipes import CONFIGS, job, overrides_of, small
from tests.training.test_run import assert_same_run, status
from tests.training.tiny import folder_of

STEPS = 24
LONG = (f"training.steps={STEPS}", "training.save_every=5", "training.sample_every=0")


def begin(name: str, pictures: Path, root: Path, *, resume: bool) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "ldm_nodes", "train", str(CONFIGS / f"{name}.yaml"), *overrides_of(name, pictures, *LONG),
        "--output", str(root), "--device", "cpu", *(["--resume"] if resume else []),
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def rows(root: Path) -> int:
    table = root / "metrics.csv"
    return table.read_bytes().count(b"\n") - 1 if table.is_file() else 0


def kill_at(process: subprocess.Popen[bytes], root: Path, step: int) -> None:
    """Kill a run once it has logged a step; nothing of it gets a chance to tidy up."""
    until = time.monotonic() + 60
    while rows(root) < step and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a signal of POSIX systems")
@pytest.mark.parametrize("name", ["cin-ldm-vq-f8", "autoencoder_kl_64x64x3"])
def test_killed_three_times_and_still_the_same_run(name: str, tmp_path: Path) -> None:
    pictures = folder_of(tmp_path / "pictures", 6, side=16)
    start(job(small(name, pictures, *LONG), tmp_path / "whole"))
    steps = sorted(random.sample(range(1, STEPS - 1), 3))
    for number, step in enumerate(steps):
        kill_at(begin(name, pictures, tmp_path / "killed", resume=number > 0), tmp_path / "killed", step)
        assert status(tmp_path / "killed")["status"] == "running"
        assert not [path for path in (tmp_path / "killed").rglob("*.png") if path.stat().st_size == 0]
    last = begin(name, pictures, tmp_path / "killed", resume=True)
    _, told = last.communicate()
    assert last.returncode == 0, (steps, told.decode())
    assert status(tmp_path / "killed")["status"] == "finished"
    assert not [*(tmp_path / "killed").rglob(f"*{MARK}")]
    assert_same_run(tmp_path / "whole", tmp_path / "killed", STEPS)
