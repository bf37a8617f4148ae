"""Runs from start to end: every kind of configuration trains, stores, and samples through the ordinary loader."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from PIL import Image
from safetensors.torch import load_file

from ldm_nodes.models.class_encoder import ClassEncoder
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.loader import load_checkpoint, load_first_stage
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.sampling.sample import sample
from ldm_nodes.training import state
from ldm_nodes.training.config import TrainingConfig
from ldm_nodes.training.errors import CheckpointError, DataError, Diverged, TrainingError
from ldm_nodes.training.metrics import read_series
from ldm_nodes.training.run import start
from ldm_nodes.training.state import Checkpoints
from ldm_nodes.training.status import write_status
from tests.training.recipes import SMALL, Onlooker, job, small
from tests.training.tiny import folder_of

CPU = Compute(torch.device("cpu"), torch.float32)
TIMES = {"seconds", "images_per_second"}
DIFFUSION = ("celebahq-ldm-vq-4", "cin-ldm-vq-f8", "inpainting_hybrid")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data") / "pictures", 6, side=16)


def losses(root: Path) -> dict[str, list[tuple[int, float]]]:
    return {name: points for name, points in read_series(root / "metrics.csv").items() if name not in TIMES}


def status(root: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((root / "status.json").read_text())
    return read


def checkpoint(root: Path, step: int) -> Path:
    return root / "checkpoints" / f"step-{step:08d}"


def tensors(root: Path, step: int) -> dict[str, torch.Tensor]:
    folder = checkpoint(root, step)
    return {**load_file(folder / "model.safetensors"), **load_file(folder / "optimizer.safetensors")}


def assert_same_run(one: Path, other: Path, step: int) -> None:
    """Compare loss curves and everything that a checkpoint holds, bit for bit."""
    assert losses(one) == losses(other)
    first, second = tensors(one, step), tensors(other, step)
    assert first.keys() == second.keys()
    assert not [name for name in first if not torch.equal(first[name], second[name])]


@pytest.mark.parametrize("name", SMALL)
def test_every_configuration_trains_and_leaves_what_it_should(name: str, pictures: Path, tmp_path: Path) -> None:
    watcher = Onlooker()
    assert start(job(small(name, pictures), tmp_path, watcher)) == "finished"
    assert status(tmp_path)["status"] == "finished"
    assert [step.number for step in watcher.steps] == [1, 2, 3, 4]
    monitored = "rec_loss" if name.startswith("autoencoder") else "loss_simple"
    assert [step for step, _ in losses(tmp_path)[monitored]] == [1, 2, 3, 4]
    assert [path.name for path in Checkpoints(tmp_path / "checkpoints").all()] == ["step-00000002", "step-00000004"]
    assert [path.name for path in watcher.sheets] == ["step-00000002.png", "step-00000004.png"]
    for picture in (*watcher.sheets, tmp_path / "loss.png"):
        with Image.open(picture) as opened:
            opened.verify()
    assert any("data.params.train.target" in notice for notice in watcher.notices)


@pytest.mark.parametrize("name", DIFFUSION)
def test_the_ordinary_loader_samples_from_a_checkpoint(name: str, pictures: Path, tmp_path: Path) -> None:
    start(job(small(name, pictures), tmp_path))
    told: list[str] = []
    loaded = load_checkpoint(checkpoint(tmp_path, 4) / "model.safetensors", CPU, notice=told.append)
    assert not told
    assert loaded.global_step == 4
    options: dict[str, Any] = {}
    match loaded.conditioner:
        case ClassEncoder() as encoder:
            context = encoder.encode_class(1)
        case TextEncoder() as text:
            context = text.encode("picture 1")[0]
            options = {"concat_mask": torch.ones(1, 8, 8), "concat_latent_image": torch.zeros(1, 4, 8, 8)}
        case _:
            context = torch.zeros(1, 0, 0)
    made = sample(
        loaded.model, positive=[[context, options]], negative=[[context, options]],
        latent=torch.zeros(1, loaded.model.latent_channels, 8, 8), seed=0, steps=2, cfg=1.0,
        sampler_name="euler", scheduler="normal",
    )  # fmt: skip
    assert loaded.first_stage is not None
    assert loaded.first_stage.decode(made).shape == (1, 16, 16, 3)


@pytest.mark.parametrize("name", ["autoencoder_kl_64x64x3", "autoencoder_vq_f8"])
def test_the_ordinary_loader_reads_an_autoencoder(name: str, pictures: Path, tmp_path: Path) -> None:
    start(job(small(name, pictures), tmp_path))
    told: list[str] = []
    loaded = load_first_stage(checkpoint(tmp_path, 4) / "model.safetensors", CPU, notice=told.append)
    assert not told
    assert loaded.decode(loaded.encode(torch.rand(1, 16, 16, 3))).shape == (1, 16, 16, 3)


def test_sampling_weights_are_the_averages_and_last_ones_lie_beside(pictures: Path, tmp_path: Path) -> None:
    start(job(small("cin-ldm-vq-f8", pictures, "model.base_learning_rate=0.01"), tmp_path))
    path = checkpoint(tmp_path, 4) / "model.safetensors"
    averaged, last = (load_checkpoint(path, CPU, ema=ema, packed=False).module.state_dict() for ema in (None, False))
    name = "model.diffusion_model.time_embed.0.weight"
    stored = load_file(path)
    assert torch.equal(last[name], stored[name])
    assert torch.equal(averaged[name], stored["model_ema.diffusion_modeltime_embed0weight"])
    assert not torch.equal(last[name], averaged[name])


def test_a_first_stage_comes_from_a_run_of_its_own(pictures: Path, tmp_path: Path) -> None:
    start(job(small("autoencoder_vq_f8", pictures, "training.use_ema=true"), tmp_path / "first"))
    first = checkpoint(tmp_path / "first", 4) / "model.safetensors"
    given = f"model.params.first_stage_config.params.ckpt_path={first}"
    watcher = Onlooker()
    start(job(small("cin-ldm-vq-f8", pictures, given), tmp_path / "second", watcher))
    stored = load_file(first)
    taken = load_file(checkpoint(tmp_path / "second", 4) / "model.safetensors")
    name = "first_stage_model.decoder.conv_in.weight"
    assert torch.equal(taken[name], stored["model_ema.decoderconv_inweight"])
    assert any("averaged weights" in notice for notice in watcher.notices)
    assert str(first) not in (checkpoint(tmp_path / "second", 4) / "model.yaml").read_text()


@pytest.mark.parametrize("name", SMALL)
def test_a_run_that_stopped_goes_on_as_if_it_had_not(name: str, pictures: Path, tmp_path: Path) -> None:
    config = small(name, pictures, "training.accumulate=2", "training.clip=1.0", "training.steps=5")
    start(job(config, tmp_path / "whole"))
    assert start(job(config, tmp_path / "parts", Onlooker(stop_after=3))) == "cancelled"
    assert status(tmp_path / "parts")["status"] == "cancelled"
    assert status(tmp_path / "parts")["step"] == 3
    assert start(job(config, tmp_path / "parts"), resume=True) == "finished"
    assert_same_run(tmp_path / "whole", tmp_path / "parts", 5)


def test_cached_latents_change_no_run_that_goes_on(pictures: Path, tmp_path: Path) -> None:
    config = small("cin-ldm-vq-f8", pictures, f"data.params.cache={tmp_path / 'latents'}")
    start(job(config, tmp_path / "whole"))
    start(job(config, tmp_path / "parts", Onlooker(stop_after=1)))
    start(job(config, tmp_path / "parts"), resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "parts", 4)


def test_a_measured_scale_is_stored_and_read(pictures: Path, tmp_path: Path) -> None:
    watcher = Onlooker()
    start(job(small("celebahq-ldm-vq-4", pictures, "model.params.scale_by_std=true"), tmp_path, watcher))
    loaded = load_checkpoint(checkpoint(tmp_path, 4) / "model.safetensors", CPU)
    (told,) = (notice for notice in watcher.notices if notice.startswith("The scale factor is"))
    assert float(told.split()[4].rstrip(",")) == pytest.approx(loaded.config.scale_factor, rel=1e-5)
    assert loaded.config.scale_factor != 1


def test_validation_decides_which_checkpoint_is_best(pictures: Path, tmp_path: Path) -> None:
    settings = (f"data.params.validation.folder={pictures}", "data.params.validation.size=16", "training.keep=1")
    start(job(small("autoencoder_kl_64x64x3", pictures, *settings, "training.steps=6"), tmp_path))
    measured = read_series(tmp_path / "validation.csv")["val_rec_loss"]
    assert [step for step, _ in measured] == [2, 4, 6]
    best = min(measured, key=lambda point: (point[1], -point[0]))[0]
    assert Checkpoints(tmp_path / "checkpoints").best() == checkpoint(tmp_path, best)
    kept = {path.name for path in (tmp_path / "checkpoints").iterdir()}
    assert kept == {checkpoint(tmp_path, best).name, "step-00000006"}


def test_a_time_limit_ends_in_a_checkpoint(pictures: Path, tmp_path: Path) -> None:
    assert start(job(small("autoencoder_kl_64x64x3", pictures, "training.minutes=0"), tmp_path)) == "cancelled"
    assert checkpoint(tmp_path, 1).is_dir()


# Bad input.


def test_a_run_is_not_overwritten(pictures: Path, tmp_path: Path) -> None:
    start(job(small("celebahq-ldm-vq-4", pictures), tmp_path))
    with pytest.raises(TrainingError, match="holds a run already"):
        start(job(small("celebahq-ldm-vq-4", pictures), tmp_path))
    assert status(tmp_path)["status"] == "finished"


def test_there_must_be_something_to_resume(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no run to resume"):
        start(job(small("celebahq-ldm-vq-4", pictures), tmp_path / "nothing"), resume=True)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("model.params.timesteps=10", "model.params.timesteps was 20 and is 10"),
        ("training.accumulate=3", "training.accumulate was None and is 3"),
        ("data.params.batch_size=3", "data.params.batch_size was 2 and is 3"),
        ("model.base_learning_rate=1", "model.base_learning_rate was 2e-06 and is 1"),
        ("lightning.trainer.gradient_clip_val=2", "lightning.trainer.gradient_clip_val was None and is 2"),
    ],
)
def test_a_changed_configuration_does_not_go_on(change: str, named: str, pictures: Path, tmp_path: Path) -> None:
    start(job(small("celebahq-ldm-vq-4", pictures), tmp_path, Onlooker(stop_after=1)))
    with pytest.raises(TrainingError, match=named):
        start(job(small("celebahq-ldm-vq-4", pictures, change), tmp_path), resume=True)


def test_a_run_may_be_made_longer(pictures: Path, tmp_path: Path) -> None:
    start(job(small("celebahq-ldm-vq-4", pictures), tmp_path))
    harmless = ("training.steps=6", "training.keep=9", "data.params.num_workers=2", "lightning.trainer.benchmark=false")
    assert start(job(small("celebahq-ldm-vq-4", pictures, *harmless), tmp_path), resume=True) == "finished"
    assert [step for step, _ in losses(tmp_path)["loss"]] == [1, 2, 3, 4, 5, 6]


def test_changed_data_do_not_go_on(tmp_path: Path) -> None:
    pictures = folder_of(tmp_path / "pictures", 4, side=16)
    config = small("celebahq-ldm-vq-4", pictures)
    start(job(config, tmp_path / "run", Onlooker(stop_after=1)))
    folder_of(pictures, 6, side=16)
    with pytest.raises(TrainingError, match="has 6 pictures and had 4"):
        start(job(config, tmp_path / "run"), resume=True)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    with pytest.raises(DataError, match="has no pictures"):
        start(job(small("celebahq-ldm-vq-4", tmp_path / "pictures"), tmp_path / "run"))
    assert status(tmp_path / "run")["status"] == "failed"


def test_corrupt_pictures_are_skipped_counted_and_named(tmp_path: Path) -> None:
    pictures = folder_of(tmp_path / "pictures", 4, side=16)
    (pictures / "cat" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    (pictures / "dog" / "empty.jpg").write_bytes(b"")
    watcher = Onlooker()
    assert start(job(small("celebahq-ldm-vq-4", pictures), tmp_path / "run", watcher)) == "finished"
    told = sorted(notice for notice in watcher.notices if notice.startswith("Skipped picture"))
    assert len(told) == 2
    assert "broken.png" in "".join(told)
    assert "empty.jpg" in "".join(told)
    assert {notice.split(":")[0] for notice in told} == {"Skipped picture 1", "Skipped picture 2"}


def _raising(config: TrainingConfig, at: float) -> TrainingConfig:
    """Return the configuration with a learning rate that becomes infinite at some step."""
    return replace(config, schedule=lambda step: float("inf") if step >= at else 1.0)


@pytest.mark.parametrize("name", ["autoencoder_kl_64x64x3", "cin-ldm-vq-f8"])
def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_good_checkpoint(
    name: str, pictures: Path, tmp_path: Path
) -> None:
    config = _raising(small(name, pictures, "training.steps=9"), at=2)
    with pytest.raises(Diverged, match=r"is nan at step [34], so training has stopped"):
        start(job(config, tmp_path))
    assert status(tmp_path)["status"] == "failed"
    assert [path.name for path in Checkpoints(tmp_path / "checkpoints").all()] == ["step-00000002"]
    assert all(bool(value.isfinite().all()) for value in tensors(tmp_path, 2).values())


def test_broken_weights_are_never_stored(pictures: Path, tmp_path: Path) -> None:
    config = _raising(small("cin-ldm-vq-f8", pictures, "training.steps=9"), at=3)
    with pytest.raises(CheckpointError, match="not finite numbers any more"):
        start(job(config, tmp_path))
    assert [path.name for path in Checkpoints(tmp_path / "checkpoints").all()] == ["step-00000002"]


def test_a_full_disk_stops_the_run_and_leaves_no_half_checkpoint(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def full(tensors: dict[str, torch.Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
        written.append(path)
        if len(written) > 2:  # the files of the first checkpoint fit
            path.write_bytes(b"half a file")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(tensors, path, metadata)

    save = safetensors.torch.save_file
    monkeypatch.setattr(state, "save_file", full)
    with pytest.raises(CheckpointError, match="step-00000004 cannot be written: No space left on device"):
        start(job(small("cin-ldm-vq-f8", pictures), tmp_path))
    assert status(tmp_path)["status"] == "failed"
    assert status(tmp_path)["step"] == 2
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-00000002"]
    monkeypatch.undo()
    assert start(job(small("cin-ldm-vq-f8", pictures), tmp_path), resume=True) == "finished"


def test_a_disk_that_takes_no_table_is_told(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").mkdir()
    with pytest.raises(TrainingError, match="could not be read or written"):
        start(job(small("cin-ldm-vq-f8", pictures), tmp_path))
    assert status(tmp_path)["status"] == "failed"


def test_two_runs_do_not_share_a_folder(pictures: Path, tmp_path: Path) -> None:
    class Intruder(Onlooker):
        def stopped(self) -> bool:
            with pytest.raises(TrainingError, match="Another process is training"):
                start(job(small("celebahq-ldm-vq-4", pictures), tmp_path), resume=True)
            return True

    assert start(job(small("celebahq-ldm-vq-4", pictures), tmp_path, Intruder())) == "cancelled"


def test_a_run_that_was_killed_before_its_first_checkpoint_starts_again(pictures: Path, tmp_path: Path) -> None:
    write_status(tmp_path, "running", 0)
    (tmp_path / "metrics.csv").write_text("step,loss\n1,5\n")
    assert start(job(small("celebahq-ldm-vq-4", pictures), tmp_path), resume=True) == "finished"
    assert [step for step, _ in losses(tmp_path)["loss"]] == [1, 2, 3, 4]


class Surprised(Onlooker):
    """A watcher that fails in the third step."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error

    def stopped(self) -> bool:
        if len(self.steps) == 3:
            raise self._error
        return False


