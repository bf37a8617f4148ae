"""The small published checkpoint, loaded as a user's file is, against what the original programs made with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import ldm_nodes
from ldm_nodes.models.checkpoint import open_checkpoint
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.loader import LoadedCheckpoint, load_checkpoint
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.sampling.guiders import CFGGuider, run_under
from ldm_nodes.sampling.research import research_steps
from ldm_nodes.sampling.run import Draws
from ldm_nodes.sampling.steps import final
from ldm_nodes.sampling.timeline import make_timeline
from tests import golden

GOLDEN = golden.load("11_checkpoint", "tiny_sd_v1")
FILE = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
FP32 = Compute(torch.device("cpu"), torch.float32)
SAMPLERS = {"plms": "plms", "ddim": "ddim_ldm", "dpm": "dpm_solver"}
RUNS = [run for run in GOLDEN.manifest["runs"] if run["sampler"] in SAMPLERS]


@pytest.fixture(scope="module")
def raw() -> LoadedCheckpoint:
    return load_checkpoint(FILE, FP32)


@pytest.fixture(scope="module")
def averaged() -> LoadedCheckpoint:
    return load_checkpoint(FILE, FP32, ema=True)


def encoded(loaded: LoadedCheckpoint, *texts: str) -> Tensor:
    assert isinstance(loaded.conditioner, TextEncoder)
    return loaded.conditioner.encode_plain(texts)


def assert_picture(name: str, got: Tensor) -> None:
    """Compare pictures (B, H, W, 3) from 0 to 1 as the original saves them: cut down to whole levels."""
    levels = (got * 255).to(torch.uint8).int()
    assert (levels - GOLDEN.tensors[name].int()).abs().max() <= GOLDEN.manifest["tensors"][name]["tolerance"][
        "max_level_difference"
    ]


def test_the_state_dict_has_the_names_of_the_file(raw: LoadedCheckpoint) -> None:
    names = set(raw.module.state_dict())
    stored = {key for key in open_checkpoint(FILE).tensors if not key.startswith("model_ema.")}
    assert stored - names == {"cond_stage_model.transformer.text_model.embeddings.position_ids"}
    assert names <= stored


def test_the_schedule_equals_the_stored_buffers(raw: LoadedCheckpoint) -> None:
    stored = open_checkpoint(FILE)
    for name, buffer in raw.model.noise_schedule.buffers().items():
        assert torch.equal(buffer, stored.tensor(name)), name


def test_both_formats_load_to_the_same_model(tmp_path: Path) -> None:
    for name in ("tiny-sd-v1.yaml", "tiny-sd-v1.text_config.json"):
        (tmp_path / name).write_bytes((FILE.parent / name).read_bytes())
    path = tmp_path / "tiny-sd-v1.ckpt"
    path.write_bytes((golden.ROOT / "11_checkpoint" / "tiny-sd-v1.ckpt").read_bytes())
    notices: list[str] = []
    plain, loaded = (
        load_checkpoint(FILE, FP32, packed=False),
        load_checkpoint(path, FP32, packed=False, notice=notices.append),
    )
    assert loaded.global_step == GOLDEN.manifest["checkpoint"]["global_step"]
    assert not notices
    for (name, one), two in zip(plain.module.state_dict().items(), loaded.module.state_dict().values(), strict=True):
        assert torch.equal(one, two), name


def test_conditioning(raw: LoadedCheckpoint) -> None:
    texts = [GOLDEN.manifest[name] for name in ("prompt", "negative_prompt", "extra_prompt")]
    for name, context in zip(("cond", "uncond", "cond_extra"), torch.split(encoded(raw, *texts), 1), strict=True):
        GOLDEN.assert_close(f"conditioning.{name}", context)


def test_decoding(raw: LoadedCheckpoint) -> None:
    for prefix in ("plms_12.raw", "ddim_12.raw", "img2img"):
        latent = GOLDEN.tensors[f"{prefix}.latent"]
        with torch.no_grad():
            GOLDEN.assert_close(f"{prefix}.decoded", raw.module.decode(latent))
        assert raw.first_stage is not None
        assert_picture(f"{prefix}.image", raw.first_stage.decode(latent / raw.model.scale_factor))


def test_encoding(raw: LoadedCheckpoint) -> None:
    picture = GOLDEN.tensors["init_image"].float() / 255
    first_stage = raw.module.first_stage_model
    assert first_stage is not None
    with torch.no_grad():
        posterior: Any = first_stage.encode(2 * picture - 1)
    GOLDEN.assert_close("init.moments", posterior.parameters)
    latent = posterior.sample(noise=GOLDEN.tensors["init.posterior_noise"]) * raw.model.scale_factor
    GOLDEN.assert_close("init.latent", latent)
    assert raw.first_stage is not None
    assert torch.equal(raw.first_stage.encode(picture.movedim(1, -1)), posterior.mode())


@pytest.mark.parametrize("case", RUNS, ids=lambda case: case["prefix"])
def test_text_to_picture(case: dict[str, Any], raw: LoadedCheckpoint, averaged: LoadedCheckpoint) -> None:
    """From the prompt to the picture, everything in between ours, with the last and with the averaged weights."""
    loaded = averaged if case["weights"] == "ema" else raw
    cond, uncond = torch.split(encoded(loaded, GOLDEN.manifest["prompt"], GOLDEN.manifest["negative_prompt"]), 1)
    noise = GOLDEN.tensors["x_T"]
    guider = CFGGuider(loaded.model)
    guider.set_conds([[cond, {}]], [[uncond, {}]])
    guider.set_cfg(case["unconditional_guidance_scale"])
    run = run_under(guider, torch.zeros_like(noise), noise, Draws(0))
    is_dpm = case["sampler"] == "dpm"
    scheduler = "uniform" if is_dpm else "uniform_compvis"
    timeline = make_timeline(loaded.model.noise_schedule, scheduler, case["S"], fractional=is_dpm)
    latent = final(research_steps(run, SAMPLERS[case["sampler"]], timeline, force_full_denoise=False))
    GOLDEN.assert_close(f"{case['prefix']}.latent", latent)
    assert loaded.first_stage is not None
    assert_picture(f"{case['prefix']}.image", loaded.first_stage.decode(latent / loaded.model.scale_factor))
