"""The table of ComfyUI's core nodes is that of the nodes that are here."""

from __future__ import annotations

from ldm_nodes.nodes import builtin_registry
from tests.core_nodes import CORE, WHY, shown, table


def test_the_table_is_current() -> None:
    assert shown() == table(builtin_registry()), "Run: python -m tests.core_nodes --write"


def test_every_class_stands_once() -> None:
    names = [name for section in CORE.values() for name in section]
    assert len(names) == len(set(names))
    excused = [name for reason in WHY.values() for name in reason.split()]
    assert len(excused) == len(set(excused))
    assert set(excused) <= set(names)
