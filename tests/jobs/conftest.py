"""Fixtures of the tests of the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.store import JobStore

from .pack import opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[JobStore]:
    with opened(path) as store:
        yield store


@pytest.fixture
def desk(path: Path) -> Iterator[JobDesk]:
    """A queue that nothing takes jobs from."""
    desk = JobDesk.open(path)
    yield desk
    desk.close()
