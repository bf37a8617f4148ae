"""No view of the editor has a serious or critical finding of axe-core, dark or light."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.server.program import Program

from . import axe
from .workbench import Workbench

pytestmark = pytest.mark.skipif(not axe.SOURCE.is_file(), reason="axe-core is not installed (cd web && npm ci)")

Graph = dict[str, dict[str, Any]]


@pytest.fixture
def graph(server: Program) -> Graph:
    """Twelve nodes: the first graph, and half of it once more."""
    found: Graph = server.get("/graphs/txt2img")
    found["3"]["inputs"]["steps"] = 2
    again = {"3": "13", "5": "15", "6": "16", "8": "18", "9": "19"}
    for old, new in again.items():
        inputs = {
            name: [again.get(value[0], value[0]), value[1]] if isinstance(value, list) else value
            for name, value in found[old]["inputs"].items()
        }
        found[new] = {"class_type": found[old]["class_type"], "inputs": inputs, "_meta": {"title": f"Other {old}"}}
    return found


def dialog(keys: str) -> Callable[[Workbench], None]:
    def show(bench: Workbench) -> None:
        bench.page.keyboard.press("Escape")
        bench.page.keyboard.press(keys)
        bench.page.get_by_role("dialog").first.wait_for()

    return show


def panel(name: str) -> Callable[[Workbench], None]:
    def show(bench: Workbench) -> None:
        bench.page.keyboard.press("Escape")
        bench.panel(name).wait_for()

    return show


def show_outline(bench: Workbench) -> None:
    bench.page.keyboard.press("Escape")
    bench.page.keyboard.press("o")
    bench.page.get_by_role("treeitem").first.wait_for()
    for key in ("End", "ArrowRight"):
        bench.page.keyboard.press(key)


def show_inspector(bench: Workbench) -> None:
    bench.page.keyboard.press("i")
    bench.page.get_by_role("complementary", name="Inspector").wait_for()


def show_form(bench: Workbench) -> None:
    bench.page.keyboard.press("Alt+f")
    bench.page.get_by_role("region", name="The graph as a form").wait_for()


def show_pictures(bench: Workbench) -> None:
    bench.page.locator(".form-result .node-picture").first.click()
    bench.page.locator(".viewer").wait_for()


def show_menu(bench: Workbench) -> None:
    bench.page.keyboard.press("Escape")
    bench.press("Menu")
    bench.page.get_by_role("menu").first.wait_for()


VIEWS: tuple[tuple[str, Callable[[Workbench], None]], ...] = (
    ("palette", dialog("Control+k")),
    ("keys", dialog("?")),
    ("settings", dialog("Control+,")),
    ("templates", dialog("Alt+t")),
    ("save as", dialog("Control+Shift+s")),
    ("search", dialog("Tab")),
    ("nodes", panel("Nodes")),
    ("files", panel("Files")),
    ("queue", panel("Queue")),
    ("gallery", panel("Pictures")),
    ("models", panel("Models")),
    ("problems", panel("Problems")),
    ("outline", show_outline),
    ("inspector", show_inspector),
    ("form", show_form),
    ("pictures", show_pictures),
)


def choose(bench: Workbench, theme: str) -> None:
    """Choose a theme as the system does."""
    bench.page.emulate_media(color_scheme="light" if theme == "light" else "dark")
    bench.page.wait_for_selector(f":root[data-theme={theme}]")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_first_page_has_no_grave_findings(bench: Workbench, theme: str) -> None:
    choose(bench, theme)
    bench.page.locator(".first-picture").wait_for()
    assert axe.findings(bench.page) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_view_has_grave_findings(bench: Workbench, server: Program, graph: Graph, theme: str) -> None:
    choose(bench, theme)
    bench.open_graph(server, graph)
    bench.run()
    bench.finish()
    found = {"canvas": axe.findings_on_canvas(bench.page), "page": axe.findings(bench.page)}
    bench.page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    for name, show in VIEWS:
        show(bench)
        found[name] = axe.findings(bench.page)
    bench.page.keyboard.press("Escape")
    show_menu(bench)
    found["menu"] = axe.findings(bench.page, ".app-menu")  # it lies over buttons, which are then too small to be seen
    assert {name: told for name, told in found.items() if told} == {}
