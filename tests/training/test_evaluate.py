"""Whole evaluations of small models on small pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import save_file

from ldm_nodes.models.autoencoder import AutoencoderKL, VQModelInterface
from ldm_nodes.models.devices import pick_compute
from ldm_nodes.models.errors import ModelError
from ldm_nodes.settings import Folders
from ldm_nodes.training.batches import to_values
from ldm_nodes.training.errors import DataError, TrainingError
from ldm_nodes.training.evaluate import Protocol, evaluate
from ldm_nodes.training.lpips import random_lpips
from ldm_nodes.training.pictures import View, read_view
from ldm_nodes.training.similarity import psnr

from .tiny import KL, VQ, folder_of, noise, save

if TYPE_CHECKING:
    from ldm_nodes.training.evaluate import Report

COMPUTE = pick_compute("cpu", "fp32")
SHIPPED = Folders.under(Path()).bundled / "checkpoints"
FEW = Protocol(size=32, samples=3, steps=2, batch=2)


def run(checkpoint: Path, data: Path, protocol: Protocol = FEW, told: list[Any] | None = None) -> Report:
    steps = [] if told is None else told
    return evaluate(checkpoint, data, COMPUTE, protocol, lambda *step: steps.append(step))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("data"), 5, side=40)


@pytest.fixture(scope="module")
def autoencoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("kl") / "kl.safetensors"
    save_file(AutoencoderKL(KL).state_dict(), path)
    return path


def test_a_text_model_is_measured_whole(data: Path) -> None:
    told: list[Any] = []
    report = run(SHIPPED / "tiny-sd-v1.safetensors", data, told=told)
    assert report.pictures == 5
    assert report.codebook is None
    assert report.samples is not None
    assert report.samples["count"] == 3
    assert report.samples["per_second"] == pytest.approx(3 / report.samples["seconds"])
    assert report.samples["frechet"] > 0
    assert "random VGG16" in report.samples["features"]
    assert any("tells little" in notice for notice in report.notices)
    done = [("reconstructing", 2, 5), ("reconstructing", 4, 5), ("reconstructing", 5, 5)]
    assert told == [*done, ("sampling", 2, 3), ("sampling", 3, 3)]


def test_the_same_seed_gives_the_same_distance(data: Path) -> None:
    one, other, different = (run(SHIPPED / "tiny-sd-v1.safetensors", data, replace(FEW, seed=s)) for s in (5, 5, 6))
    distances = [report.samples["frechet"] for report in (one, other, different) if report.samples]
    assert distances[0] == distances[1] != distances[2]


def test_a_class_model_samples_the_classes_and_tells_of_its_codebook(data: Path) -> None:
    report = run(SHIPPED / "tiny-class-v1.safetensors", data)
    assert report.codebook is not None
    assert report.codebook["entries"] == 64
    assert 1 <= report.codebook["perplexity"] <= report.codebook["used"] <= 64
    assert report.samples is not None


def test_an_autoencoder_alone_is_measured_by_its_most_likely_latents(autoencoder: Path, data: Path) -> None:
    report = run(autoencoder, data, Protocol(size=16))
    x = (to_values([read_view(path, View(), 16) for path in sorted(data.rglob("*.png"))]) + 1) / 2
    torch.manual_seed(0)
    model = AutoencoderKL(KL).eval()
    with torch.no_grad():
        y = (model.decode(model.encode(x * 2 - 1).mode()) + 1) / 2
    assert report.reconstruction["psnr"] == pytest.approx(psnr(x, y.clamp(0, 1)).mean().item(), rel=1e-4)
    assert report.samples is None
    assert any("autoencoder only" in notice for notice in report.notices)
    assert any("LPIPS was left out" in notice for notice in report.notices)


@pytest.mark.slow
def test_weights_of_vgg_add_lpips(autoencoder: Path, data: Path, tmp_path: Path) -> None:
    judge = random_lpips(1)
    save_file(judge.state_dict(), tmp_path / "vgg16.safetensors")
    report = run(autoencoder, data, Protocol(size=16, vgg=tmp_path / "vgg16.safetensors"))
    assert report.reconstruction["lpips"] is not None
    assert report.reconstruction["lpips"] > 0
    assert not any("LPIPS" in notice for notice in report.notices)


def test_used_entries_are_counted(tmp_path: Path) -> None:
    path, model = tmp_path / "vq.safetensors", VQModelInterface(VQ)
    save_file(model.state_dict(), path)
    report = run(path, folder_of(tmp_path / "data", 2, side=16), Protocol(size=16, samples=0))
    ids = [model.quantize(model.encode(to_values([read_view(p, View(), 16)]))).indices for p in _pngs(tmp_path)]
    assert report.codebook is not None
    assert report.codebook["used"] == len(set(torch.cat(ids).tolist()))
    assert not any("autoencoder only" in notice for notice in report.notices)


def test_unreadable_pictures_are_named_and_left_out(autoencoder: Path, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, 3, side=16)
    broken = folder / "cat" / "zz.png"
    broken.write_bytes(b"no picture")
    report = run(autoencoder, folder, Protocol(size=16, samples=0))
    assert report.pictures == 3
    assert list(report.skipped) == [str(broken)]


def test_nothing_readable_is_an_error(autoencoder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="None of the 1 pictures can be read"):
        run(autoencoder, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="has no pictures"):
        run(autoencoder, tmp_path / "empty")


def test_sizes_that_do_not_divide_and_empty_batches_are_refused(autoencoder: Path, data: Path) -> None:
    with pytest.raises(TrainingError, match="do not divide into cells of 2"):
        run(autoencoder, data, Protocol(size=17))
    with pytest.raises(TrainingError, match="batches of 0"):
        Protocol(batch=0)


def test_a_model_without_pictures_is_refused(data: Path, tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="expected an autoencoder"):
        run(tmp_path / "other.safetensors", data)


def test_more_classes_than_the_model_knows_are_refused(tmp_path: Path) -> None:
    for number in range(12):
        save(tmp_path / f"class{number:02}" / "a.png", noise(16, 16, number))
    with pytest.raises(DataError, match="the model knows"):
        run(SHIPPED / "tiny-class-v1.safetensors", tmp_path, replace(FEW, samples=12, batch=12))


def test_what_progress_raises_ends_it(autoencoder: Path, data: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(autoencoder, data, COMPUTE, FEW, stop)


def _pngs(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.png"))
