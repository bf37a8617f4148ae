"""The loop's steps: what accumulates, what is clipped, what is averaged, and that models learn at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from ldm_nodes.training.metrics import read_series
from ldm_nodes.training.run import start
from tests.training.recipes import job, small
from tests.training.test_run import losses, tensors
from tests.training.tiny import folder_of, save

QUIET = ("training.sample_every=0", "training.save_every=100")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data") / "pictures", 8, side=16)


def curve(root: Path, name: str) -> list[float]:
    return [value for _, value in read_series(root / "metrics.csv")[name]]


def test_accumulated_batches_are_one_large_batch(pictures: Path, tmp_path: Path) -> None:
    """A codebook draws nothing and its loss is a mean, so the halves of a batch are the batch."""
    alone = (*QUIET, "model.params.lossconfig.params.disc_start=100")
    start(job(small("autoencoder_vq_f8", pictures, *alone, "data.params.batch_size=4"), tmp_path / "large"))
    halves = ("data.params.batch_size=2", "training.accumulate=2")
    start(job(small("autoencoder_vq_f8", pictures, *alone, *halves), tmp_path / "halves"))
    for name in ("nll_loss", "quant_loss", "learning_rate", "samples"):
        assert curve(tmp_path / "halves", name) == pytest.approx(curve(tmp_path / "large", name), rel=1e-4)


def test_averages_move_with_every_batch(pictures: Path, tmp_path: Path) -> None:
    start(job(small("cin-ldm-vq-f8", pictures, *QUIET, "training.accumulate=3"), tmp_path))
    stored = load_file(tmp_path / "checkpoints" / "step-00000004" / "model.safetensors")
    assert int(stored["model_ema.num_updates"]) == 12


def test_the_rate_follows_scaling_rule_and_schedule(pictures: Path, tmp_path: Path) -> None:
    config = small("cin-ldm-vq-f8", pictures, *QUIET, "training.accumulate=3", "model.base_learning_rate=1e-4")
    start(job(replace(config, schedule=lambda step: step / 2), tmp_path))
    assert curve(tmp_path, "learning_rate") == pytest.approx([0, 3e-4, 6e-4, 9e-4])  # 3 x 2 x 1e-4 x step / 2


def test_the_autoencoder_has_a_factor_of_its_own(pictures: Path, tmp_path: Path) -> None:
    """Adam's first step has the length of the rate, whatever the gradient."""
    settings = (*QUIET, "training.steps=1", "model.base_learning_rate=1e-4", "model.params.lr_g_factor=0.5")
    config = small("autoencoder_vq_f8", pictures, *settings, "training.scale_lr=false")
    start(job(config, tmp_path / "one"))
    start(job(replace(config, schedule=lambda step: 0.0), tmp_path / "none"))
    one, none = (tensors(tmp_path / name, 1)["decoder.conv_out.bias"] for name in ("one", "none"))
    assert (one - none).abs().tolist() == pytest.approx([5e-5] * 3, rel=1e-2)


def test_gradients_are_clipped(pictures: Path, tmp_path: Path) -> None:
    """After one step, Adam's first moment is a tenth of the gradient."""
    for clip in (0.0, 1e-3):
        settings = (*QUIET, "training.steps=1", f"training.clip={clip}")
        start(job(small("cin-ldm-vq-f8", pictures, *settings), tmp_path / str(clip)))
    free, clipped = (
        [value for name, value in tensors(tmp_path / str(clip), 1).items() if name.endswith(".exp_avg")]
        for clip in (0.0, 1e-3)
    )
    length = torch.stack([(10 * value).norm() for value in clipped]).norm()
    assert float(length) == pytest.approx(1e-3, rel=1e-3)
    assert float(torch.stack([(10 * value).norm() for value in free]).norm()) > 1e-2


@pytest.mark.parametrize("name", ["cin-ldm-vq-f8", "autoencoder_kl_64x64x3"])
def test_activations_computed_again_change_nothing(name: str, pictures: Path, tmp_path: Path) -> None:
    for again in ("false", "true"):
        settings = (*QUIET, f"training.activation_checkpointing={again}")
        start(job(small(name, pictures, *settings), tmp_path / again))
    assert losses(tmp_path / "true") == losses(tmp_path / "false")


@pytest.mark.parametrize(("name", "quantity"), [("cin-ldm-vq-f8", "loss"), ("autoencoder_kl_64x64x3", "rec_loss")])
def test_bfloat16_is_close_and_weights_stay_float32(name: str, quantity: str, pictures: Path, tmp_path: Path) -> None:
    for precision in ("fp32", "bf16"):
        start(job(small(name, pictures, *QUIET, f"training.precision={precision}"), tmp_path / precision))
    exact, rough = (curve(tmp_path / precision, quantity) for precision in ("fp32", "bf16"))
    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.02)
    assert torch.bfloat16 not in {value.dtype for value in tensors(tmp_path / "bf16", 4).values()}


def test_the_order_in_memory_changes_little(pictures: Path, tmp_path: Path) -> None:
    for last in ("false", "true"):
        start(job(small("cin-ldm-vq-f8", pictures, *QUIET, f"training.channels_last={last}"), tmp_path / last))
    assert curve(tmp_path / "true", "loss") == pytest.approx(curve(tmp_path / "false", "loss"), rel=1e-4)


def smooth(root: Path) -> Path:
    """Return a folder of two pictures that a small network can know by heart."""
    ramp = np.linspace(0, 255, 16).astype(np.uint8)
    across = np.broadcast_to(ramp[:, None], (16, 16, 3))
    save(root / "a" / "across.png", np.ascontiguousarray(across))
    save(root / "b" / "down.png", np.ascontiguousarray(across.swapaxes(0, 1)))
    return root


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "quantity", "rate", "steps", "least"),
    [
        ("autoencoder_kl_64x64x3", "rec_loss", 2e-3, 150, 0.1),
        ("autoencoder_vq_f8", "rec_loss", 2e-3, 150, 0.1),
        ("cin-ldm-vq-f8", "loss_simple", 2e-3, 200, 0.3),
    ],
)
def test_one_batch_is_learned_by_heart(
    name: str, quantity: str, rate: float, steps: int, least: float, tmp_path: Path
) -> None:
    settings = (
        *QUIET, f"training.steps={steps}", f"model.base_learning_rate={rate}", "training.scale_lr=false",
        "training.save_every=1000",
        *(("model.params.lossconfig.params.disc_start=10000",) if name.startswith("autoencoder") else ()),
    )  # fmt: skip
    start(job(small(name, smooth(tmp_path / "pictures"), *settings), tmp_path / "run"))
    learned = curve(tmp_path / "run", quantity)
    assert np.mean(learned[:5]) > 2 * least
    assert np.mean(learned[-20:]) < least
