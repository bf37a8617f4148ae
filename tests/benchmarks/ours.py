"""The contestant ldm_nodes: models by the loader, pictures by a graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ldm_nodes.engine.executor import Executor, RunResult
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models.devices import pick_compute
from ldm_nodes.models.loader import LoadedCheckpoint, load_checkpoint
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings

from .contestant import CFG_BATCH, STEPS, Task

LOADER, SAMPLER = "1", "5"
IDLE_STEPS = 50


class Ours:
    """See `Contestant`."""

    loaded: LoadedCheckpoint

    def __init__(self, task: Task) -> None:
        self.task = task
        self.inputs = (task.latent(CFG_BATCH), torch.full((CFG_BATCH,), 500.0), {"context": task.context()})
        folders = Folders.under(task.checkpoint.parents[2])
        precision: Any = task.precision
        self.runtime = Runtime(Settings(folders, device="cpu", precision=precision))
        self.executor = Executor(builtin_registry(), self.runtime.cache, self.runtime)

    def load(self) -> None:
        """Load through the loader that nodes use."""
        self.loaded = load_checkpoint(self.task.checkpoint, pick_compute("cpu", self.task.precision))

    def step(self) -> Tensor:
        """Predict as a sampler does; the context is projected in the first call only."""
        return self.loaded.model.predict(*self.inputs)

    def decode(self) -> Tensor:
        """Decode as the node does."""
        assert self.loaded.first_stage is not None
        return self.loaded.first_stage.decode(self.task.latent(1))

    def picture(self) -> None:
        """Run a graph."""
        self._run(STEPS, seed=0)

    def prepare_idle(self) -> None:
        """Make a first picture, and let the networks do nothing from then on."""
        self._run(1, seed=1)
        loaded = self.runtime.pool.checkpoint(self.task.checkpoint, self.runtime.compute)
        assert loaded.first_stage is not None
        loaded.model.network.forward = _nothing  # type: ignore[method-assign]
        loaded.first_stage.model.decode = _picture  # type: ignore[method-assign]

    def idle_picture(self) -> None:
        """Make a picture in `IDLE_STEPS` steps of everything but the networks: engine, nodes, sampler, guidance."""
        self._run(IDLE_STEPS, seed=2)

    def _run(self, steps: int, seed: int) -> RunResult:
        prompt = Prompt.parse(graph(self.task, steps, seed))
        return self.executor.run(make_plan(prompt, self.executor.registry, self.runtime.folders))


def graph(task: Task, steps: int, seed: int) -> dict[str, Any]:
    """Return the text-to-picture graph."""
    sampling = {"seed": seed, "steps": steps, "cfg": 7.5, "sampler_name": "plms", "scheduler": "uniform", "denoise": 1}
    wires = {"model": [LOADER, 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0]}
    return {
        LOADER: _node("CheckpointLoaderSimple", ckpt_name=task.checkpoint.name),
        "2": _node("CLIPTextEncode", text="a photograph of an astronaut riding a horse", clip=[LOADER, 1]),
        "3": _node("CLIPTextEncode", text="blurry", clip=[LOADER, 1]),
        "4": _node("EmptyLatentImage", width=task.size, height=task.size, batch_size=1),
        SAMPLER: _node("KSampler", **sampling, **wires),
        "6": _node("VAEDecode", samples=[SAMPLER, 0], vae=[LOADER, 2]),
        "7": _node("SaveImage", filename_prefix="benchmark", images=["6", 0]),
    }


def _node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def _nothing(x: Tensor, *_: object, **__: object) -> Tensor:
    return x


def _picture(z: Tensor) -> Tensor:
    return z[:, :3].repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
