"""Packs extend the editor: by its own interface, and by ComfyUI's as far as a page without its canvas can keep it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.program import Program, running

from .workbench import Workbench

PACKS = Path(__file__).parent / "packs"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    base = tmp_path_factory.mktemp("packs") / "base"
    base.mkdir()
    with running(base, "--packs", str(PACKS)) as program:
        yield program


def test_a_pack_adds_a_command_a_panel_a_mark_and_a_field(bench: Workbench) -> None:
    page = bench.page
    page.wait_for_function("() => globalThis.told?.includes('setup')")
    page.get_by_role("button", name="Stars").click()
    page.keyboard.press("Control+Shift+8")
    page.locator(".extension-panel", has_text="1 nodes").wait_for()
    card = page.locator(".node-card", has_text="Empty Latent Image")
    card.get_by_text("★ 128").wait_for()
    page.get_by_text("Stars: a star was added").wait_for()


def test_a_pack_written_for_comfyui_hooks_into_nodes(bench: Workbench) -> None:
    page = bench.page
    page.wait_for_function("() => globalThis.told?.includes('setup')")
    assert page.evaluate("told.slice(0, 2)") == ["init", "defs true"]
    page.keyboard.press("Control+Shift+8")
    page.wait_for_function("() => told.includes('created EmptyLatentImage')")
    card = page.locator(".node-card", has_text="Empty Latent Image")
    card.get_by_text("drawn by a pack").wait_for()
    card.get_by_role("button", name="Double the width").click()
    card.get_by_text("★ 256").wait_for()


def test_what_a_pack_cannot_have_is_named_and_nothing_else_breaks(bench: Workbench) -> None:
    notices = bench.page.locator(".notices")
    for words in ("this pack is broken", "app.canvas.highlight_something", "LGraphCanvas.prototype.drawNode"):
        notices.get_by_text(words).first.wait_for()
    assert bench.page.locator(".react-flow").is_visible()


def test_a_pack_that_cannot_be_loaded_is_told_with_the_remedy(bench: Workbench) -> None:
    page = bench.page
    notice = page.locator(".notice", has_text="Not all of needy could be loaded")
    notice.get_by_role("button", name="Show").click()
    dialog = page.get_by_role("dialog", name="Node packs")
    row = dialog.locator(".pack", has_text="needy")
    assert "It needs the module a_module_that_nobody_has" in row.inner_text()
    assert "pip install a-module-that-nobody-has" in row.inner_text()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
