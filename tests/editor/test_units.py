"""The editor's own tests, beside its sources in `web/src`: run with the others, so that one command runs all."""

from __future__ import annotations

import pytest

from .node import needs_node, run
from .workbench import BUILT

pytestmark = [needs_node, pytest.mark.slow]


def test_every_unit_of_the_editor_passes_its_tests() -> None:
    done = run("node_modules/vitest/vitest.mjs", "run", "--no-color")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_editors_types_hold() -> None:
    done = run("node_modules/typescript/bin/tsc", "--noEmit")
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not BUILT.is_file(), reason="the editor is not built (pip install -e . builds it)")
def test_the_bundle_stays_small() -> None:
    """At most 350 KB compressed are loaded with the page; what is rarely used comes when it is."""
    done = run("scripts/size.mjs")
    assert done.returncode == 0, done.stderr
    first, whole = (int(word) for word in done.stdout.split())
    assert first <= whole <= 350 * 1024, f"{first} bytes with the page, {whole} in all"
