"""How good the model in the box is, by a fixed protocol; prints JSON.

    python -m ldm_nodes.training.recipes.evaluate_emoji CHECKPOINT DATA

DATA is the folder that `emoji.py` wrote. Same checkpoint, same options, same numbers.

* **Reconstruction**: PSNR of pictures encoded (as the mean) and decoded, a mean over pictures, in dB.
* **Background**: the median colour of the outermost two pixels; right if the nearest of the eight backgrounds is the
  one in the prompt. Pairs of subject and background that training saw and pairs held out are counted apart.
* **Retrieval**: whether the subject of the prompt is the nearest of all subjects, or among the nearest five. Pictures
  are compared as 16 x 16 averages of their RGB pixels, by Euclidean distance, and every candidate stands before the
  background of the prompt. Averages forgive small shifts; a common background takes no part in the choice; and no
  network judges, least of all the one that is measured.

Prompts are "SUBJECT on a COLOUR background", for pairs spread evenly over the tables, half of them held out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...models.devices import pick_compute
from ...models.diffusion_model import DiffusionModel
from ...models.errors import ModelError
from ...models.first_stage import FirstStage
from ...models.loader import load_checkpoint
from ...models.text_encoder import TextEncoder
from ...sampling.sample import sample
from ..data import Sample
from ..errors import DataError, TrainingError
from ..pictures import View, read_view
from ..sources import from_table
from .emoji import BACKGROUNDS, CAPTION

SIZE, GRID, EDGE = 64, 16, 2


@dataclass(frozen=True)
class Protocol:
    """What is measured, and on how much.

    Attributes:
        pictures: how many are reconstructed.
        prompts: how many are sampled, half of them held out.
        core: how many are sampled besides, of the subjects that a short training sees most.
        steps: of the sampler.
        guidance: scale of classifier-free guidance.
        sampler: its name.
        scheduler: its name.
        seed: of the first batch; the next ones follow.
        batch: pictures at a time.
    """

    pictures: int = 256
    prompts: int = 400
    core: int = 100
    steps: int = 20
    guidance: float = 3.0
    sampler: str = "ddim"
    scheduler: str = "ddim_uniform"
    seed: int = 0
    batch: int = 25


@dataclass(frozen=True)
class Model:
    """The parts of the checkpoint that the protocol runs."""

    network: DiffusionModel
    text: TextEncoder
    first_stage: FirstStage

    @classmethod
    def load(cls, path: Path) -> Model:
        """Load a checkpoint in float32.

        Raises:
            ModelError: if it is not a complete text-to-image model.
        """
        loaded = load_checkpoint(path, pick_compute("auto", "fp32"))
        if not isinstance(loaded.conditioner, TextEncoder) or loaded.first_stage is None:
            raise ModelError(f"{path.name} has no text encoder or no autoencoder; expected a text-to-image model.")
        return cls(loaded.model, loaded.conditioner, loaded.first_stage)

    def draw(self, prompts: Sequence[str], seed: int, protocol: Protocol) -> Tensor:
        """Return a picture for each prompt, (B, 64, 64, 3) from 0 to 1."""
        contexts = torch.cat([context for context, _ in self.text.encode_batch(prompts)])
        latent = torch.zeros(len(prompts), self.network.latent_channels, GRID, GRID)
        made = sample(
            self.network,
            positive=[[contexts, {}]],
            negative=[[self.text.encode("")[0], {}]],
            latent=latent,
            seed=seed,
            steps=protocol.steps,
            cfg=protocol.guidance,
            sampler_name=protocol.sampler,
            scheduler=protocol.scheduler,
        )
        return self.first_stage.decode(made)


def evaluate(checkpoint: Path, data: Path, protocol: Protocol) -> dict[str, Any]:
    """Return everything that the protocol measures."""
    model = Model.load(checkpoint)
    seen, unseen, core = (_pairs(from_table(data / name)) for name in ("train.csv", "held_out.csv", "core.csv"))
    half = protocol.prompts // 2
    gallery = {str(pair.class_name): pair.path for pair in [*seen, *unseen]}
    looks = {color: features(_pixels([(path, color) for path in gallery.values()])) for color in BACKGROUNDS}
    start = time.perf_counter()
    found = {
        "seen": _sampled(model, _spread(seen, protocol.prompts - half), [*gallery], looks, protocol),
        "unseen": _sampled(model, _spread(unseen, half), [*gallery], looks, protocol),
        "core": _sampled(model, _spread(core, protocol.core), [*gallery], looks, protocol),
    }
    seconds = time.perf_counter() - start
    return {
        "checkpoint": checkpoint.name,
        "protocol": vars(protocol),
        "subjects": len(gallery),
        "reconstruction_psnr_db": round(_reconstruction(model, _spread(seen, protocol.pictures), protocol), 2),
        **found,
        "samples_per_second": round(sum(part["prompts"] for part in found.values()) / seconds, 2),
    }


def background_of(pictures: Tensor) -> list[str]:
    """Return the name of the background of each picture (B, H, W, 3) from 0 to 1."""
    edge = torch.ones(pictures.shape[1:3], dtype=torch.bool)
    edge[EDGE:-EDGE, EDGE:-EDGE] = False
    medians = pictures[:, edge].median(dim=1).values
    colors = torch.tensor(list(BACKGROUNDS.values())) / 255
    names = list(BACKGROUNDS)
    return [names[place] for place in torch.cdist(medians, colors).argmin(dim=1).tolist()]


def features(pictures: Tensor) -> Tensor:
    """Return by what pictures (B, H, W, 3) are compared: averages of their pixels, (B, 768)."""
    return F.adaptive_avg_pool2d(pictures.permute(0, 3, 1, 2), GRID).flatten(1)


def rank(picture: Tensor, candidates: Tensor, right: int) -> int:
    """Return how many candidates (N, D) are nearer to a picture (D) than the right one."""
    distances = (candidates - picture).norm(dim=1)
    return int((distances < distances[right]).sum())


def _sampled(
    model: Model, pairs: Sequence[Sample], subjects: Sequence[str], looks: dict[str, Tensor], protocol: Protocol
) -> dict[str, Any]:
    """Sample a picture for each pair, and count right backgrounds and subjects."""
    right, places = 0, []
    for number, batch in enumerate(_batches(pairs, protocol.batch)):
        named = [(str(pair.class_name), _color_name(pair)) for pair in batch]
        prompts = [CAPTION.format(subject=subject, color=color) for subject, color in named]
        made = model.draw(prompts, protocol.seed + number, protocol)
        right += sum(found == color for found, (_, color) in zip(background_of(made), named, strict=True))
        for seen, (subject, color) in zip(features(made), named, strict=True):
            places.append(rank(seen, looks[color], subjects.index(subject)))
    count = len(pairs)
    return {
        "prompts": count,
        "background_right": round(right / count, 4),
        "subject_top1": round(sum(place < 1 for place in places) / count, 4),
        "subject_top5": round(sum(place < 5 for place in places) / count, 4),
    }


def _reconstruction(model: Model, pairs: Sequence[Sample], protocol: Protocol) -> float:
    """Return the mean PSNR in dB."""
    values: list[Tensor] = []
    for batch in _batches(pairs, protocol.batch):
        pictures = _pixels([(pair.path, _color_name(pair)) for pair in batch])
        again = model.first_stage.decode(model.first_stage.encode(pictures))
        values.append(-10 * (again - pictures).square().flatten(1).mean(1).log10())
    return torch.cat(values).mean().item()


def _pixels(pairs: Sequence[tuple[Path, str]]) -> Tensor:
    """Return pictures before backgrounds, (N, 64, 64, 3) from 0 to 1."""
    levels = [read_view(path, View(), SIZE, BACKGROUNDS[color]) for path, color in pairs]
    return torch.from_numpy(np.stack(levels)).float() / 255


def _pairs(rows: Sequence[Sample]) -> list[Sample]:
    """Return one row for each pair; the tables have two."""
    return list({(row.path, row.background): row for row in rows}.values())


def _spread(pairs: Sequence[Sample], count: int) -> list[Sample]:
    """Return `count` pairs, evenly from all."""
    return [pairs[place * len(pairs) // count] for place in range(min(count, len(pairs)))]


def _batches(pairs: Sequence[Sample], size: int) -> Iterator[Sequence[Sample]]:
    return (pairs[first : first + size] for first in range(0, len(pairs), size))


def _color_name(pair: Sample) -> str:
    return next(name for name, color in BACKGROUNDS.items() if color == pair.background)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the measurements and return 0, or 1 after saying what is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m ldm_nodes.training.recipes.evaluate_emoji",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path, help="the folder that recipes/emoji.py wrote")
    for name, value in vars(Protocol()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value, help="default: %(default)s")
    options = vars(parser.parse_args(arguments))
    checkpoint, data = options.pop("checkpoint"), options.pop("data")
    try:
        found = evaluate(checkpoint, data, Protocol(**options))
    except (ModelError, DataError, TrainingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
