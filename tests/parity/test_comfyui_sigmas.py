"""Sigma schedules against those that ComfyUI builds for SD v1; its conversions are in `test_schedule.py`."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.sampling.noise_schedule import NoiseSchedule
from ldm_nodes.sampling.schedules import sampling_sigmas
from ldm_nodes.sampling.tables import DROP_PENULTIMATE
from tests.golden import load

GOLDEN = load("13_comfyui", "sigmas")
SCHEDULE = NoiseSchedule.stable_diffusion()
RUNS: list[dict[str, Any]] = GOLDEN.manifest["runs"]


def _undefined_there(run: dict[str, Any]) -> bool:
    return bool(run["scheduler"] == "kl_optimal" and run["steps"] == 1)


@pytest.mark.parametrize("run", [r for r in RUNS if r["length"] and not _undefined_there(r)], ids=lambda r: r["prefix"])
def test_sigmas_equal_comfyuis(run: dict[str, Any]) -> None:
    drop = run["sampler"] in DROP_PENULTIMATE
    GOLDEN.assert_close(run["prefix"], sampling_sigmas(SCHEDULE, run["scheduler"], run["steps"], run["denoise"], drop))


@pytest.mark.parametrize("run", [r for r in RUNS if not r["length"]], ids=lambda r: f"denoise={r['denoise']}")
def test_no_denoise_gives_no_sigmas(run: dict[str, Any]) -> None:
    assert len(sampling_sigmas(SCHEDULE, run["scheduler"], run["steps"], run["denoise"])) == 0


@pytest.mark.parametrize("run", [r for r in RUNS if _undefined_there(r)], ids=lambda r: r["prefix"])
def test_one_kl_optimal_step_starts_at_the_largest_sigma_where_comfyui_has_none(run: dict[str, Any]) -> None:
    assert GOLDEN.tensors[run["prefix"]].isnan().any()
    sigmas = sampling_sigmas(SCHEDULE, "kl_optimal", 1, run["denoise"])
    torch.testing.assert_close(sigmas, torch.tensor([SCHEDULE.sigma_max, 0.0]))
