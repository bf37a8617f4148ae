"""What a user does in the editor, in words, and what the page complained of meanwhile."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.chromium import executable

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

BUILT = Path(__file__).parents[2] / "ldm_nodes" / "server" / "editor" / "index.html"


def why_not() -> str:
    """Return what is missing here, or an empty text."""
    if not BUILT.is_file():
        return "the editor is not built (pip install -e . builds it)"
    if find_spec("playwright") is None:
        return "playwright is not installed (pip install playwright; it needs no browser of its own)"
    return "" if executable() else "there is no Chromium (apt-get install chromium)"


class Workbench:
    """The editor in a tab.

    Args:
        page: the tab.
        url: the server's address.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Beginnings of complaints that a story brings about on purpose."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._complain(error.message))
        page.on("response", self._check)
        page.on("request", self._check_address)

    @classmethod
    def open(cls, context: BrowserContext, url: str) -> Workbench:
        """Open the editor in a new tab and wait until it can be used."""
        bench = cls(context.new_page(), url)
        bench.page.goto(url)
        bench.ready()
        return bench

    def ready(self) -> None:
        """Wait until the nodes have come."""
        self.page.wait_for_selector(".react-flow")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._complain(message.text)

    def _check(self, answer: Response) -> None:
        if answer.status >= 400:
            self._complain(f"{answer.status} {answer.request.method} {answer.url.removeprefix(self.url)}")

    def _check_address(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "blob:", "data:")):
            self._complain(f"asks elsewhere: {request.url}")

    def _complain(self, text: str) -> None:
        if not text.startswith(self.expected or ("\0",)):
            self.complaints.append(text)
