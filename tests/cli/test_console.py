"""What a person sees of a run."""

from __future__ import annotations

import io

from rich.console import Console

from ldm_nodes.cli.console import Display
from ldm_nodes.engine.events import Cached, Executed, Executing, Progress
from ldm_nodes.engine.prompt import Prompt

NODES = 60
PROMPT = Prompt.parse({str(i): {"class_type": f"Class{i}", "inputs": {}} for i in range(NODES)})


def _shown(terminal: bool) -> str:
    """Run a graph of 60 nodes on a screen of 10 lines, up to the middle of the last node; return what is drawn then."""
    screen = io.StringIO()
    with Display(PROMPT, Console(file=screen, force_terminal=terminal, width=80, height=10)) as display:
        display.show(Cached("", ("0",)))
        for node_id in list(PROMPT.nodes)[1:]:
            display.show(Executing("", node_id, f"Class{node_id}", ""))
            display.show(Progress("", node_id, 7, 20))
            if node_id != str(NODES - 1):
                display.show(Executed("", node_id, None, 1.5, reused=False))
        screen.truncate(0)
    return screen.getvalue()


def test_the_node_at_work_is_on_the_screen_of_a_large_graph() -> None:
    assert "node 59 (Class59)" in _shown(terminal=True)
    assert "7/20" in _shown(terminal=True)


def test_every_node_leaves_one_line() -> None:
    screen = io.StringIO()
    with Display(PROMPT, Console(file=screen, width=80)) as display:
        display.show(Cached("", ("0",)))
        display.show(Executing("", "1", "Class1", ""))
        display.show(Progress("", "1", 7, 20))
        display.show(Executed("", "1", None, 1.5, reused=False))
    assert screen.getvalue() == "node 0 (Class0): reused\nnode 1 (Class1): 1.50 s\n"
