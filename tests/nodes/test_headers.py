"""Full-size checkpoints are told apart by their headers; the weights, gigabytes that are not there, are never read."""

from __future__ import annotations

import json
from dataclasses import replace
from math import prod
from pathlib import Path

import pytest

from ldm_nodes.engine.errors import InputError
from ldm_nodes.models import config as presets
from ldm_nodes.models.model_config import ModelConfig
from ldm_nodes.nodes.headers import checkpoint_kinds, file_vae_kind
from ldm_nodes.nodes.kinds import Absent, CondKind
from ldm_nodes.nodes.pairing import check_sampling
from tests.models.fakes import hollow, shapes_of

SD1 = ModelConfig("sd1", presets.SD1_UNET, presets.KL_F8, (presets.CLIP_L,), "crossattn", scale_factor=0.18215)
SDXL = ModelConfig(
    "sdxl", presets.SDXL_UNET, presets.KL_F8, (presets.CLIP_L, presets.OPENCLIP_BIGG), "crossattn-adm",
    scale_factor=0.13025,
)  # fmt: skip


def _header_only(path: Path, config: ModelConfig) -> Path:
    """Write the header of a checkpoint in half precision, and a hole in place of its weights."""
    entries, end = {}, 0
    for name, shape in shapes_of(hollow(config)).items():
        start, end = end, end + 2 * prod(shape)
        entries[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, end]}
    header = json.dumps(entries).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + end)
    return path


def test_full_size_models_are_refused_with_the_widths_that_everybody_knows(tmp_path: Path) -> None:
    model, _, vae = checkpoint_kinds(_header_only(tmp_path / "v1-5.safetensors", SD1), "v1-5.safetensors")
    _, clip, _ = checkpoint_kinds(_header_only(tmp_path / "sd_xl.safetensors", SDXL), "sd_xl.safetensors")
    assert not isinstance(vae, Absent)
    assert (vae.latents.channels, vae.latents.downscale, vae.latents.scale_factor) == (4, 8, 0.18215)
    assert not isinstance(clip, Absent)
    with pytest.raises(InputError) as caught:
        check_sampling(model, CondKind.by(clip), None, None, print)
    assert str(caught.value) == (
        "Received a text conditioning whose context is 2048 wide, made by sdxl (sd_xl.safetensors). "
        "Expected a context 768 wide, as sd1 (v1-5.safetensors) reads. "
        "Encode the prompt with the CLIP of v1-5.safetensors, or sample with the model of sd_xl.safetensors."
    )


def test_a_checkpoint_without_parts_says_so(tmp_path: Path) -> None:
    path = _header_only(tmp_path / "unet.safetensors", replace(SD1, first_stage=None, conditioner=None))
    model, clip, vae = checkpoint_kinds(path, path.name)
    assert (clip, vae) == (Absent(), Absent())
    assert (model.context, model.latents.channels, model.latents.downscale) == (768, 4, None)


def test_the_yaml_beside_a_checkpoint_counts_beforehand_too(tmp_path: Path) -> None:
    bundled = Path(presets.__file__).parents[1] / "assets" / "checkpoints"
    for name in ("emoji-v1.safetensors", "emoji-v1.yaml"):
        (tmp_path / name).symlink_to(bundled / name)
    model, *_ = checkpoint_kinds(tmp_path / "emoji-v1.safetensors", "emoji-v1.safetensors")
    assert (model.prediction, model.context) == ("v", 128)


def test_a_damaged_file_is_told_beforehand(tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes((100).to_bytes(8, "little") + b"{")
    with pytest.raises(InputError, match="is not a sound safetensors file") as caught:
        file_vae_kind(path, path.name)
    assert caught.value.input_name == "vae_name"
