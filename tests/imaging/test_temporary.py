"""What killed processes leave behind goes away, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ldm_nodes.imaging.naming import start_series
from ldm_nodes.imaging.temporary import temporary

KILLED = """
import os, signal, sys
from pathlib import Path
from ldm_nodes.imaging import saving
from ldm_nodes.imaging.naming import start_series
saving._claim = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
saving.publish(b"half a picture", start_series(Path(sys.argv[1]), "fox"), 0, ".png")
"""


def age(path: Path, seconds: float) -> Path:
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_what_a_killed_process_left_is_removed_a_day_later(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    start_series(tmp_path, "fox")
    assert left.exists(), "it could be at work"
    age(left, 25 * 60 * 60)
    start_series(tmp_path, "fox")
    assert not left.exists()


def test_files_at_work_and_files_of_others_stay(tmp_path: Path) -> None:
    at_work = temporary(tmp_path)
    old = [tmp_path / name for name in (".notes.tmp", "0123456789abcdef.tmp", ".0123456789abcdef.tmp.png", "fox.png")]
    for path in (at_work, *old):
        path.touch()
    for path in old:
        age(path, 1e7)
    start_series(tmp_path, "fox")
    assert sorted(tmp_path.iterdir()) == sorted((at_work, *old))


def test_what_cannot_be_removed_hinders_nobody(tmp_path: Path) -> None:
    folder = tmp_path / ".0123456789abcdef.tmp"
    folder.mkdir()
    age(folder, 1e7)
    assert start_series(tmp_path, "fox").counter == 1
    assert folder.is_dir()
