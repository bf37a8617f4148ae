"""A node with one field of every kind, for stories of fields that no class of ours has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .workbench import Workbench

TITLE = "Field kit"
_FILE = Path(__file__).parents[1] / "fixtures" / "editor" / "field_kit.json"


def field_kit() -> dict[str, Any]:
    """Return the class, as `/object_info` would tell it."""
    found: dict[str, Any] = json.loads(_FILE.read_text())
    return found


def add_kit(bench: Workbench) -> Locator:
    """Add the node with one field of every kind, and see all of it."""
    bench.teach({"FieldKit": field_kit()})
    card = bench.add(TITLE)
    bench.keys("f")
    return card
