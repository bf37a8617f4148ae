"""A program with one pack of `tests/fixtures/packs`, small enough for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ldm_nodes.comfyui.packs.loader import Loader
from ldm_nodes.comfyui.packs.pack import Pack
from ldm_nodes.comfyui.packs.report import PackReport, PackState
from ldm_nodes.comfyui.shims.host import Host
from ldm_nodes.comfyui.shims.install import install
from ldm_nodes.engine.events import Event
from ldm_nodes.engine.executor import Executor, RunResult
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings

PACKS = Path(__file__).parents[1] / "fixtures" / "packs"
Graph = dict[str, dict[str, Any]]

LOADED: Graph = {
    "model": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-sd-v1.safetensors"}},
    "positive": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["model", 1], "text": "a (red:1.2) square"}},
    "negative": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["model", 1], "text": ""}},
    "empty": {
        "class_type": "EmptyLatentFor",
        "inputs": {"vae": ["model", 2], "width": 32, "height": 32, "batch_size": 1},
    },
    "grey": {"class_type": "EmptyImage", "inputs": {"width": 32, "height": 32, "batch_size": 1, "color": 8421504}},
}
"""The smallest model in the box, with prompts."""


@dataclass
class Bench:
    """A registry with a pack in it, and what runs its graphs."""

    base: Path
    registry: Registry = field(default_factory=builtin_registry)
    sent: list[tuple[str, Any, str | None]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def folders(self) -> Folders:
        return Folders.under(self.base)

    def load(self, name: str) -> PackReport:
        host = Host(
            self.folders, self.registry, self.base, send=lambda *message: self.sent.append(message),
            client_of=lambda run_id: "somebody",
        )  # fmt: skip
        (report,) = Loader(self.registry, lambda: install(host)).load([Pack(name, PACKS / name)])
        assert report.state is PackState.LOADED, report.trouble
        assert not report.trouble
        return report

    def run(self, graph: Graph) -> RunResult:
        runtime = Runtime(Settings(self.folders, device="cpu", precision="fp32"))
        executor = Executor(self.registry, runtime.cache, runtime)
        plan = make_plan(Prompt.parse(graph), self.registry, self.folders)
        assert not plan.problems
        return executor.run(plan, self.events.append)

    def shown(self, graph: Graph, *link: Any) -> str:
        """Return an output as text."""
        shown = {"class_type": "PreviewAny", "inputs": {"source": list(link)}}
        return str(self.run({**graph, "shown": shown}).ui["shown"]["text"][0])


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    """Return a node of a graph."""
    return {"class_type": class_type, "inputs": inputs}
