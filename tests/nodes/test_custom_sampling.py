"""Custom sampling in graphs: the same picture as KSampler's, parts of a sampling, and refusals that name the input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.engine.errors import NodeFailed
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.sockets import Scan
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime

GRAPHS = Path(__file__).parents[2] / "graphs"
Graph = dict[str, Any]


@pytest.fixture
def graph() -> Graph:
    loaded: Graph = json.loads((GRAPHS / "txt2img.json").read_text())
    loaded["5"]["inputs"] |= {"width": 64, "height": 64}
    loaded["3"]["inputs"] |= {"steps": 4, "seed": 7, "sampler_name": "euler_ancestral", "scheduler": "karras"}
    _add(loaded, "30", "KSamplerSelect", sampler_name="euler_ancestral")
    _add(loaded, "31", "BasicScheduler", model=["4", 0], scheduler="karras", steps=4, denoise=1.0)
    _add(loaded, "32", "RandomNoise", noise_seed=7)
    _add(loaded, "33", "CFGGuider", cfg=loaded["3"]["inputs"]["cfg"], **_parts(loaded))
    _add(loaded, "34", "SamplerCustomAdvanced", noise=["32", 0], guider=["33", 0], sampler=["30", 0], sigmas=["31", 0],
         latent_image=["5", 0])  # fmt: skip
    return loaded


def _add(graph: Graph, node_id: str, class_type: str, **inputs: Any) -> None:
    graph[node_id] = {"class_type": class_type, "inputs": inputs}


def _add_plain(executor: Executor[Runtime], graph: Graph, node_id: str, name: str) -> None:
    """Add a node that has only a model and constants for inputs, with its defaults and first choices."""
    scan = Scan(executor.runtime.folders)
    given = {}
    for key, item in executor.registry[name].inputs.items():
        io_type = item.field.io_type(scan)
        first = io_type[0] if isinstance(io_type, tuple) else item.default
        given[key] = ["4", 0] if io_type == "MODEL" else first
    _add(graph, node_id, name, **given)


def _parts(graph: Graph) -> dict[str, Any]:
    return {name: graph["3"]["inputs"][name] for name in ("model", "positive", "negative")}


@pytest.fixture
def executor(runtime: Runtime) -> Executor[Runtime]:
    return Executor(builtin_registry(), runtime.cache, runtime)


def _outputs(executor: Executor[Runtime], graph: Graph, node_id: str) -> list[Any]:
    plan = make_plan(Prompt.parse(graph), executor.registry, executor.runtime.folders, [node_id])
    return list(executor.run(plan).outputs[node_id])


def _latent(executor: Executor[Runtime], graph: Graph, node_id: str, slot: int = 0) -> Tensor:
    samples: Tensor = _outputs(executor, graph, node_id)[slot]["samples"]
    return samples


def test_parts_put_together_paint_what_ksampler_paints(executor: Executor[Runtime], graph: Graph) -> None:
    _add(graph, "35", "SamplerCustom", add_noise=True, noise_seed=7, cfg=graph["3"]["inputs"]["cfg"], sampler=["30", 0],
         sigmas=["31", 0], latent_image=["5", 0], **_parts(graph))  # fmt: skip
    expected = _latent(executor, graph, "3")
    assert torch.equal(_latent(executor, graph, "34"), expected)
    assert torch.equal(_latent(executor, graph, "35"), expected)


def test_the_second_output_is_the_last_clean_latent(executor: Executor[Runtime], graph: Graph) -> None:
    torch.testing.assert_close(_latent(executor, graph, "34", 1), _latent(executor, graph, "34", 0))
    _add(graph, "36", "SplitSigmas", sigmas=["31", 0], step=2)
    graph["34"]["inputs"]["sigmas"] = ["36", 0]
    noisy, clean = _latent(executor, graph, "34", 0), _latent(executor, graph, "34", 1)
    level = _outputs(executor, graph, "31")[0][2] / _outputs(executor, graph, "4")[0].scale_factor
    assert (noisy - clean).std().item() == pytest.approx(level.item(), rel=0.25)


def test_a_sampling_in_two_parts_is_that_in_one(executor: Executor[Runtime], graph: Graph) -> None:
    graph["30"]["inputs"]["sampler_name"] = "euler"
    whole = _latent(executor, graph, "34")
    _add(graph, "36", "SplitSigmas", sigmas=["31", 0], step=2)
    _add(graph, "37", "DisableNoise")
    _add(graph, "38", "SamplerCustomAdvanced", **graph["34"]["inputs"] | {"sigmas": ["36", 0]})
    _add(graph, "39", "SamplerCustomAdvanced", **graph["34"]["inputs"] | {
        "sigmas": ["36", 1], "noise": ["37", 0], "latent_image": ["38", 0]})  # fmt: skip
    torch.testing.assert_close(_latent(executor, graph, "39"), whole, rtol=1e-4, atol=1e-5)


def test_a_mask_keeps_what_it_keeps(executor: Executor[Runtime], graph: Graph) -> None:
    _add(graph, "40", "SolidMask", value=0.0, width=64, height=64)
    _add(graph, "41", "SetLatentNoiseMask", samples=["5", 0], mask=["40", 0])
    graph["34"]["inputs"]["latent_image"] = ["41", 0]
    assert _latent(executor, graph, "34").abs().max() < 1e-6


def test_every_sampler_with_options_runs(executor: Executor[Runtime], graph: Graph) -> None:
    from ldm_nodes.nodes import samplers

    names = [value.name for value in vars(samplers).values() if hasattr(value, "spec")]
    assert len(names) == 11
    for name in names:
        _add_plain(executor, graph, "30", name)
        assert _latent(executor, graph, "34").isfinite().all(), name


def test_more_noise_than_the_sampler_adds_by_itself_changes_the_picture(
    executor: Executor[Runtime], graph: Graph
) -> None:
    plain = _latent(executor, graph, "34")
    _add(graph, "30", "SamplerEulerAncestral", eta=1.0, s_noise=1.0)
    assert torch.equal(_latent(executor, graph, "34"), plain)
    graph["30"]["inputs"]["eta"] = 0.0
    without = _latent(executor, graph, "34")
    _add(graph, "30", "KSamplerSelect", sampler_name="euler")
    torch.testing.assert_close(without, _latent(executor, graph, "34"), rtol=1e-4, atol=1e-5)


def test_noise_can_be_added_apart(executor: Executor[Runtime], graph: Graph) -> None:
    graph["30"]["inputs"]["sampler_name"] = "euler"
    _add(graph, "42", "EmptyLatentImage", width=64, height=64, batch_size=1)
    _add(graph, "43", "AddNoise", model=["4", 0], noise=["32", 0], sigmas=["31", 0], latent_image=["42", 0])
    noisy = _latent(executor, graph, "43")
    model = _outputs(executor, graph, "4")[0]
    assert noisy.std().item() == pytest.approx(model.model_sampling.sigma_max / model.scale_factor, rel=0.1)


def test_a_prompt_of_another_family_is_named_at_the_guider(executor: Executor[Runtime], graph: Graph) -> None:
    _add(graph, "44", "CheckpointLoaderSimple", ckpt_name="tiny-class-v1.safetensors")
    graph["33"]["inputs"]["model"] = ["44", 0]
    with pytest.raises(NodeFailed, match=r'input "positive"'):
        _latent(executor, graph, "34")


def test_levels_that_cannot_be_followed_are_named(executor: Executor[Runtime], graph: Graph) -> None:
    _add(graph, "36", "SetFirstSigma", sigmas=["31", 0], sigma=0.0)
    graph["34"]["inputs"]["sigmas"] = ["36", 0]
    with pytest.raises(NodeFailed, match=r'input "sigmas".*0 before its end'):
        _latent(executor, graph, "34")


def test_percents_become_noise_levels(executor: Executor[Runtime], graph: Graph) -> None:
    model = _outputs(executor, graph, "4")[0]
    for percent, actual, expected in ((0.0, False, 999999999.9), (0.0, True, model.model_sampling.sigma_max),
                                      (1.0, True, model.model_sampling.sigma_min)):  # fmt: skip
        _add(graph, "45", "SamplingPercentToSigma", model=["4", 0], sampling_percent=percent,
             return_actual_sigma=actual)  # fmt: skip
        assert _outputs(executor, graph, "45")[0] == pytest.approx(expected)


@pytest.mark.parametrize("name", ["KarrasScheduler", "ExponentialScheduler", "PolyexponentialScheduler", "VPScheduler",
                                  "BetaSamplingScheduler", "SDTurboScheduler", "AlignYourStepsScheduler",
                                  "LaplaceScheduler"])  # fmt: skip
def test_every_scheduler_gives_descending_levels(executor: Executor[Runtime], graph: Graph, name: str) -> None:
    _add_plain(executor, graph, "46", name)
    sigmas = _outputs(executor, graph, "46")[0]
    assert sigmas.dtype == torch.float32
    assert (sigmas.diff() <= 0).all()
    assert (sigmas[-1] == 0) == (name != "LaplaceScheduler")
