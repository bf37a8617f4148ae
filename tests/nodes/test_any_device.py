"""Whole graphs on torch's meta device: an operation tied to one device, or a number read back, would fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models.devices import Compute
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime

GRAPHS = Path(__file__).parents[2] / "graphs"


@pytest.mark.parametrize(
    ("graph", "dtype"),
    [
        ("txt2img", torch.float32),
        ("txt2img", torch.float16),
        ("two_prompts", torch.bfloat16),
        ("hires_fix", torch.float32),
        ("inpaint", torch.bfloat16),
        ("class_conditional", torch.float16),
    ],
    ids=str,
)
def test_the_graph_runs_where_nothing_can_be_read(runtime: Runtime, graph: str, dtype: torch.dtype) -> None:
    runtime.__dict__["compute"] = Compute(torch.device("meta"), dtype)  # no command line offers this device
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    nodes = json.loads((GRAPHS / f"{graph}.json").read_text())
    for node in nodes.values():
        node["inputs"] |= {"steps": 3} if "steps" in node["inputs"] else {}
    prompt = Prompt.parse(nodes)
    plan = make_plan(prompt, executor.registry, runtime.folders, ["8"])
    (image,) = executor.run(plan).outputs["8"]
    assert image.is_meta
    assert image.shape[-1] == 3
    assert image.dtype == torch.float32
