"""Looks at unfinished latents: drawn as asked, at little cost, and without a trace in the result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch

from ldm_nodes.engine.events import Event, Preview
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.imaging.preview import latent_to_rgb
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes import latent_preview as module
from ldm_nodes.nodes.latent_preview import LARGEST, REST, SMALLEST, LatentPreview
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.nodes.sockets import Model
from ldm_nodes.settings import PREVIEW_METHODS, CacheSettings, Folders, PreviewMethod, Settings

GRAPH = json.loads((Path(__file__).parents[2] / "graphs" / "txt2img.json").read_text())
METHODS: tuple[PreviewMethod, ...] = ("none", "latent2rgb", "autoencoder")


def _runtime(base: Path, method: PreviewMethod = "latent2rgb") -> Runtime:
    cache = CacheSettings(mode="none")
    return Runtime(Settings(Folders.under(base), device="cpu", precision="fp32", cache=cache, preview=method))


def _model(runtime: Runtime) -> Model:
    path = runtime.folders.find("checkpoints", "emoji-v1.safetensors")
    return runtime.pool.checkpoint(path, runtime.compute).model


def _run(runtime: Runtime, sampler: str) -> tuple[list[Any], torch.Tensor, torch.Tensor]:
    """Return the pictures that were shown, the latent and the pixels."""
    shown: list[Any] = []

    def listen(event: Event) -> None:
        if isinstance(event, Preview):
            shown.append(event.image())

    graph = json.loads(json.dumps(GRAPH))
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    graph["3"]["inputs"] |= {"steps": 4, "sampler_name": sampler, "scheduler": "normal"}
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    outputs = executor.run(
        make_plan(Prompt.parse(graph), executor.registry, runtime.folders, ["3", "8"]), listen
    ).outputs
    return shown, outputs["3"][0]["samples"], outputs["8"][0]


@pytest.mark.parametrize("sampler", ["euler", "dpmpp_2m_sde", "ddim_ldm"])
def test_results_are_equal_bit_for_bit_however_they_are_drawn(tmp_path: Path, sampler: str) -> None:
    made = {method: _run(_runtime(tmp_path, method), sampler) for method in METHODS}
    assert [len(made[method][0]) for method in METHODS] == [0, 4, 4]
    for method in METHODS[1:]:
        assert torch.equal(made[method][1], made["none"][1])
        assert torch.equal(made[method][2], made["none"][2])


def test_the_last_look_by_the_autoencoder_is_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = _runtime(tmp_path)
    _, latent, pixels = _run(runtime, "euler")
    monkeypatch.setattr(module, "SMALLEST", 32)
    drawn = cast("Callable[[], Any]", LatentPreview("autoencoder", _model(runtime)).of(latent))()
    assert drawn.dtype == np.uint8
    np.testing.assert_allclose(drawn, pixels[0].numpy() * 255, atol=1.01)


def test_large_latents_are_made_small(tmp_path: Path) -> None:
    model = _model(_runtime(tmp_path))
    assert model.first_stage is not None
    ratio, channels = model.first_stage.downscale_ratio, model.latent_channels
    seen: list[tuple[int, ...]] = []
    hook = model.first_stage.model.decoder.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape))
    latent = torch.randn(2, channels, 96, 65, generator=torch.Generator().manual_seed(1))
    before = latent.clone()
    picture = model.first_stage.sketch(latent, 32)
    hook.remove()
    assert seen[0][-2:] == (32, 22)
    assert picture.shape == (32 * ratio, 22 * ratio, 3)
    assert torch.equal(latent, before)
    assert torch.isfinite(model.first_stage.sketch(latent * float("nan"), 8)).all()


@pytest.mark.parametrize(("per_cell", "side"), [(1e-5, LARGEST), (1e-3, 15), (0.1, SMALLEST)])
def test_the_autoencoder_draws_what_the_machine_can_in_a_twentieth_of_the_time(
    tmp_path: Path, per_cell: float, side: int
) -> None:
    now, sides = [0.0], list[int]()

    class Slow:
        def sketch(self, latent: torch.Tensor, side: int) -> torch.Tensor:
            sides.append(side)
            now[0] += per_cell * side**2
            return torch.zeros(8, 8, 3)

    model = replace(_model(_runtime(tmp_path)), first_stage=Slow())  # type: ignore[arg-type]
    preview = LatentPreview("autoencoder", model, lambda: now[0])
    for _ in range(20_000):
        cast("Callable[[], Any]", preview.of(torch.zeros(1, 4, 8, 8)))()
        now[0] += 0.1
    assert sides[0] == SMALLEST
    assert sides[-1] == pytest.approx(side, abs=1)
    assert sum(per_cell * side**2 for side in sides[1:]) / now[0] <= 1 / (REST + 1)


def test_a_model_without_an_autoencoder_is_drawn_by_the_linear_map(tmp_path: Path) -> None:
    model = replace(_model(_runtime(tmp_path)), first_stage=None)
    latent = torch.randn(1, model.latent_channels, 8, 8, generator=torch.Generator().manual_seed(1))
    drawn = cast("Callable[[], Any]", LatentPreview("autoencoder", model).of(latent))()
    np.testing.assert_array_equal(drawn, latent_to_rgb(latent, model.family))
    assert LatentPreview("none", model).of(latent) is None


@pytest.mark.parametrize(
    ("server", "asked", "drawn"),
    [
        ("latent2rgb", None, "latent2rgb"),
        ("latent2rgb", "taesd", "autoencoder"),
        ("autoencoder", "latent2rgb", "latent2rgb"),
        ("autoencoder", "auto", "latent2rgb"),
        ("autoencoder", "default", "autoencoder"),
        ("latent2rgb", "none", "none"),
        ("none", "taesd", "none"),
        ("latent2rgb", ["taesd"], "latent2rgb"),
    ],
)
def test_a_job_may_ask_for_another_way(tmp_path: Path, server: PreviewMethod, asked: object, drawn: str) -> None:
    whole = _runtime(tmp_path, server)
    view = whole.for_job("anna", asked)
    assert view.settings.preview == drawn
    assert view.pool is whole.pool
    assert view.cache is whole.cache
    assert view.for_job("bert").folders == whole.folders.of_user("bert")


def test_comfyuis_names_are_understood() -> None:
    assert {"none", "auto", "latent2rgb", "taesd"} <= set(PREVIEW_METHODS)
