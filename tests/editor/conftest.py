"""A server with the model in the box, a browser without a window, and the editor open in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.browser.chromium import browsing
from tests.server.program import Program, running

from .workbench import Workbench, why_not

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the stories, with the reason, where a tool is missing that a user may lack."""
    reason = why_not()
    for item in items:
        if reason and "tests/editor/" in item.nodeid and "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    base = tmp_path_factory.mktemp("editor") / "base"
    base.mkdir()
    with running(base) as program:
        yield program


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with browsing() as context:
        yield context


def forget_tabs(browser: BrowserContext, url: str) -> None:
    """Let a browser forget what it keeps for a server."""
    page = browser.new_page()
    everything = {"origin": url, "storageTypes": "local_storage,indexeddb"}
    browser.new_cdp_session(page).send("Storage.clearDataForOrigin", everything)
    page.close()


def forget(browser: BrowserContext, server: Program) -> None:
    """Let browser and server forget which documents were open: a test begins with an empty one."""
    forget_tabs(browser, server.url)
    for version in server.get("/journal"):
        server.ask("DELETE", f"/journal/{quote(version['document'], safe='')}")


@pytest.fixture
def bench(server: Program, browser: BrowserContext, tmp_path: Path) -> Iterator[Workbench]:
    """The editor in a tab of its own, without a past; complaints of the page fail the test."""
    forget(browser, server)
    bench = Workbench.open(browser, server.url)
    yield bench
    bench.page.close()
    assert bench.complaints == []
