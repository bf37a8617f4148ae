"""Two processes, joined by torchrun and gloo on the CPU, train as one does on the same batch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ldm_nodes.training.metrics import read_series
from ldm_nodes.training.processes import joined
from ldm_nodes.training.run import start
from ldm_nodes.training.shard import WHOLE
from tests.training.recipes import CONFIGS, job, overrides_of, small
from tests.training.tiny import folder_of

# The adaptive weight of the discriminator is each process's own, as in the original, so the discriminator rests here.
ALONE = {"autoencoder_kl_64x64x3": ("model.params.lossconfig.params.disc_start=100",)}


def test_a_process_alone_asks_nobody() -> None:
    with joined("cpu") as processes:
        assert processes.shard == WHOLE
        assert processes.writes
        assert processes.mean({"loss": 2.0}) == {"loss": 2.0}
        assert processes.any(True)
        assert not processes.any(False)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cin-ldm-vq-f8", "celebahq-ldm-vq-4", "autoencoder_kl_64x64x3"])
def test_two_processes_are_one(name: str, tmp_path: Path) -> None:
    pictures = folder_of(tmp_path / "pictures", 6, side=16)
    more = (
        "training.accumulate=2", "training.sample_every=0",
        *ALONE.get(name, ()), *(("model.params.scale_by_std=true",) if name == "celebahq-ldm-vq-4" else ()),
    )  # fmt: skip
    start(job(small(name, pictures, *more, "data.params.batch_size=4"), tmp_path / "one"))
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "ldm_nodes",
        "train", str(CONFIGS / f"{name}.yaml"), *overrides_of(name, pictures, *more), "--output", str(tmp_path / "two"),
        "--device", "cpu",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    one, two = (read_series(tmp_path / folder / "metrics.csv") for folder in ("one", "two"))
    for quantity in ("samples", "learning_rate", "loss" if "ldm" in name else "nll_loss"):
        assert [step for step, _ in one[quantity]] == [1, 2, 3, 4]
        assert [value for _, value in two[quantity]] == pytest.approx([v for _, v in one[quantity]], rel=1e-5)
    first, second = (
        load_file(tmp_path / f / "checkpoints/step-00000004/optimizer.safetensors") for f in ("one", "two")
    )
    assert first.keys() == second.keys()
    # Gradients, not weights: Adam's first steps turn the rounding of a gradient near zero into a step of full length.
    moments = [name for name in first if name.endswith("exp_avg")]
    largest = max(float(first[name].abs().max()) for name in moments)
    for name in moments:
        torch.testing.assert_close(second[name], first[name], rtol=1e-3, atol=1e-5 * largest)
