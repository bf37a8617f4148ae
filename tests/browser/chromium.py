"""A Chromium without a window, and the official client in it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.server.program import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

PLACES = ("chromium", "chromium-browser", "google-chrome")
MISSING_ANYWHERE = (
    "/user.css",
    "/favicon.ico",
    "/api/userdata/user.css",
    "/api/userdata/comfy.templates.json",
    "/api/userdata/workflows/.index.json",
    "/api/userdata?dir=workflows&",
    "/api/userdata?dir=subgraphs/&",
)
"""What a new user has not got yet; the client asks for it all the same, of ComfyUI's server too."""
ITS_OWN = "Cannot read properties of undefined (reading 'id')"
"""The client says it at its start wherever it is served: one of its settings sets another that is not there yet."""
KEEP_TITLES = """
    window.titles = [];
    new MutationObserver(() => {
        if (document.title !== window.titles.at(-1)) window.titles.push(document.title);
    }).observe(document, {subtree: true, childList: true, characterData: true});
"""
READY = "window.app?.graph && window.app.extensionManager && !window.app.extensionManager.spinner"


def why_not() -> str:
    """Return what is missing here, or an empty text."""
    if find_spec("playwright") is None:
        return "playwright is not installed (pip install playwright; it needs no browser of its own)"
    if find_spec("comfyui_frontend_package") is None:
        return "the official client is not installed (pip install comfyui-frontend-package)"
    return "" if executable() else "there is no Chromium (apt-get install chromium)"


@contextlib.contextmanager
def browsing() -> Iterator[BrowserContext]:
    """Give a browser with a user of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage"]  # as containers need it
        browser = playwright.chromium.launch(executable_path=executable(), args=options)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(PATIENCE * 1000)
        context.add_init_script(KEEP_TITLES)
        try:
            yield context
        finally:
            browser.close()


class Client:
    """The official client in a tab.

    Args:
        context: the browser.
        url: where it is served.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url = url
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self._complain(error.message))
        self.page.on("response", self._check)
        self.page.on("requestfailed", self._check_failed)
        self.page.on("request", self._check_address)
        self.page.goto(url)
        self.wait(READY)

    def reload(self) -> None:
        self.page.reload()
        self.wait(READY)

    def wait(self, condition: str, argument: Any = None) -> None:
        """Wait until a JavaScript expression is true."""
        self.page.wait_for_function(condition, arg=argument)

    def command(self, name: str) -> None:
        """Do what a menu entry or a key does."""
        self.page.evaluate("name => app.extensionManager.command.execute(name)", name)

    def open(self, path: Path) -> None:
        """Open a file as its dialog does, and see all of its graph."""
        self.page.set_input_files("#comfy-file-input", path)
        self.wait("name => app.extensionManager.workflow.activeWorkflow?.filename === name", path.stem)
        self.wait("() => app.graph.nodes.some(node => node.type === 'SaveImage')")
        self.command("Comfy.Canvas.FitView")

    def queue(self) -> dict[str, Any]:
        """Press the button that runs the graph, and return what was posted."""
        with self.page.expect_response(lambda answer: answer.url == f"{self.url}/api/prompt") as posted:
            self.page.locator("[data-testid=queue-button] button").first.click()
        assert posted.value.status == 200, posted.value.text()
        body = posted.value.request.post_data_json
        assert body is not None
        return dict(body)

    def picture(self, node: str) -> str:
        """Wait until a class's only node shows a picture, and return the picture's address."""
        shown = "name => app.graph.nodes.find(node => node.type === name)?.imgs?.[0]"
        self.wait(f"name => ({shown})(name)?.naturalWidth > 0", node)
        return str(self.page.evaluate(f"name => ({shown})(name).src", node))

    def titles(self) -> list[str]:
        """Return what the tab has been called since it was loaded."""
        found: list[str] = self.page.evaluate("window.titles")
        return found

    def close(self) -> None:
        self.page.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self._is_missing_anywhere(message.location["url"]):
            self._complain(message.text)

    def _complain(self, text: str) -> None:
        if text != ITS_OWN:
            self.complaints.append(text)

    def _check(self, answer: Response) -> None:
        if answer.status >= 400 and not self._is_missing_anywhere(answer.url):
            self.complaints.append(f"{answer.status} {answer.request.method} {answer.url}")

    def _check_failed(self, request: Request) -> None:
        """Complain of a request that got no answer; one whose answer nobody read counts as failed too."""
        if request.failure and "ERR_ABORTED" not in request.failure:
            self.complaints.append(f"{request.failure} {request.method} {request.url}")

    def _check_address(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "blob:", "data:")):
            self.complaints.append(f"asks elsewhere: {request.url}")

    def _is_missing_anywhere(self, url: str) -> bool:
        return unquote(url.removeprefix(self.url)).startswith(MISSING_ANYWHERE)


def executable() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next((path for path in map(shutil.which, PLACES) if path), None)
