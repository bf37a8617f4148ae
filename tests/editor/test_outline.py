"""A graph is built, run and changed by keys alone and without seeing it: by the outline, the search and Connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.program import Program

from .workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Locator

NODES = (
    "Load Checkpoint",
    "CLIP Text Encode (Prompt)",
    "Empty Latent (for a VAE)",
    "KSampler",
    "VAE Decode",
    "Save Image",
)

Graph = dict[str, dict[str, Any]]


class Outline:
    """The outline as someone uses it who hears the page and has no mouse."""

    def __init__(self, bench: Workbench) -> None:
        self.bench = bench
        self.page = bench.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def open(self) -> None:
        self.press("o")
        self.page.locator(".outline :focus").wait_for()

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("treeitem").filter(has=self.page.get_by_text(name, exact=True)).first

    def hear(self, sentence: str) -> None:
        """Wait until the page has said something."""
        self.page.locator("[role=status].unseen").get_by_text(sentence, exact=True).wait_for(state="attached")

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.innerText"))

    def add(self, name: str) -> None:
        """Add a node by its name, from the row that has the focus or the button above."""
        before = self.page.get_by_role("treeitem").count()
        self.press("Insert" if before else "Enter")
        self.page.get_by_role("combobox").wait_for()
        self.page.keyboard.type(name)
        self.page.get_by_role("option").first.wait_for()
        self.press("Enter")
        self.page.wait_for_function("document.querySelectorAll('[role=treeitem]').length > " + str(before))
        self.page.locator("[role=treeitem]:focus").wait_for()

    def go(self, name: str) -> None:
        """Move to a node by arrows."""
        self.press("Home")
        for _ in range(40):
            if self.focused().split("\n")[0] == name:
                return
            self.press("ArrowDown")
        raise AssertionError(f"there is no row {name}")

    def connect(self, node: str, socket: str, words: str) -> None:
        """Connect a socket, found below its node, to what some words find."""
        self.go(node)
        self.press("ArrowRight")
        while not self.focused().startswith(f"{socket}, "):
            self.press("ArrowDown")
        self.press("Enter")
        self.page.get_by_role("combobox", name="Connect to …").wait_for()
        self.page.keyboard.type(words)
        self.press("Enter")
        self.page.locator("[role=treeitem]:focus").wait_for()
        self.press("ArrowLeft", "ArrowLeft")

    def set_field(self, node: str, field: str, value: str) -> None:
        """Edit a field of a node, found by Tab and its name."""
        self.go(node)
        self.press("Enter")
        box = self.page.locator(".outline-fields").get_by_label(field, exact=True)
        for _ in range(20):
            if box.evaluate("box => box === document.activeElement"):
                break
            self.press("Tab")
        self.press("Control+a")
        self.page.keyboard.type(value)
        self.press("Enter", "Escape")
        self.page.locator("[role=treeitem]:focus").wait_for()


@pytest.fixture
def graph(server: Program) -> Graph:
    found: Graph = server.get("/graphs/txt2img")
    return found


@pytest.fixture
def outline(bench: Workbench) -> Outline:
    return Outline(bench)


LOADER, PROMPT, EMPTY, SAMPLER, DECODER, SAVER = NODES
WIRES = (
    ("Positive", "clip", LOADER, "CLIP"),
    (PROMPT, "clip", LOADER, "CLIP"),
    (EMPTY, "vae", LOADER, "VAE"),
    (SAMPLER, "model", LOADER, "MODEL"),
    (SAMPLER, "positive", "Positive", "CONDITIONING"),
    (SAMPLER, "negative", PROMPT, "CONDITIONING"),
    (SAMPLER, "latent_image", EMPTY, "LATENT"),
    (DECODER, "samples", SAMPLER, "LATENT"),
    (DECODER, "vae", LOADER, "VAE"),
    (SAVER, "images", DECODER, "IMAGE"),
)
"""Which input of which node takes which output of which other one."""


def test_a_picture_is_made_by_keys_alone(bench: Workbench, outline: Outline) -> None:
    """No event of a mouse is used: `page.keyboard` is all there is."""
    outline.open()
    outline.add("CLIP Text Encode (Prompt)")
    outline.press("F2")
    bench.page.keyboard.type("Positive")
    outline.press("Enter")
    for name in NODES:
        outline.add(name)
    for node, socket, other, output in WIRES:
        outline.connect(node, socket, f"{other} {output}")
        outline.hear(f"Connected {other} {output} to {node} {socket}.")
    outline.go("Positive")
    outline.press("Enter")
    bench.page.keyboard.type("red apple on a blue background")
    outline.press("Escape")
    outline.set_field("KSampler", "steps", "4")
    titles = [row.split("\n")[0] for row in bench.page.get_by_role("treeitem").all_inner_texts()]
    assert titles[0] == "Load Checkpoint"
    assert titles[-3:] == ["KSampler", "VAE Decode", "Save Image"]
    outline.press("Control+Enter")
    outline.hear("The run has started.")
    bench.finish()
    assert bench.page.locator("[role=status].unseen").inner_text().startswith("Done in ")
    assert set(bench.states().values()) == {"done"}
    outline.go("Save Image")
    assert len(outline.focused().split("\n")) == 2  # its state is told too


def test_the_outline_has_the_commands_of_the_canvas(bench: Workbench, server: Program, graph: Graph) -> None:
    bench.open_graph(server, graph)
    outline = Outline(bench)
    outline.open()
    outline.go("Sample")
    outline.press("m")
    bench.page.wait_for_function("document.activeElement.innerText.includes('muted')")
    outline.press("m", "ArrowRight", "ArrowDown")
    assert outline.focused().split("\n") == ["model, MODEL", "from Load checkpoint"]
    outline.press("Delete")
    outline.hear("Disconnected Load checkpoint MODEL from Sample model.")
    assert "not connected, needed" in outline.focused()
    outline.press("Control+z")
    outline.hear("Undone: Disconnect.")
    outline.press("ArrowLeft", "Delete")
    outline.hear("1 node removed.")
    assert outline.focused().startswith("Decode")
    outline.press("Control+z")
    outline.hear("Undone: Delete.")


def test_the_inside_of_a_subgraph_is_in_it(bench: Workbench, server: Program, graph: Graph) -> None:
    bench.open_graph(server, graph)
    outline = Outline(bench)
    outline.open()
    outline.go("Sample")
    outline.press("Control+g")
    bench.page.get_by_role("treeitem", name="Subgraph").wait_for()
    outline.go("Subgraph")
    outline.press("ArrowRight")
    inner = bench.page.locator("[role=treeitem][aria-level='2'][data-kind=node]")
    assert inner.inner_text().startswith("Sample")
    outline.press("ArrowDown", "End")
    outline.go("Sample")
    bench.page.get_by_role("navigation", name="Where you are").wait_for()  # its sheet is the one that is seen


def test_cards_sockets_and_the_page_say_what_they_are(bench: Workbench, server: Program, graph: Graph) -> None:
    bench.open_graph(server, graph)
    card = bench.page.get_by_role("group", name="Sample", exact=True)
    words = bench.page.locator(f"#{card.get_attribute('aria-describedby')}")
    assert words.text_content() == "KSampler"
    socket = bench.node("Sample").get_by_role("button", name="Input model, MODEL, connected to Load checkpoint")
    socket.wait_for()
    bench.page.locator("body").press("Shift+Tab")
    bench.page.evaluate("document.activeElement.blur()")
    outline = Outline(bench)
    skip = bench.page.get_by_role("navigation", name="Skip").get_by_role("button", name="To the outline")
    skip.focus()
    outline.press("Enter")
    bench.page.locator(".outline [role=treeitem]:focus").wait_for()


def test_the_focus_comes_back_from_dialogs(bench: Workbench, server: Program, graph: Graph) -> None:
    bench.open_graph(server, graph)
    outline = Outline(bench)
    outline.open()
    outline.go("Decode")
    for keys in ("Control+k", "?", "c", "Control+Shift+s", "Alt+t"):
        outline.press(keys)
        bench.page.get_by_role("dialog").wait_for()
        outline.press("Escape")
        bench.page.get_by_role("dialog").wait_for(state="detached")
        bench.page.locator("[role=treeitem]:focus").wait_for()
        assert outline.focused().startswith("Decode"), keys
