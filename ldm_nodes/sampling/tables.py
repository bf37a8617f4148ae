"""The names of samplers and schedulers, in the order in which menus list them.

Importing this file loads no torch: a name is looked up when it is first used. Samplers and schedulers that ComfyUI
knows compute what ComfyUI computes; ours follow after them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .steps import Step

# Name -> file and function of this package.
SIGMA_SAMPLERS = {
    "euler": "euler.euler",
    "euler_cfg_pp": "euler.euler_cfg_pp",
    "euler_ancestral": "euler.euler_ancestral",
    "euler_ancestral_cfg_pp": "euler.euler_ancestral_cfg_pp",
    "heun": "heun.heun",
    "heunpp2": "heun.heunpp2",
    "dpm_2": "heun.dpm_2",
    "dpm_2_ancestral": "heun.dpm_2_ancestral",
    "lms": "lms.lms",
    "dpm_fast": "dpm.dpm_fast",
    "dpm_adaptive": "dpm.dpm_adaptive",
    "dpmpp_2s_ancestral": "singlestep.dpmpp_2s_ancestral",
    "dpmpp_2s_ancestral_cfg_pp": "singlestep.dpmpp_2s_ancestral_cfg_pp",
    "dpmpp_sde": "singlestep.dpmpp_sde",
    "dpmpp_sde_gpu": "singlestep.dpmpp_sde",
    "dpmpp_2m": "multistep.dpmpp_2m",
    "dpmpp_2m_cfg_pp": "multistep.dpmpp_2m_cfg_pp",
    "dpmpp_2m_sde": "multistep.dpmpp_2m_sde",
    "dpmpp_2m_sde_gpu": "multistep.dpmpp_2m_sde",
    "dpmpp_2m_sde_heun": "multistep.dpmpp_2m_sde_heun",
    "dpmpp_2m_sde_heun_gpu": "multistep.dpmpp_2m_sde_heun",
    "dpmpp_3m_sde": "multistep.dpmpp_3m_sde",
    "dpmpp_3m_sde_gpu": "multistep.dpmpp_3m_sde",
    "ddpm": "posterior.ddpm",
    "lcm": "posterior.lcm",
    "ipndm": "ipndm.ipndm",
    "ipndm_v": "ipndm.ipndm_v",
    "deis": "ipndm.deis",
    "res_multistep": "res_multistep.res_multistep",
    "res_multistep_cfg_pp": "res_multistep.res_multistep_cfg_pp",
    "res_multistep_ancestral": "res_multistep.res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp": "res_multistep.res_multistep_ancestral_cfg_pp",
    "gradient_estimation": "gradient_estimation.gradient_estimation",
    "gradient_estimation_cfg_pp": "gradient_estimation.gradient_estimation_cfg_pp",
    "er_sde": "er_sde.er_sde",
    "seeds_2": "seeds.seeds_2",
    "seeds_3": "seeds.seeds_3",
    "sa_solver": "sa_solver.sa_solver",
    "sa_solver_pece": "sa_solver.sa_solver_pece",
    "ddim": "euler.euler",
    "uni_pc": "uni_pc.uni_pc",
    "uni_pc_bh2": "uni_pc.uni_pc_bh2",
}

# The research code's own, run by `research.py`.
RESEARCH_SAMPLERS = ("plms", "ddim_ldm", "ddpm_ldm", "dpm_solver", "s_pndm", "f_pndm", "fon")

SAMPLERS = (*SIGMA_SAMPLERS, *RESEARCH_SAMPLERS)

SCHEDULERS = (
    "simple",
    "sgm_uniform",
    "karras",
    "exponential",
    "ddim_uniform",
    "beta",
    "normal",
    "linear_quadratic",
    "kl_optimal",
    # The research code's lists of timesteps: `uniform` with exact step counts, `uniform_compvis` with the original's.
    "uniform",
    "quad",
    "uniform_compvis",
)

# These evaluate the network between two sigmas; a schedule one step longer keeps that above the smallest sigma.
DROP_PENULTIMATE = frozenset({"dpm_2", "dpm_2_ancestral", "uni_pc", "uni_pc_bh2"})

# These take the negative prompt's clean latent beside the guided one.
PAIR_SAMPLERS = frozenset(name for name in SIGMA_SAMPLERS if name.endswith("_cfg_pp"))

# Under a mask, these put other noise on the known part than that of the start.
FRESH_MASK_NOISE = frozenset({"ddim"})


def sigma_sampler(name: str) -> Callable[..., Iterator[Step]]:
    """Return the function of a sigma-space sampler by its name; raises KeyError for other names."""
    module, function = SIGMA_SAMPLERS[name].split(".")
    found: Callable[..., Iterator[Step]] = getattr(import_module(f".{module}", __package__), function)
    return found
