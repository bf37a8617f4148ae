from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import ldm_nodes
from ldm_nodes.models.describe import describe
from ldm_nodes.models.errors import UnreadableFile
from tests import golden

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"


def test_a_complete_model_is_described_by_its_parts() -> None:
    found = describe(ASSETS / "tiny-sd-v1.safetensors")
    assert (found.family, found.format, found.averaged) == ("sd1", "safetensors", True)
    assert found.settings["prediction"] == "eps"
    assert found.settings["context_dim"] == 8
    assert found.companions == ["tiny-sd-v1.yaml", "tiny-sd-v1.text_config.json"]
    unet, averages = found.parts["diffusion network"], found.parts["averaged weights (EMA)"]
    assert (unet.tensors, unet.parameters) == (averages.tensors, averages.parameters)
    assert unet.dtypes == {"float16": unet.tensors}
    assert json.loads(json.dumps(found.as_dict()))["family"] == "sd1"
    assert "global_step" not in found.as_dict()


def test_the_step_of_a_ckpt_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tiny-sd-v1.ckpt"
    path.write_bytes((golden.ROOT / "11_checkpoint" / "tiny-sd-v1.ckpt").read_bytes())
    assert describe(path).global_step == 470000


def test_an_autoencoder_alone_is_described(tmp_path: Path) -> None:
    prefix = "first_stage_model."
    for name, expected in (("sd", "KL, 8x smaller, 4 latent"), ("class", "VQ, 64 codes, 4x smaller, 3 latent")):
        tensors = load_file(ASSETS / f"tiny-{name}-v1.safetensors")
        alone = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        save_file(alone, tmp_path / "vae.safetensors")
        found = describe(tmp_path / "vae.safetensors")
        assert expected in found.family
        assert found.parts["all"].tensors == len(alone)


def test_other_files_are_named_and_long_notes_are_cut(tmp_path: Path) -> None:
    notes = {"ss_tag_frequency": "x" * 5000, "title": "Ink"}
    save_file({"lora_unet.lora_down.weight": torch.ones(4, 8)}, tmp_path / "ink.safetensors", metadata=notes)
    found = describe(tmp_path / "ink.safetensors")
    assert found.family == "a LoRA"
    assert found.metadata["title"] == "Ink"
    assert found.metadata["ss_tag_frequency"].endswith("… (5000 characters)")


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_bytes(b"<html>")
    with pytest.raises(UnreadableFile, match="HTML page"):
        describe(tmp_path / "a.ckpt")
