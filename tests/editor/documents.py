"""What a user does with documents and their files, and documents to do it with."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.server.program import Program

from .workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Locator

GRAPHS = Path(__file__).parents[2] / "graphs"
TXT2IMG = GRAPHS / "txt2img.json"
TABS = (
    "[...document.querySelectorAll('.tab-name')]"
    ".map((tab) => tab.innerText + (tab.querySelector('.tab-dot') ? '*' : ''))"
)
DROP = """([text, name, type]) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, {type}));
    const told = {dataTransfer: data, bubbles: true, cancelable: true, clientX: 500, clientY: 300};
    for (const kind of ['dragover', 'drop']) document.querySelector('main').dispatchEvent(new DragEvent(kind, told));
}"""


def open_files(bench: Workbench, *paths: Path) -> None:
    """Open files as the dialog for that does."""
    bench.page.set_input_files("#file-chooser", list(paths))


def open_txt2img(bench: Workbench) -> None:
    """Open the first graph of all and come so near that its fields can be used."""
    open_files(bench, TXT2IMG)
    bench.page.get_by_role("button", name="Close txt2img").wait_for()
    near(bench)


def near(bench: Workbench) -> None:
    """Come so near that fields can be used."""
    bench.page.wait_for_selector(".react-flow__node")
    bench.page.keyboard.press("Shift+F")
    bench.page.wait_for_selector(".node-card .node-fields")


def drop(bench: Workbench, name: str, data: bytes, kind: str = "") -> None:
    """Drop a file onto the page."""
    bench.page.evaluate(DROP, [base64.b64encode(data).decode(), name, kind])


def tabs(bench: Workbench) -> list[str]:
    """Return the names of the open documents; a star says that one is not saved."""
    names: list[str] = bench.page.evaluate(f"() => {TABS}")
    return names


def wait_for_tabs(bench: Workbench, *names: str) -> None:
    """Wait until these documents are open."""
    bench.page.wait_for_function(f"names => {TABS}.join('|') === names.join('|')", arg=list(names))


def notice(bench: Workbench, text: str) -> Locator:
    """Wait for something that the editor has to say, and return it."""
    line = bench.page.locator(".notice", has_text=text)
    line.first.wait_for()
    return line.first


def dialog(bench: Workbench, name: str) -> Locator:
    """Wait for a dialog and return it."""
    found = bench.page.get_by_role("dialog", name=name)
    found.wait_for()
    return found


def save_as(bench: Workbench, name: str) -> None:
    """Save the document under a name."""
    bench.page.keyboard.press("Control+Shift+s")
    box = dialog(bench, "Save as")
    box.get_by_label("Name").fill(name)
    box.get_by_role("button", name="Save", exact=True).click()


def text_of(bench: Workbench, node: str) -> Locator:
    """Return the text field of a node."""
    return bench.node(node).locator("textarea")


def write(bench: Workbench, node: str, text: str) -> None:
    """Put a text into a node's field."""
    text_of(bench, node).fill(text)
    text_of(bench, node).blur()


def stored(server: Program, name: str) -> Any:
    """Return one of the user's files."""
    return server.get(f"/userdata/{quote(f'workflows/{name}.json', safe='')}")


def versions(server: Program, document: str) -> Any:
    """Return the versions that were kept of a document, newest first."""
    return server.get(f"/journal/{quote(document, safe='')}")


def wait_until_kept(bench: Workbench) -> None:
    """Wait until the last change is on the server."""
    bench.page.wait_for_function("() => document.querySelector('.kept')?.innerText.startsWith('Kept')")


def dumped(value: Any) -> bytes:
    """Return a JSON text."""
    return json.dumps(value).encode()
