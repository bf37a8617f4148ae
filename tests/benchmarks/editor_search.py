"""`python -m tests.benchmarks.editor_search`: how soon a letter typed into the search is answered, over 5,000 nodes.

In a real Chromium: from the browser's `input` event until the list has changed, and until the next frame. The search
alone, without a page, is measured by `npx vitest run src/graph/search.test.ts`, which prints what it found.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from ..browser.chromium import browsing
from ..editor.workbench import Workbench, why_not
from ..server.program import running

NODES = 5000
QUERIES = ("ksampler", "conc cond", "load image", "latnet upscale", "in:IMAGE vae")
LISTEN = """() => {
    window.answers_ = [];
    let start, changed;
    new MutationObserver(() => changed ??= performance.now() - start)
        .observe(document.querySelector(".search"), {subtree: true, childList: true, characterData: true});
    document.addEventListener("input", () => {
        start = performance.now(); changed = undefined;
        requestAnimationFrame(() => window.answers_.push([changed ?? 0, performance.now() - start]));
    }, true);
}"""


def main() -> None:
    """Measure and print."""
    if reason := why_not():
        print(f"not measured: {reason}")
        return
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base")
        base.mkdir()
        with running(base) as program, browsing() as context:
            bench = Workbench.open(context, program.url)
            bench.teach(_many(program.get("/object_info")))
            _measure(bench)


def _many(classes: dict[str, Any]) -> dict[str, Any]:
    """Return so many classes, each like one that there is, in packs of their own."""
    known = sorted(classes)
    return {f"{known[at % len(known)]}{at}": _like(classes[known[at % len(known)]], at) for at in range(NODES)}


def _like(info: dict[str, Any], at: int) -> dict[str, Any]:
    return {**info, "display_name": f"{info['display_name']} {at}", "python_module": f"custom_nodes.pack_{at % 97}"}


def _measure(bench: Workbench) -> None:
    bench.search("")
    bench.page.evaluate(LISTEN)
    for query in QUERIES:
        bench.page.get_by_role("combobox").fill("")
        bench.page.keyboard.type(query, delay=60)
    answers = bench.page.evaluate("window.answers_")
    for name, at in (("list changed", 0), ("next frame", 1)):
        times = sorted(answer[at] for answer in answers)
        worst = times[int(0.95 * len(times))]
        print(f"{len(times)} letters, {name}: median {statistics.median(times):.1f} ms, 95 % within {worst:.1f} ms")


if __name__ == "__main__":
    main()
