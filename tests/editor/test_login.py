"""A server that asks for a token: the page lets its user log in, as who he is, and goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.server.program import Program, running

from .conftest import forget_tabs
from .documents import dialog, near, open_txt2img, text_of, wait_for_tabs, wait_until_kept, write
from .workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

USERS = ("--user", "ann=token-of-ann", "--user", "bob=token-of-bob")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    base = tmp_path_factory.mktemp("guarded") / "base"
    base.mkdir()
    with running(base, *USERS) as program:
        yield program


@pytest.fixture
def stranger(guarded: Program, browser: BrowserContext) -> Iterator[Workbench]:
    """A page of someone who has not logged in."""
    browser.clear_cookies()
    forget_tabs(browser, guarded.url)
    bench = Workbench(browser.new_page(), guarded.url)
    bench.expected = ("401 ", "403 POST /login")
    bench.page.goto(guarded.url)
    yield bench
    bench.page.close()
    assert bench.complaints == []


def log_in(bench: Workbench, token: str) -> None:
    box = dialog(bench, "Log in")
    box.get_by_label("Token").fill(token)
    box.get_by_role("button", name="Log in").click()


def test_a_wrong_token_is_told_and_the_right_one_opens_the_editor(stranger: Workbench) -> None:
    log_in(stranger, "a guess")
    stranger.page.get_by_text("This is not a token of this server.").wait_for()
    log_in(stranger, "token-of-ann")
    stranger.ready()
    open_txt2img(stranger)
    assert stranger.page.get_by_role("dialog").count() == 0


def test_each_user_has_documents_of_his_own(stranger: Workbench) -> None:
    log_in(stranger, "token-of-ann")
    stranger.ready()
    open_txt2img(stranger)
    write(stranger, "Prompt", "a secret of Ann's")
    wait_until_kept(stranger)
    stranger.page.keyboard.press("Control+k")
    stranger.page.get_by_role("combobox").fill("log out")
    stranger.page.keyboard.press("Enter")
    log_in(stranger, "token-of-bob")
    stranger.ready()
    wait_for_tabs(stranger, "untitled")
    assert "Left unsaved" not in stranger.panel("Files").inner_text()


def test_a_login_that_ran_out_in_mid_edit_loses_nothing(stranger: Workbench, browser: BrowserContext) -> None:
    log_in(stranger, "token-of-bob")
    stranger.ready()
    open_txt2img(stranger)
    browser.clear_cookies()
    write(stranger, "Prompt", "written by nobody")
    log_in(stranger, "token-of-bob")
    wait_until_kept(stranger)
    stranger.page.reload()
    stranger.ready()
    wait_for_tabs(stranger, "txt2img*")
    near(stranger)
    assert text_of(stranger, "Prompt").input_value() == "written by nobody"
