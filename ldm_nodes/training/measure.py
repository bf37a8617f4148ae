"""The two measurements of an evaluation: pictures against their reconstructions, and against samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..imaging.errors import UnreadablePictureError
from ..sampling.sample import sample
from .autoencoder import codebook_usage
from .batches import to_values
from .data_prompts import negative, positive
from .errors import DataError
from .frechet import Features, Moments, frechet_distance
from .lpips import find_perceptual
from .pictures import View, read_view
from .similarity import psnr, ssim

if TYPE_CHECKING:
    from .data import Dataset
    from .evaluate import Progress, Protocol, Report, Subject
    from .lpips import LPIPS


@dataclass(frozen=True)
class Evaluation:
    """An evaluation in progress.

    Attributes:
        subject: the model.
        dataset: the pictures.
        report: takes the numbers.
        protocol: what is measured.
        features: what samples are compared by; None where nothing is sampled.
        progress: is told how far it is.
    """

    subject: Subject
    dataset: Dataset
    report: Report
    protocol: Protocol
    features: Features | None
    progress: Progress


def readable(dataset: Dataset, size: int, skipped: dict[str, str]) -> Iterator[Tensor]:
    """Yield every picture that can be read, (1, 3, size, size) in [0, 1]; the others are noted as skipped."""
    for one in dataset.samples:
        try:
            levels = read_view(one.path, View(), size, one.background)
        except UnreadablePictureError as error:
            skipped[str(one.path)] = str(error)
            continue
        yield (to_values([levels]) + 1) / 2


def reconstruct(evaluation: Evaluation) -> Moments:
    """Measure the autoencoder, and return the moments of the pictures' features.

    Raises:
        DataError: not one picture can be read.
    """
    report, dataset, first_stage = evaluation.report, evaluation.dataset, evaluation.subject.first_stage
    judge = find_perceptual(evaluation.protocol.vgg).network
    moments, rows, ids = Moments(), [], []
    pictures = readable(dataset, report.size, report.skipped)
    while batch := list(islice(pictures, evaluation.protocol.batch)):
        x = torch.cat(batch)
        latent = first_stage.encode(x.movedim(1, -1), report.notices.append)
        y = first_stage.decode(latent, report.notices.append).movedim(-1, 1)
        rows.append(_measured(x, y, judge))
        ids.append(_ids(evaluation.subject, latent))
        if evaluation.features is not None:
            moments.add(evaluation.features.of(x))
        report.pictures += len(x)
        evaluation.progress("reconstructing", report.pictures + len(report.skipped), len(dataset))
    if not rows:
        first = next(iter(report.skipped.values()))
        raise DataError(f"None of the {len(dataset)} pictures can be read. {first}")
    _report(evaluation, torch.cat(rows).mean(dim=0).tolist(), torch.cat(ids))
    return moments


def _report(evaluation: Evaluation, means: list[float], ids: Tensor) -> None:
    report, codebook = evaluation.report, evaluation.subject.first_stage.codebook
    report.reconstruction = {"psnr": means[0], "ssim": means[1], "lpips": means[2] if len(means) > 2 else None}
    if len(means) < 3:
        report.notices.append("LPIPS was left out: it needs the weights of VGG16 (--vgg FILE).")
    if codebook is not None:
        entries = codebook.embedding.num_embeddings
        perplexity, used = codebook_usage(ids, entries)
        report.codebook = {"entries": entries, "used": int(used), "perplexity": float(perplexity)}


@torch.no_grad()
def _measured(x: Tensor, y: Tensor, judge: LPIPS | None) -> Tensor:
    """Return the measures of every pair, (B, 2), or (B, 3) with LPIPS."""
    measures = [psnr(x, y), ssim(x, y)]
    if judge is not None:
        measures.append(judge(x * 2 - 1, y * 2 - 1).flatten().double())
    return torch.stack(measures, dim=1)


@torch.no_grad()
def _ids(subject: Subject, latent: Tensor) -> Tensor:
    """Return the codebook ids of a latent, flat; none without a codebook."""
    codebook = subject.first_stage.codebook
    if codebook is None:
        return torch.zeros(0, dtype=torch.int64)
    found: Tensor = codebook(latent.to(codebook.embedding.weight.device)).indices
    return found.flatten().cpu()


def sample_and_compare(evaluation: Evaluation, real: Moments) -> None:
    """Sample under the conditions of the data; report the speed, and the distance from the pictures' moments."""
    report, protocol, features = evaluation.report, evaluation.protocol, evaluation.features
    whole = evaluation.subject.whole
    assert whole is not None  # the caller has looked
    assert features is not None
    if whole.config.unet.in_channels != whole.config.unet.out_channels:
        report.notices.append(f"Models of the family {whole.config.family} are shown pictures; nothing was sampled.")
        return
    made, seconds = Moments(), 0.0
    wanted = islice(cycle(range(len(evaluation.dataset))), protocol.samples)
    while places := list(islice(wanted, protocol.batch)):
        started = perf_counter()
        pixels = _sampled(evaluation, places, protocol.seed + made.count)
        seconds += perf_counter() - started
        made.add(features.of(pixels.movedim(-1, 1)))
        evaluation.progress("sampling", made.count, protocol.samples)
    settings = {name: getattr(protocol, name) for name in ("sampler", "scheduler", "steps", "cfg", "seed")}
    least = min(real.count, made.count)
    report.samples = {
        "count": made.count,
        **settings,
        "seconds": seconds,
        "per_second": made.count / seconds,
        "frechet": frechet_distance(real, made) if least > 1 else None,
        "features": features.name,
    }
    if least <= (dimensions := real.mean.numel()):
        report.notices.append(
            f"The Fréchet distance compares {real.count} pictures with {made.count} samples in {dimensions} "
            "dimensions; with so few it tells little."
        )


def _sampled(evaluation: Evaluation, places: list[int], seed: int) -> Tensor:
    """Return samples (B, H, W, 3) under the conditions of the data at these places."""
    subject, protocol, report = evaluation.subject, evaluation.protocol, evaluation.report
    whole = subject.whole
    assert whole is not None  # the caller has looked
    side = report.size // subject.first_stage.downscale_ratio
    latent = sample(
        whole.model,
        positive=positive(whole, evaluation.dataset, places),
        negative=negative(whole, len(places)),
        latent=torch.zeros(len(places), whole.model.latent_channels, side, side),
        seed=seed,
        steps=protocol.steps,
        cfg=protocol.cfg,
        sampler_name=protocol.sampler,
        scheduler=protocol.scheduler,
    )
    return subject.first_stage.decode(latent, report.notices.append)
