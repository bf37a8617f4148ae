"""Files to use and to share: what is in them, and that a full disk leaves none."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ldm_nodes.models.devices import Compute
from ldm_nodes.models.loader import load_checkpoint, load_first_stage
from ldm_nodes.training import export as exporting
from ldm_nodes.training.errors import CheckpointError
from ldm_nodes.training.export import export, is_complete
from ldm_nodes.training.run import start
from tests.training.recipes import job, small
from tests.training.tiny import folder_of

CPU = Compute(torch.device("cpu"), torch.float32)
QUICK = ("training.steps=2", "training.sample_every=0")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data") / "pictures", 4, side=16)


@pytest.fixture(scope="module")
def checkpoints(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Train a model and an autoencoder for two steps, and return their last checkpoints."""
    made = {}
    for name in ("cin-ldm-vq-f8", "autoencoder_kl_64x64x3"):
        root: Path = tmp_path_factory.mktemp(name)
        start(job(small(name, pictures, *QUICK, "model.base_learning_rate=0.01"), root))
        made[name] = root / "checkpoints" / "step-00000002"
    return made


def test_a_model_holds_its_averages_as_its_weights(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    checkpoint = checkpoints["cin-ldm-vq-f8"]
    path = export(checkpoint, tmp_path / "cats.safetensors", torch.float32)
    made, stored = load_file(path), load_file(checkpoint / "model.safetensors")
    name = "diffusion_model.time_embed.0.weight"
    assert torch.equal(made[f"model.{name}"], stored[f"model_ema.{name.replace('.', '')}"])
    assert not torch.equal(made[f"model.{name}"], stored[f"model.{name}"])
    assert not [key for key in made if key.startswith("model_ema.")]
    loaded, original = load_checkpoint(path, CPU), load_checkpoint(checkpoint / "model.safetensors", CPU)
    assert loaded.global_step == 2
    assert loaded.config.scale_factor == original.config.scale_factor


def test_half_precision_halves_the_file_and_keeps_the_schedule(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    whole = export(checkpoints["cin-ldm-vq-f8"], tmp_path / "whole.safetensors", torch.float32)
    half = export(checkpoints["cin-ldm-vq-f8"], tmp_path / "half.safetensors", torch.float16)
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    assert torch.equal(load_file(half)["betas"], load_file(whole)["betas"])
    for name, value in load_file(half).items():
        torch.testing.assert_close(value.float(), load_file(whole)[name].float(), rtol=1e-3, atol=1e-6)


def test_an_autoencoder_loses_its_discriminator(checkpoints: dict[str, Path], tmp_path: Path) -> None:
    checkpoint = checkpoints["autoencoder_kl_64x64x3"]
    assert not is_complete(checkpoint)
    assert is_complete(checkpoints["cin-ldm-vq-f8"])
    path = export(checkpoint, tmp_path / "cats.safetensors")
    assert not [key for key in load_file(path) if key.startswith("loss.")]
    assert load_first_stage(path, CPU).latent_channels == 3


def test_a_full_disk_leaves_no_half_file(
    checkpoints: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting, "save_file", full)
    with pytest.raises(CheckpointError, match=r"cannot be saved as cats\.safetensors: No space left on device"):
        export(checkpoints["cin-ldm-vq-f8"], tmp_path / "cats.safetensors")
    assert not list(tmp_path.glob("*.safetensors"))
