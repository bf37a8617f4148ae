"""Fixtures of the tests of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .house import House, serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A server that works."""
    with serving(tmp_path) as house:
        yield house


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[House]:
    """A server whose jobs wait."""
    with serving(tmp_path, works=False) as house:
        yield house
