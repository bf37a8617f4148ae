"""`status.json`: what has become of a run, for people and programs that were not there.

"running" with the number of a process that is gone means that the process was killed; the run can be resumed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from .atomic import write_json
from .errors import TrainingError

Status = Literal["running", "finished", "cancelled", "failed"]

NAME = "status.json"
LOCK = ".lock"


def write_status(root: Path, status: Status, step: int, message: str = "") -> None:
    """Write what has become of a run.

    Args:
        root: the folder of the run.
        status: what has become of it.
        step: of the last checkpoint.
        message: why, where it failed.
    """
    now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    write_json(root / NAME, {"status": status, "step": step, "message": message, "time": now, "pid": os.getpid()})


def try_status(root: Path, status: Status, step: int, message: str) -> None:
    """Write the status of a run that failed; a full disk may be the reason for both."""
    try:
        write_status(root, status, step, message)
    except OSError:
        (root / NAME).unlink(missing_ok=True)  # no status is better than "running"


@contextmanager
def only_run(root: Path) -> Iterator[None]:
    """Keep other processes from training in the same folder during the block; a killed process keeps nobody out.

    Raises:
        TrainingError: another process trains here already.
    """
    if os.name == "nt":  # has no such lock
        yield
        return
    import fcntl

    with (root / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TrainingError(f"Another process is training in {root}; stop it, or choose another folder.") from error
        yield
