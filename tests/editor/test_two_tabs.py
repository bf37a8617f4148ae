"""One document in two windows of a browser, and one file in two browsers: nobody's work is overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.server.program import Program

from .documents import (
    dialog,
    near,
    notice,
    open_txt2img,
    save_as,
    stored,
    text_of,
    wait_for_tabs,
    write,
)
from .workbench import Workbench


@pytest.fixture
def saved(bench: Workbench, server: Program) -> Workbench:
    """A window with a document that was saved."""
    for name in ("shared", "shared%20copy"):
        server.ask("DELETE", f"/userdata/workflows%2F{name}.json")
    open_txt2img(bench)
    save_as(bench, "shared")
    wait_for_tabs(bench, "shared")
    return bench


@pytest.fixture
def second(saved: Workbench) -> Iterator[Workbench]:
    """Another window of the same browser; it has the same documents."""
    second = Workbench.open(saved.page.context, saved.url)
    wait_for_tabs(second, "shared")
    near(second)
    yield second
    second.page.close()
    assert second.complaints == []


@pytest.fixture
def stranger(saved: Workbench, server: Program) -> Iterator[Workbench]:
    """A browser of its own, with the same file open."""
    browser = saved.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    stranger = Workbench.open(context, server.url)
    stranger.panel("Files").get_by_role("button", name="shared").first.click()
    wait_for_tabs(stranger, "shared")
    stranger.panel_away("Files")
    near(stranger)
    yield stranger
    context.close()
    assert stranger.complaints == []


def wait_for_text(bench: Workbench, node: str, text: str) -> None:
    bench.page.wait_for_function(
        '([node, text]) => document.querySelector(`[aria-label="${node}"] textarea`)?.value === text', arg=[node, text]
    )


def test_edits_and_saves_in_one_window_are_seen_in_the_other(saved: Workbench, second: Workbench) -> None:
    write(saved, "Prompt", "from the first")
    wait_for_text(second, "Prompt", "from the first")
    write(second, "No prompt", "from the second")
    wait_for_text(saved, "No prompt", "from the second")
    wait_for_tabs(saved, "shared*")
    wait_for_tabs(second, "shared*")
    second.page.keyboard.press("Control+s")
    notice(second, "Saved shared.")
    wait_for_tabs(saved, "shared")
    write(saved, "Prompt", "once more")
    saved.page.keyboard.press("Control+s")
    notice(saved, "Saved shared.")
    wait_for_tabs(second, "shared")
    wait_for_text(second, "Prompt", "once more")


def test_undo_takes_back_what_another_window_did(saved: Workbench, second: Workbench) -> None:
    before = text_of(saved, "Prompt").input_value()
    write(second, "Prompt", "a slip")
    wait_for_text(saved, "Prompt", "a slip")
    saved.page.locator(".react-flow__pane").click(position={"x": 10, "y": 300})
    saved.page.keyboard.press("Control+z")
    wait_for_text(second, "Prompt", before)


def test_who_comes_back_to_a_page_sees_what_was_saved_elsewhere(saved: Workbench, stranger: Workbench) -> None:
    write(stranger, "Prompt", "by a stranger")
    stranger.page.keyboard.press("Control+s")
    wait_for_tabs(stranger, "shared")
    saved.page.evaluate("dispatchEvent(new Event('focus'))")
    notice(saved, "shared was changed elsewhere; this is the new version.")
    wait_for_text(saved, "Prompt", "by a stranger")
    wait_for_tabs(saved, "shared")


def conflict(saved: Workbench, stranger: Workbench) -> None:
    """Two browsers change the same file; the second one to save is told."""
    write(stranger, "Prompt", "by a stranger")
    stranger.page.keyboard.press("Control+s")
    wait_for_tabs(stranger, "shared")
    saved.expected = ("412 POST",)
    write(saved, "No prompt", "by me")
    saved.page.keyboard.press("Control+s")
    dialog(saved, "shared was changed elsewhere")


def test_a_stale_tab_overwrites_nothing_and_can_be_merged(
    saved: Workbench, stranger: Workbench, server: Program
) -> None:
    conflict(saved, stranger)
    assert "by me" not in json.dumps(stored(server, "shared"))
    dialog(saved, "shared was changed elsewhere").get_by_role("button", name="Merge").click()
    notice(saved, "Merged")
    wait_for_text(saved, "Prompt", "by a stranger")
    assert text_of(saved, "No prompt").input_value() == "by me"
    saved.page.keyboard.press("Control+s")
    wait_for_tabs(saved, "shared")
    text = json.dumps(stored(server, "shared"))
    assert "by me" in text
    assert "by a stranger" in text


def test_a_stale_tab_can_be_kept_as_a_copy(saved: Workbench, stranger: Workbench, server: Program) -> None:
    conflict(saved, stranger)
    dialog(saved, "shared was changed elsewhere").get_by_role("button", name="Keep mine as a copy").click()
    wait_for_tabs(saved, "shared copy")
    assert "by me" in json.dumps(stored(server, "shared copy"))
    assert "by me" not in json.dumps(stored(server, "shared"))


def test_a_stale_tab_can_take_the_other_version_and_undo_that(saved: Workbench, stranger: Workbench) -> None:
    conflict(saved, stranger)
    dialog(saved, "shared was changed elsewhere").get_by_role("button", name="Take the saved version").click()
    wait_for_text(saved, "Prompt", "by a stranger")
    assert text_of(saved, "No prompt").input_value() == ""
    saved.page.locator(".react-flow__pane").click(position={"x": 10, "y": 300})
    saved.page.keyboard.press("Control+z")
    wait_for_text(saved, "No prompt", "by me")
