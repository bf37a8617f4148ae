"""What a user does on the canvas with a mouse, and what is on it, as copying it tells."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .workbench import Workbench

Json = dict[str, Any]

CLIP = """([kind, text]) => {
    const data = new DataTransfer();
    if (text !== null) data.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent(kind, {clipboardData: data, bubbles: true, cancelable: true}));
    return data.getData("text/plain");
}"""
"""Copies or pastes as the browser does it when its keys are pressed: without a window it has no clipboard."""


class Sheet:
    """The canvas of a bench.

    Args:
        bench: the tab.
    """

    def __init__(self, bench: Workbench) -> None:
        self.page = bench.page

    def paste(self, document: Json) -> None:
        """Paste a document in the editor's format and show all of it."""
        before = self.page.locator(".react-flow__node").count()
        self.page.evaluate(CLIP, ["paste", json.dumps(document)])
        self.page.wait_for_function("n => document.querySelectorAll('.react-flow__node').length > n", arg=before)
        self.settle("Escape", "Shift+F")

    def settle(self, *keys: str) -> None:
        """Press keys with the focus on the canvas, and wait until it has come to rest."""
        self.page.evaluate("document.activeElement?.blur()")
        for key in keys:
            self.page.keyboard.press(key)
        self.rest()

    def rest(self) -> None:
        """Wait until the canvas stays where it is."""
        self.page.evaluate(
            """async () => {
                const place = () => document.querySelector(".react-flow__viewport").style.transform;
                for (let before = "", same = 0; same < 4; ) {
                    await new Promise(resolve => requestAnimationFrame(resolve));
                    same = place() === before ? same + 1 : 0;
                    before = place();
                }
            }"""
        )

    def copied(self) -> Json:
        """Copy what is selected and return it; an empty document where nothing is."""
        text = self.page.evaluate(CLIP, ["copy", None])
        found: Json = json.loads(text or '{"nodes": [], "links": []}')
        return found

    def document(self) -> Json:
        """Return all that is on the canvas."""
        self.settle("Control+a")
        return self.copied()

    def links(self) -> set[tuple[int, int, int, int]]:
        """Return the wires: from which node and slot to which."""
        return {(link[1], link[2], link[3], link[4]) for link in self.document()["links"]}

    def place(self, node_id: int) -> tuple[float, float]:
        """Return where the document has a node."""
        x, y = next(node["pos"] for node in self.document()["nodes"] if node["id"] == node_id)
        return x, y

    def node(self, node_id: int | str) -> Locator:
        return self.page.locator(f'.react-flow__node[data-id="{node_id}"]')

    def title(self, node_id: int | str) -> Locator:
        return self.node(node_id).locator(".node-name")

    def socket(self, node_id: int | str, socket: str) -> Locator:
        """Return a socket by its side and place: `input-0`, `output-1`."""
        return self.node(node_id).locator(f'.socket[data-handleid="{socket}"]')

    def link(self, link_id: int) -> Locator:
        return self.page.locator(f'.react-flow__edge[data-id="link:{link_id}"]')

    def select(self, *node_ids: int) -> None:
        """Click on nodes, the second and further ones with Ctrl."""
        for place, node_id in enumerate(node_ids):
            self.title(node_id).click(modifiers=["Control"] if place else [])

    def drag(self, what: Locator, to: Locator | tuple[float, float], *, drop: bool = True) -> None:
        """Take something by its middle and drag it to the middle of another, or by so many pixels."""
        x, y = middle(what)
        end = (x + to[0], y + to[1]) if isinstance(to, tuple) else middle(to)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=6)
        if drop:
            self.page.mouse.up()

    def on_link(self, link_id: int, part: float = 0.5) -> tuple[float, float]:
        """Return the place on a wire after so much of its way."""
        x, y = self.page.evaluate(
            """([id, part]) => {
                const path = document.querySelector(`.react-flow__edge[data-id="link:${id}"] path`);
                const at = path.getPointAtLength(path.getTotalLength() * part).matrixTransform(path.getScreenCTM());
                return [at.x, at.y];
            }""",
            [link_id, part],
        )
        return x, y


def middle(what: Locator) -> tuple[float, float]:
    """Return the middle of something, in pixels of the page."""
    box = what.bounding_box()
    assert box is not None, what
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
