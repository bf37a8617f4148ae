"""A browser that can be killed: a process of its own, with a profile that stays."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.chromium import executable
from tests.server.program import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Playwright


class Browser:
    """Chromium as the system runs it.

    Args:
        profile: the folder of what it remembers.
    """

    def __init__(self, profile: Path) -> None:
        self._told = profile / "DevToolsActivePort"
        self._told.unlink(missing_ok=True)
        command = [
            str(executable()), "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run",
            "--remote-debugging-port=0", f"--user-data-dir={profile}", "--window-size=1280,800", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def address(self) -> str:
        """Where it listens, once it does."""
        end = time.monotonic() + PATIENCE
        while not (self._told.exists() and self._told.read_text().strip()):
            assert time.monotonic() < end
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._told.read_text().split()[0]}"

    def kill(self) -> None:
        """End it and all that belongs to it, as the system does when memory runs out."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def killable(playwright: Playwright, profile: Path) -> Iterator[tuple[Browser, BrowserContext]]:
    """Give a browser that keeps its profile; it is killed at the end if not before."""
    browser = Browser(profile)
    try:
        context = playwright.chromium.connect_over_cdp(browser.address).contexts[0]
        context.set_default_timeout(PATIENCE * 1000)
        yield browser, context
    finally:
        browser.kill()
