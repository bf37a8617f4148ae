"""The table of this folder names tests that there are, one for each line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests import security

OF_PACKS = {34, 36}


def test_every_line_of_the_checklist_has_a_test() -> None:
    rows = re.findall(r"^ {4,}(\d+)  .* (test_\w+)$", str(security.__doc__), re.MULTILINE)
    files = Path(__file__).parent.glob("test_*.py")
    tests = {
        part.name for path in files for part in ast.parse(path.read_text()).body if isinstance(part, ast.FunctionDef)
    }
    assert [name for _, name in rows if name not in tests] == []
    assert {int(line) for line, _ in rows} == set(range(1, 43)) - OF_PACKS
