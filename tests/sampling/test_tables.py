"""The names that menus offer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ldm_nodes.sampling.research import RESEARCH
from ldm_nodes.sampling.schedules import SCHEDULES
from ldm_nodes.sampling.tables import RESEARCH_SAMPLERS, SAMPLERS, SCHEDULERS, SIGMA_SAMPLERS, sigma_sampler

COMFYUI_SAMPLERS = """
    euler euler_cfg_pp euler_ancestral euler_ancestral_cfg_pp heun heunpp2 dpm_2 dpm_2_ancestral lms dpm_fast
    dpm_adaptive dpmpp_2s_ancestral dpmpp_2s_ancestral_cfg_pp dpmpp_sde dpmpp_sde_gpu dpmpp_2m dpmpp_2m_cfg_pp
    dpmpp_2m_sde dpmpp_2m_sde_gpu dpmpp_2m_sde_heun dpmpp_2m_sde_heun_gpu dpmpp_3m_sde dpmpp_3m_sde_gpu ddpm lcm
    ipndm ipndm_v deis res_multistep res_multistep_cfg_pp res_multistep_ancestral res_multistep_ancestral_cfg_pp
    gradient_estimation gradient_estimation_cfg_pp er_sde seeds_2 seeds_3 sa_solver sa_solver_pece ddim uni_pc
    uni_pc_bh2
"""
COMFYUI_SCHEDULERS = """
    simple sgm_uniform karras exponential ddim_uniform beta normal linear_quadratic kl_optimal
"""


def test_comfyuis_names_come_first_and_in_its_order() -> None:
    samplers, schedulers = COMFYUI_SAMPLERS.split(), COMFYUI_SCHEDULERS.split()
    assert list(SAMPLERS[: len(samplers)]) == samplers
    assert list(SCHEDULERS[: len(schedulers)]) == schedulers


def test_every_scheduler_has_a_function() -> None:
    assert tuple(SCHEDULES) == SCHEDULERS


def test_every_research_sampler_has_a_function() -> None:
    assert tuple(RESEARCH) == RESEARCH_SAMPLERS


@pytest.mark.parametrize("name", SIGMA_SAMPLERS)
def test_every_sigma_sampler_is_found_and_says_what_it_is(name: str) -> None:
    assert sigma_sampler(name).__doc__


def test_the_names_load_without_torch() -> None:
    code = "import ldm_nodes.sampling.tables, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
