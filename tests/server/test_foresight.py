"""What cannot work together is told when a graph is sent, once that takes no time; else when it runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ldm_nodes.engine.errors import InputError
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.spec import node
from tests.jobs.pack import Number, graph_of

from .house import nodes, serving

GRAPHS = Path(__file__).parents[2] / "graphs"


def _never(value: object) -> None:
    raise InputError("value", received="this", expected="that")


@node("Pairing", category="test", foresee=_never)
def pairing(value: Number) -> Number:
    return value


def _registry() -> Registry:
    found = nodes()
    found.register(pairing)
    return found


@pytest.mark.parametrize("ready", [True, False])
def test_wrong_pairings_are_told_at_post_once_nodes_can_be_asked(tmp_path: Path, ready: bool) -> None:
    with serving(tmp_path, works=False, registry=_registry(), foresees=lambda: ready) as house:
        answer = house.post("/prompt", {"prompt": graph_of("Pairing")})
        assert answer.status == (400 if ready else 200)
        assert ("2" in answer.json["node_errors"]) is ready
        if ready:
            (error,) = answer.json["node_errors"]["2"]["errors"]
            assert error["extra_info"]["input_name"] == "value"
        house.post("/prompt", {"prompt": graph_of(), "prompt_id": "a"})
        assert house.desk.store.get("a").job.foreseen is ready, "so that its backend looks ahead if nobody did"
        house.desk.queue.cancel("a")
        assert not house.desk.queue.retry("a").job.foreseen, "files may have changed since"


PROGRAM = """
import json, sys
from pathlib import Path
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.server.access import Access
from ldm_nodes.server.frontend import Frontend
from ldm_nodes.server.hub import Hub
from ldm_nodes.server.orders import order_of
from ldm_nodes.server.site import Site
from ldm_nodes.settings import Folders

base, graph = map(Path, sys.argv[1:])
desk = JobDesk.open(base / "queue")
site = Site(builtin_registry(), Folders.under(base), desk, Hub(), Access(), base, Frontend.find("editor"),
            foresees=lambda: False)
order = order_of({"prompt": json.loads(graph.read_text())}, site, None)
desk.submit(order.job)
print(sorted({"torch", "numpy", "PIL"} & set(sys.modules)), len(order.node_errors))
"""


def test_until_torch_is_loaded_no_graph_is_looked_at_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(GRAPHS / "txt2img.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] 0"
