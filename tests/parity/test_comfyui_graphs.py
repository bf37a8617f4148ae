"""Whole graphs: the engine runs what ComfyUI ran, on the same checkpoint and seeds, and gives the same tensors."""

from __future__ import annotations

import pytest
import torch

from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests import golden

CASE = golden.load("13_comfyui", "graphs")
RUNS = {run["prefix"]: run for run in CASE.manifest["runs"]}


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    base = tmp_path_factory.mktemp("graphs")
    folders = Folders(base, base / "output", golden.ROOT / "13_comfyui" / "inputs", base / "temp")
    runtime = Runtime(Settings(folders, device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


@pytest.mark.parametrize("name", RUNS)
def test_graph_gives_comfyuis_tensors(executor: Executor[Runtime], name: str) -> None:
    run = RUNS[name]
    targets = [*{node_id: None for node_id, *_ in run["outputs"].values()}]
    plan = make_plan(Prompt.parse(run["prompt"]), executor.registry, executor.runtime.settings.folders, targets)
    assert not plan.problems
    outputs = executor.run(plan).outputs
    for tensor, (node_id, slot, *path) in run["outputs"].items():
        if tensor not in CASE.tensors:  # ComfyUI itself failed there; ours need only be sensible
            assert "raises" in run
            assert torch.isfinite(golden.tensor_at(outputs[node_id][slot], path)).all()
            continue
        _assert_equal(tensor, golden.tensor_at(outputs[node_id][slot], path))


def _assert_equal(name: str, got: torch.Tensor) -> None:
    """Compare a tensor; pictures that were stored as bytes are compared as SaveImage would write them."""
    if CASE.tensors[name].dtype != torch.uint8:
        CASE.assert_close(name, got)
        return
    levels = (got * 255).clamp(0, 255).to(torch.uint8)
    difference = (levels.int() - CASE.tensors[name].int()).abs().max()
    assert difference <= CASE.manifest["tensors"][name]["tolerance"]["max_level_difference"]
