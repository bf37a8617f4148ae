"""What a user does in the editor, in words, and what the page complained of meanwhile."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.chromium import executable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, Route

    from tests.server.program import Program

Graph = dict[str, dict[str, Any]]

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
        self.taught: dict[str, Any] = {}
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
        self.page.wait_for_selector(".app[data-ready] .react-flow")

    def press(self, name: str) -> None:
        """Press the first button of a name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def panel(self, name: str) -> Locator:
        """Open a panel of the rail and return it."""
        button = self.page.locator(".rail").get_by_role("button", name=name, exact=True)
        if button.get_attribute("aria-pressed") != "true":
            button.click()
        return self.page.get_by_role("region", name=name, exact=True)

    def panel_away(self, name: str) -> None:
        """Close a panel of the rail."""
        self.page.locator(".rail").get_by_role("button", name=name, exact=True).click()
        self.page.get_by_role("region", name=name, exact=True).wait_for(state="detached")

    def node(self, title: str) -> Locator:
        """Return the card of a node."""
        return self.page.get_by_role("article", name=title, exact=True)

    def states(self) -> dict[str, str]:
        """Return the state of every card, by its title."""
        told: dict[str, str] = self.page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.node-card')]"
            ".map((card) => [card.getAttribute('aria-label'), card.dataset.state]))"
        )
        return told

    def widen(self) -> None:
        """Give the page a window in which a whole graph can be read."""
        self.page.set_viewport_size({"width": 1600, "height": 900})

    def open_graph(self, server: Program, graph: Graph) -> None:
        """Open a graph, which need not be whole, as what a cancelled job of somebody else carries."""
        self.widen()
        server.ask("POST", "/jobs/pause")
        job_id = server.queue(server.get("/graphs/txt2img"), extra_data={"extra_pnginfo": {"workflow": graph}})
        server.ask("POST", f"/jobs/{job_id}/cancel")
        server.ask("POST", "/jobs/resume")
        queue = self.panel("Queue")
        queue.get_by_role("button", name="Open its graph").first.click()
        self.page.wait_for_selector(".react-flow__node")
        self.page.wait_for_selector(".node-card .node-fields")
        self.panel_away("Queue")

    def run(self) -> None:
        """Run the graph that is seen, and wait until it begins."""
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_selector(".run:not([data-phase=idle])")

    def finish(self, phase: str = "done") -> None:
        """Wait until the run has come to an end, and the end is the one that is expected."""
        self.page.wait_for_selector(".run:is([data-phase=done], [data-phase=failed], [data-phase=cancelled])")
        assert self.page.locator(".run").get_attribute("data-phase") == phase

    def teach(self, classes: Mapping[str, Any]) -> None:
        """Open the page again with node classes that the server does not have; `taught` counts at each refresh."""
        self.taught = dict(classes)
        self.page.unroute("**/object_info")
        self.page.route("**/object_info", self._tell)
        self.page.reload()
        self.ready()

    def _tell(self, route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), **self.taught})

    def add(self, name: str) -> Locator:
        """Search for a node, add the first that is found, and return its card."""
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(name)
        self.page.get_by_role("option").filter(has_text=name).first.wait_for()
        self.page.keyboard.press("Enter")
        return self.node(name)

    def keys(self, keys: str, times: int = 1) -> None:
        """Press keys as a user does who looks at where the focus is."""
        for _ in range(times):
            self.page.keyboard.press(keys)

    def wire(self, source: Locator, output: str, target: Locator, name: str) -> None:
        """Pull a wire from an output to an input."""
        start = source.get_by_role("button", name=re.compile(f"^Output {output},"))
        end = target.get_by_role("button", name=re.compile(f"^Input {name},"))
        start.drag_to(end)

    def drag(self, thing: Locator, x: float, y: float = 0.0) -> None:
        """Take hold of the middle of something and let go elsewhere, so many pixels away."""
        box = thing.bounding_box()
        assert box is not None
        start = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(start[0] + x, start[1] + y, steps=8)
        self.page.mouse.up()

    def search(self, text: str) -> Locator:
        """Open the search with its key, type, and return what it found."""
        self.page.locator("body").press("Tab")
        self.page.get_by_role("combobox", name="Add a node").fill(text)
        return self.page.get_by_role("option")

    def command(self, text: str) -> None:
        """Do the command that the palette finds first."""
        self.page.keyboard.press("Control+k")
        self.page.get_by_role("combobox", name="Find a command").fill(text)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("dialog", name="Find a command").wait_for(state="detached")

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
