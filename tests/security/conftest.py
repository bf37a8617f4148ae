"""Fixtures of the tests of safety: servers as they are by default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.house import House, serving


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A server whose jobs wait, with the rules of a server on this machine alone."""
    with serving(tmp_path, works=False) as house:
        yield house
