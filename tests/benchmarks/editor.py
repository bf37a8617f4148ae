"""`python -m tests.benchmarks.editor`: how soon large graphs are seen in the editor, and how smoothly they are moved.

A real Chromium without a window draws in software, on the processor alone, and is moved by a mouse that moves 60 times
a second. A frame is what lies between two calls of `requestAnimationFrame`; more than 33 ms are seen as a jerk.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..browser.chromium import browsing
from ..editor.large_graph import large_graph
from ..editor.sheet import middle
from ..editor.workbench import Workbench, why_not
from ..server.program import running

if TYPE_CHECKING:
    from playwright.sync_api import Page

SIZES = (500, 2000)
SECONDS = 2.5
PASTE = """async text => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    const start = performance.now();
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
    while (!document.querySelector(".react-flow__node")) await frame();
    await frame(); await frame();
    return performance.now() - start;
}"""
RECORD = """() => {
    window.frames_ = []; window.recording_ = true;
    let last = performance.now();
    const tick = now => {
        if (!window.recording_) return;
        window.frames_.push(now - last); last = now; requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
}"""
STOP = "() => { window.recording_ = false; return window.frames_.slice(2); }"


def main() -> None:
    """Measure and print."""
    if reason := why_not():
        print(f"not measured: {reason}")
        return
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base")
        base.mkdir()
        with running(base) as program:
            documents = [json.dumps(large_graph(program, size)) for size in SIZES]
            with browsing() as context:
                for document in documents:
                    _measure(Workbench.open(context, program.url), document)


def _measure(bench: Workbench, text: str) -> None:
    page = bench.page
    document = json.loads(text)
    print(f"{len(document['nodes'])} nodes, {len(document['links'])} wires", flush=True)
    page.wait_for_function("document.querySelector('.react-flow') !== null")
    page.mouse.move(640, 400)
    print(f"  seen after {page.evaluate(PASTE, text):.0f} ms", flush=True)
    for key in ("Escape", "Shift+F"):
        page.keyboard.press(key)
    _settle(page)
    _print("panning all of it", page, lambda: _drag(page, *_empty(page)))
    _print("zooming in and out", page, lambda: _zoom(page))
    _settle(page)
    page.mouse.move(640, 400)
    page.keyboard.press("Shift+F")
    _settle(page)
    card = page.locator(".react-flow__node-card").nth(3)
    _print("dragging a card, all in sight", page, lambda: _drag(page, *_title(card)))
    _near(page)
    _print("panning at full size", page, lambda: _drag(page, *_empty(page)))
    card = page.locator(".react-flow__node-card").nth(_whole_card(page))
    _print("dragging a card at full size", page, lambda: _drag(page, *_title(card)))
    card.locator("textarea").first.focus()
    _print("typing into a card", page, lambda: _type(page))
    page.close()


def _print(name: str, page: Page, act: Callable[[], None]) -> None:
    with _recorded(page) as frames:
        act()
    ordered = sorted(frames)
    if not ordered:
        print(f"  {name}: no frames")
        return
    p50, p95 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.95))
    print(
        f"  {name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {ordered[-1]:.0f} ms ({len(ordered)} frames)",
        flush=True,
    )


@contextmanager
def _recorded(page: Page) -> Iterator[list[float]]:
    frames: list[float] = []
    page.evaluate(RECORD)
    yield frames
    frames += page.evaluate(STOP)


def _drag(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.down()
    end = time.monotonic() + SECONDS
    step = 0
    while time.monotonic() < end:
        step += 1
        page.mouse.move(x + 180 * ((step / 30) % 2 - 1), y + 60 * ((step / 20) % 2 - 1))
        time.sleep(1 / 60)
    page.mouse.up()


def _zoom(page: Page) -> None:
    for step in range(60):
        page.mouse.wheel(0, -60 if step < 30 else 60)
        time.sleep(1 / 60)


def _type(page: Page) -> None:
    for letter in "a quick brown fox jumps over":
        page.keyboard.type(letter)
        time.sleep(1 / 30)


def _near(page: Page) -> None:
    """Zoom in until cards show their fields."""
    for _ in range(40):
        page.mouse.move(640, 400)
        if float(page.locator(".tools-zoom").inner_text().split()[0]) >= 80:
            break
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(60)
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_timeout(800)


def _empty(page: Page) -> tuple[float, float]:
    place: Any = page.evaluate(
        """() => {
            const box = document.querySelector(".react-flow").getBoundingClientRect();
            for (let y = box.top + 200; y < box.bottom - 150; y += 7)
                for (let x = box.left + 250; x < box.right - 250; x += 7)
                    if (document.elementFromPoint(x, y).classList.contains("react-flow__pane")) return [x, y];
            return [box.left + 40, box.top + 60];
        }"""
    )
    return place[0], place[1]


def _whole_card(page: Page) -> int:
    """Return the place of a card with a text, all of which is in sight, after moving the canvas until there is one."""
    for _ in range(40):
        index = page.evaluate(
            """() => [...document.querySelectorAll(".react-flow__node-card")].findIndex(card => {
                const box = card.getBoundingClientRect();
                return box.left > 300 && box.right < 1000 && box.top > 110 && box.bottom < 650
                    && card.querySelector("textarea");
            })"""
        )
        if index >= 0:
            break
        x, y = _empty(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 150, y - 60, steps=3)
        page.mouse.up()
        page.wait_for_timeout(100)
    return max(0, int(index))


def _title(card: Any) -> tuple[float, float]:
    return middle(card.locator(".node-name"))


if __name__ == "__main__":
    main()