@pytest.mark.parametrize(
    ("error", "raised", "status_says"),
    [
        (torch.OutOfMemoryError("out of memory"), TrainingError, ("failed", "lower data.params.batch_size")),
        (OSError(errno.ENOSPC, "No space left on device"), TrainingError, ("failed", "No space left on device")),
        (ZeroDivisionError("nobody foresaw this"), ZeroDivisionError, ("failed", "nobody foresaw this")),
        (KeyboardInterrupt(), KeyboardInterrupt, ("cancelled", "")),
    ],
)
def test_whatever_happens_the_status_tells(
    error: BaseException,
    raised: type[BaseException],
    status_says: tuple[str, str],
    pictures: Path,
    tmp_path: Path,
) -> None:
    config = small("celebahq-ldm-vq-4", pictures)
    with pytest.raises(raised):
        start(job(config, tmp_path, Surprised(error)))
    told = status(tmp_path)
    assert (told["status"], told["step"]) == (status_says[0], 2)
    assert status_says[1] in told["message"]
    assert start(job(config, tmp_path), resume=True) == "finished"


def test_random_features_may_stand_in_for_trained_ones(pictures: Path, tmp_path: Path) -> None:
    watcher = Onlooker()
    settings = ("training.random_features=true", "training.steps=1", "training.sample_every=0")
    start(job(small("autoencoder_kl_64x64x3", pictures, *settings), tmp_path, watcher))
    assert any("it is no trained LPIPS" in notice for notice in watcher.notices)
    assert not [name for name in tensors(tmp_path, 1) if "perceptual" in name]


def test_a_damaged_checkpoint_is_told(pictures: Path, tmp_path: Path) -> None:
    config = small("celebahq-ldm-vq-4", pictures)
    start(job(config, tmp_path, Onlooker(stop_after=2)))
    file = checkpoint(tmp_path, 2) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(CheckpointError, match="step-00000002 cannot be continued from"):
        start(job(config, tmp_path), resume=True)
