"""axe-core looks at the page: what is wrong for those who hear it, or see little, or have no mouse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """({standards, within, exclude, rules}) => axe.run({include: within, exclude}, {
    runOnly: standards, rules, resultTypes: ['violations'], elementRef: false
}).then(({violations}) => violations)"""
CANVAS = ".react-flow"
SIZES_ZOOM = {"target-size": {"enabled": False}}
"""What stands on the canvas is as large as the user zooms; the outline and the form have the same at a fixed size."""


def findings(page: Page, within: str = "html") -> list[str]:
    """Return the serious and critical findings on all but the canvas, each with the first elements that it is about."""
    return _look(page, {"within": [within], "exclude": [CANVAS], "rules": {}})


def findings_on_canvas(page: Page) -> list[str]:
    """Return those on the canvas."""
    return _look(page, {"within": [CANVAS], "exclude": [], "rules": SIZES_ZOOM})


def _look(page: Page, how: dict[str, Any]) -> list[str]:
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(SOURCE.read_text(encoding="utf-8"))
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => null)))")
    found: list[dict[str, Any]] = page.evaluate(LOOK, {"standards": STANDARDS, **how})
    return [_told(one) for one in found if one["impact"] in GRAVE]


def _told(finding: dict[str, Any]) -> str:
    nodes = finding["nodes"]
    where = " | ".join(f"{node['target'][0]} {node['failureSummary'].splitlines()[-1].strip()}" for node in nodes[:3])
    return f"{finding['id']} ×{len(nodes)}: {where}"
