"""What the command line's settings come to: a budget, modes, and results that survive a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from ldm_nodes.engine import disk_cache
from ldm_nodes.engine.executor import Executor, RunResult
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.models import devices
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.machine import memory_limit
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import CacheSettings, Folders, Settings

Graph = dict[str, dict[str, Any]]
DECODED = "8"


@pytest.fixture
def graph() -> Graph:
    path = Path(__file__).parents[2] / "graphs" / "txt2img.json"
    loaded: Graph = json.loads(path.read_text())
    loaded["5"]["inputs"] |= {"width": 64, "height": 64}
    loaded["3"]["inputs"]["steps"] = 2
    return loaded


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(disk_cache, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(disk_cache, "BYTES_PER_SECOND", 1e18)
    cache = CacheSettings(folder=tmp_path / "cache")
    return Settings(Folders.under(tmp_path), device="cpu", precision="fp32", cache=cache)


def _run(settings: Settings, graph: Graph, runtime: Runtime | None = None) -> RunResult:
    """Run a graph up to the decoded picture, in a new process as far as the runtime can tell."""
    runtime = runtime or Runtime(settings)
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    return executor.run(make_plan(Prompt.parse(graph), executor.registry, settings.folders, [DECODED]))


def _status(result: RunResult) -> dict[str, str]:
    return {name: record.source or record.status for name, record in result.nodes.items()}


def test_models_and_results_share_the_memory(settings: Settings, graph: Graph) -> None:
    runtime = Runtime(replace(settings, cache=CacheSettings()))
    assert runtime.memory.budget_bytes == memory_limit() // 2
    _run(settings, graph, runtime)
    labels = [line.label for line in runtime.memory.inventory()]
    assert labels[0] == "model emoji-v1.safetensors"
    assert "node 3 (KSampler)" in labels
    model = runtime.memory.inventory()[0].nbytes
    assert model < runtime.memory.used_bytes < model + 1_000_000, "the loader's result weighs nothing beside its model"


@pytest.mark.parametrize(("given", "budget"), [(None, 3 << 20), (5 << 20, 5 << 20)])
def test_the_memory_of_an_accelerator_bounds_the_budget(
    settings: Settings, given: int | None, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "memory", lambda device: (1 << 20, 4 << 20))
    runtime = Runtime(replace(settings, cache=CacheSettings(memory_bytes=given)))
    assert runtime.pool
    assert runtime.memory.budget_bytes == budget


def test_a_restart_finds_the_picture_and_every_bit_of_it(settings: Settings, graph: Graph) -> None:
    first, again = _run(settings, graph), _run(settings, graph)
    assert _status(again)[DECODED] == "disk"
    assert "ran" not in _status(again).values()
    (one,), (other,) = first.outputs[DECODED], again.outputs[DECODED]
    assert torch.equal(one, other)
    assert one.stride() == other.stride()


def test_weights_are_not_on_the_disk(settings: Settings, graph: Graph) -> None:
    _run(settings, graph)
    assert settings.cache.folder is not None
    assert sum(path.stat().st_size for path in settings.cache.folder.iterdir()) < 300_000


def test_after_a_restart_a_change_runs_what_it_must(settings: Settings, graph: Graph) -> None:
    _run(settings, graph)
    graph["3"]["inputs"]["seed"] = 43
    status = _status(_run(settings, graph))
    assert (status["6"], status["7"], status["3"], status[DECODED]) == ("disk", "disk", "ran", "ran")


@pytest.mark.parametrize("change", [{"precision": "bf16"}, {"noise": "per_index"}])
def test_other_settings_do_not_find_it(settings: Settings, graph: Graph, change: dict[str, Any]) -> None:
    _run(settings, graph)
    assert _status(_run(replace(settings, **change), graph))[DECODED] == "ran"


def test_a_change_of_the_decoder_does_not_sample_again(settings: Settings, graph: Graph, tmp_path: Path) -> None:
    runtime = Runtime(replace(settings, cache=CacheSettings()))
    _run(settings, graph, runtime)
    vae = tmp_path / "models" / "vae" / "tiny.safetensors"
    vae.parent.mkdir(parents=True)
    vae.write_bytes((settings.folders.bundled / "checkpoints" / "tiny-sd-v1.safetensors").read_bytes())
    graph["20"] = {"class_type": "VAELoader", "inputs": {"vae_name": "tiny.safetensors"}}
    graph[DECODED]["inputs"]["vae"] = ["20", 0]
    status = _status(_run(settings, graph, runtime))
    assert (status["3"], status["20"], status[DECODED]) == ("memory", "ran", "ran")


def test_nothing_is_kept_in_the_mode_none(settings: Settings, graph: Graph) -> None:
    runtime = Runtime(replace(settings, cache=CacheSettings("none")))
    for _ in range(2):
        assert set(_status(_run(settings, graph, runtime)).values()) == {"ran"}
    assert runtime.memory.used_bytes == 0
