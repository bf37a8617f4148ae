"""The page itself: it comes from the server alone, and breaks none of its own rules."""

from __future__ import annotations

from .workbench import Workbench


def test_the_page_opens_without_a_complaint_and_asks_nobody_else(bench: Workbench) -> None:
    assert bench.page.title() == "ldm_nodes"
    assert bench.page.locator(".react-flow").is_visible()
