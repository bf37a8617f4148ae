"""The research code's samplers through the KSampler path, against the original programs with the small checkpoint."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.guiders import CFGGuider, run_under
from ldm_nodes.sampling.research import research_steps
from ldm_nodes.sampling.run import Draws, Run
from ldm_nodes.sampling.steps import final
from ldm_nodes.sampling.timeline import Timeline, make_timeline
from tests.golden import load
from tests.sampling.tiny_model import TinyModel, tiny_model

GOLDEN = load("11_checkpoint", "tiny_sd_v1")
OURS = {"plms": "plms", "ddim": "ddim_ldm", "dpm": "dpm_solver"}
TXT2IMG = [run for run in GOLDEN.manifest["runs"] if run["weights"] == "raw" and run["sampler"] in OURS]


def _run(model: TinyModel, context: str, scale: float, latent: Tensor, noise: Tensor) -> Run:
    positive, negative = ([[GOLDEN.tensors[f"conditioning.{name}"], {}]] for name in (context, "uncond"))
    guider = CFGGuider(model)
    guider.set_conds(positive, negative)
    guider.set_cfg(scale)
    return run_under(guider, latent, noise, Draws(0))


def _result(run: Run, sampler: str, timeline: Timeline) -> Tensor:
    with torch.no_grad():
        return final(research_steps(run, sampler, timeline, force_full_denoise=False))


@pytest.mark.parametrize("case", TXT2IMG, ids=lambda case: case["prefix"])
def test_text_to_image_equals_the_original_programs(case: dict[str, Any]) -> None:
    model, noise = tiny_model(), GOLDEN.tensors["x_T"]
    run = _run(model, "cond", case["unconditional_guidance_scale"], torch.zeros_like(noise), noise)
    is_dpm = case["sampler"] == "dpm"
    scheduler = "uniform" if is_dpm else "uniform_compvis"
    timeline = make_timeline(model.noise_schedule, scheduler, case["S"], fractional=is_dpm)
    GOLDEN.assert_close(f"{case['prefix']}.latent", _result(run, OURS[case["sampler"]], timeline))


def test_image_to_image_equals_the_original_program() -> None:
    (case,) = (run for run in GOLDEN.manifest["runs"] if run["prefix"] == "img2img")
    model = tiny_model()
    run = _run(
        model,
        "cond_extra",
        case["unconditional_guidance_scale"],
        GOLDEN.tensors["init.latent"],
        GOLDEN.tensors["init.encode_noise"],
    )
    timeline = make_timeline(model.noise_schedule, "uniform", case["t_enc"], case["strength"])
    assert timeline.count == case["t_enc"]
    GOLDEN.assert_close("img2img.latent", _result(run, "ddim_ldm", timeline))
