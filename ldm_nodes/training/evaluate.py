"""How good a model is: what its autoencoder keeps of pictures, and how close its samples come to them.

| number | what it says |
|---|---|
| PSNR, SSIM, LPIPS | how alike pictures and their reconstructions are, means over the pictures |
| codebook | how many entries are used, and the perplexity of their use |
| Fréchet distance | how far samples are from the pictures; `frechet.py` says by which features |
| samples per second | from noise to pixels, prompts included |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..models.checkpoint import open_checkpoint
from ..models.diffusers_folder import is_folder, load_folder
from ..models.families import UNET
from ..models.loader import LoadedCheckpoint, load_checkpoint, load_first_stage
from .data import Dataset
from .errors import TrainingError
from .frechet import find_features
from .measure import Evaluation, reconstruct, sample_and_compare
from .sources import from_folder, from_table

if TYPE_CHECKING:
    from ..models.devices import Compute
    from ..models.first_stage import FirstStage

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much. What it raises ends the evaluation."""


@dataclass(frozen=True)
class Protocol:
    """What is measured, and how.

    Attributes:
        size: side of the pictures; None takes what the model was made for.
        samples: pictures to sample; 0 measures the autoencoder only.
        steps: of the sampler.
        cfg: scale of guidance.
        sampler: name of the sampler.
        scheduler: name of its schedule.
        seed: of the samples.
        batch: pictures at a time.
        vgg: VGG16 weights, for LPIPS and trained features.
    """

    size: int | None = None
    samples: int = 64
    steps: int = 20
    cfg: float = 3.0
    sampler: str = "ddim"
    scheduler: str = "uniform"
    seed: int = 0
    batch: int = 16
    vgg: Path | None = None

    def __post_init__(self) -> None:
        if self.batch < 1 or self.samples < 0:
            raise TrainingError(f"An evaluation of {self.samples} samples in batches of {self.batch} measures nothing.")


@dataclass
class Report:
    """What was measured; numbers that could not be are None, and `notices` say why.

    Attributes:
        checkpoint: name of the file.
        size: side of the pictures.
        pictures: how many were compared.
        skipped: files that could not be read, with the reason.
        reconstruction: psnr in dB, ssim, lpips.
        codebook: entries, used, perplexity; None without a codebook.
        samples: count, settings, seconds, per_second, frechet and its features; None where nothing was sampled.
        notices: what a reader of the numbers should know.
    """

    checkpoint: str
    size: int
    pictures: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    reconstruction: dict[str, float | None] = field(default_factory=dict)
    codebook: dict[str, float] | None = None
    samples: dict[str, Any] | None = None
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Subject:
    """What is evaluated.

    Attributes:
        name: of its file.
        first_stage: the autoencoder.
        size: side of the pictures that it was made for.
        whole: the complete model, or None where the file holds an autoencoder only.
    """

    name: str
    first_stage: FirstStage
    size: int
    whole: LoadedCheckpoint | None = None


def evaluate(path: Path, data: Path, compute: Compute, protocol: Protocol, progress: Progress) -> Report:
    """Measure a checkpoint on pictures.

    Args:
        path: a complete model or an autoencoder: a file, or a folder of diffusers.
        data: a folder of pictures, or a CSV table; captions and classes become the conditions of samples.
        compute: where and in which numbers to compute.
        protocol: what is measured.
        progress: see `Progress`.

    Raises:
        TrainingError: there are no readable pictures, or the settings do not fit.
        ModelError: the checkpoint cannot be loaded, or has no autoencoder.
        SamplingError: the settings of the sampler do not fit.
    """
    dataset = Dataset.of(from_table(data) if data.suffix.lower() == ".csv" else from_folder(data))
    notices: list[str] = []
    subject = load(path, compute, notices.append)
    report = Report(subject.name, _size(subject, protocol), notices=notices)
    features = find_features(protocol.vgg) if protocol.samples and subject.whole is not None else None
    evaluation = Evaluation(subject, dataset, report, protocol, features, progress)
    real = reconstruct(evaluation)
    if features is not None:
        sample_and_compare(evaluation, real)
    elif protocol.samples:
        notices.append(f"{subject.name} is an autoencoder only, so nothing was sampled.")
    return report


def load(path: Path, compute: Compute, notice: Callable[[str], None]) -> Subject:
    """Load what is evaluated.

    Raises:
        ModelError: as `load_checkpoint`.
        TrainingError: the model has no autoencoder.
    """
    if not is_folder(path) and not any(name.startswith(UNET) for name in open_checkpoint(path).tensors):
        alone = load_first_stage(path, compute, notice=notice)
        return Subject(path.name, alone, alone.model.config.resolution)
    whole = load_folder(path, compute) if is_folder(path) else load_checkpoint(path, compute, notice=notice)
    first_stage = whole.first_stage
    if first_stage is None:
        raise TrainingError(f"{path.name} has no autoencoder (VAE), so its latents never become pictures.")
    latent = whole.config.unet.image_size
    config = first_stage.model.config
    return Subject(path.name, first_stage, config.resolution if latent is None else latent * config.downscale, whole)


def _size(subject: Subject, protocol: Protocol) -> int:
    size, cell = protocol.size or subject.size, subject.first_stage.downscale_ratio
    if size % cell or size < cell:
        raise TrainingError(f"Pictures of {size} pixels do not divide into cells of {cell}; choose another size.")
    return size
