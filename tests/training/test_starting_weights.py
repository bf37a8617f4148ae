"""Training that starts from a file: an autoencoder's own, or the part of a complete model that is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from ldm_nodes.models.errors import WrongWeights
from ldm_nodes.training.run import start
from tests.training.recipes import Onlooker, job, small
from tests.training.tiny import folder_of

DECODER = "decoder.conv_in.weight"
STEPS = ("training.steps=1", "training.sample_every=0")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data") / "pictures", 4, side=16)


@pytest.fixture(scope="module")
def complete(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a complete model with a codebook for a step."""
    root: Path = tmp_path_factory.mktemp("complete")
    start(job(small("cin-ldm-vq-f8", pictures, *STEPS), root))
    return root / "checkpoints" / "step-00000001" / "model.safetensors"


def weights(root: Path) -> dict[str, torch.Tensor]:
    return load_file(root / "checkpoints" / "step-00000001" / "model.safetensors")


def test_an_autoencoder_starts_from_the_first_stage_of_a_complete_model(
    complete: Path, pictures: Path, tmp_path: Path
) -> None:
    watcher = Onlooker()
    given = (f"model.params.ckpt_path={complete}", "model.base_learning_rate=1e-30")
    start(job(small("autoencoder_vq_f8", pictures, *STEPS, *given), tmp_path, watcher))
    assert torch.equal(weights(tmp_path)[DECODER], load_file(complete)[f"first_stage_model.{DECODER}"])
    (told,) = (notice for notice in watcher.notices if "Starts from" in notice)
    own = [name for name in weights(tmp_path) if not name.startswith("loss.")]
    assert f"{len(own)} of the model's {len(own)} tensors" in told


def test_a_first_stage_is_taken_out_of_a_complete_model(complete: Path, pictures: Path, tmp_path: Path) -> None:
    given = f"model.params.first_stage_config.params.ckpt_path={complete}"
    start(job(small("cin-ldm-vq-f8", pictures, *STEPS, given, "training.seed=99"), tmp_path))
    name = f"first_stage_model.{DECODER}"
    assert torch.equal(weights(tmp_path)[name], load_file(complete)[name])


def test_a_file_of_something_else_is_refused(pictures: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"encoder.something.weight": torch.zeros(2)}, other)
    config = small("autoencoder_vq_f8", pictures, *STEPS, f"model.params.ckpt_path={other}")
    with pytest.raises(WrongWeights, match=r"other\.safetensors does not fit the model: no name fits"):
        start(job(config, tmp_path / "run"))
