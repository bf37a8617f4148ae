"""From a configuration to the data in batches: what is read, how large, and whether through cached latents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ..models.config import AutoencoderConfig
from ..models.errors import WrongConfig
from ..models.model_config import ModelConfig
from .autoencoder_task import AutoencoderTask
from .batches import Batch, Batches, collate
from .conditions import check_data
from .data import NO_CLASS
from .diffusion_task import DiffusionTask
from .errors import TrainingError
from .fit import check_size
from .latent_cache import LatentCache, cached
from .latent_diffusion import DiffusionOptions
from .reader import PictureReader, Reader

if TYPE_CHECKING:
    from .config import TrainingConfig
    from .data_config import PictureConfig
    from .processes import Processes
    from .task import Task


@dataclass(frozen=True)
class Data:
    """What a run reads.

    Attributes:
        batches: to learn from.
        validation: to measure on, or None.
        preview: the samples that sheets show.
        pictures: how many pictures there are to learn from.
        readers: what reads the files, for what was skipped.
    """

    batches: Batches
    validation: Batches | None
    preview: Batch
    pictures: int
    readers: tuple[PictureReader, ...]

    @property
    def preview_captions(self) -> list[str]:
        """What is written under the samples of a sheet: their captions, else the names of their classes."""
        names = self.readers[0].dataset.class_names
        labels = self.preview.class_label.tolist()
        named = ["" if label == NO_CLASS else names[label] for label in labels]
        return [caption or name for caption, name in zip(self.preview.caption, named, strict=True)]

    @property
    def skipped(self) -> dict[Path, str]:
        """The unreadable files met so far and what is wrong with each."""
        return {path: reason for reader in self.readers for path, reason in reader.skipped.items()}


def open_data(
    config: TrainingConfig, task: Task, processes: Processes, progress: Callable[[int, int], None] | None = None
) -> Data:
    """Open the data, and make the cached latents that are missing.

    Args:
        config: the configuration.
        task: what is trained; its first stage makes cached latents.
        processes: who takes part; the first makes the latents, the others wait.
        progress: is told how many latents are made, and of how many.

    Raises:
        DataError: there are no pictures, or not what the model reads.
        CacheError: latents cannot be cached.
    """
    data, options = config.data, config.options
    pictures = _reader(config, task, data.train)
    reader: Reader = pictures
    if data.cache is not None and isinstance(task, DiffusionTask):
        reader = _latents(config, task, pictures, processes, progress)
    batches = Batches(
        reader,
        data.batch_size * processes.shard.processes,
        seed=options.seed,
        shard=processes.shard,
        threads=data.threads,
    )
    validation = None if data.validation is None else _reader(config, task, data.validation)
    return Data(
        batches=batches,
        validation=None if validation is None else Batches(validation, data.batch_size, threads=data.threads),
        preview=_preview(reader, options.samples, options.prompts),
        pictures=len(pictures),
        readers=(pictures,) if validation is None else (pictures, validation),
    )


def _reader(config: TrainingConfig, task: Task, pictures: PictureConfig) -> PictureReader:
    dataset = pictures.dataset()
    model = config.model
    if isinstance(model, ModelConfig):
        check_data(model, dataset, DiffusionOptions.from_params(config.params).dropout)
    framing = pictures.framing(picture_size(model))
    check_size(
        model, framing.size, perceptual=isinstance(task, AutoencoderTask) and task.loss.perceptual_loss is not None
    )
    return PictureReader(
        dataset,
        framing,
        pictures.wording,
        seed=config.options.seed,
        masks=isinstance(model, ModelConfig) and paints(model),
    )


def picture_size(model: ModelConfig | AutoencoderConfig) -> int:
    """Return the side of the pictures that a model is made for."""
    if isinstance(model, AutoencoderConfig):
        return model.resolution
    factor = 1 if model.first_stage is None else model.first_stage.downscale
    if model.unet.image_size is not None:
        return model.unet.image_size * factor
    if model.first_stage is None:
        raise WrongConfig("The size of the pictures is nowhere; set data.params.train.size.")
    return model.first_stage.resolution


def paints(model: ModelConfig) -> bool:
    """Tell whether a model is one for inpainting, which is shown masks."""
    joined = model.unet.in_channels - model.unet.out_channels
    return model.family.endswith("inpaint") or joined == model.unet.out_channels + 1


def _latents(
    config: TrainingConfig,
    task: DiffusionTask,
    pictures: PictureReader,
    processes: Processes,
    progress: Callable[[int, int], None] | None,
) -> Reader:
    first_stage, data = task.model.first_stage_model, config.data
    assert data.cache is not None  # the caller has looked
    if first_stage is None or task.model.model.conditioning_key in ("concat", "hybrid", "hybrid-adm"):
        raise TrainingError(
            "This model is shown pictures, so latents alone are not enough; leave data.params.cache out."
        )
    dtype = getattr(torch, data.cache_dtype)

    def read() -> Reader:
        assert data.cache is not None
        cache = LatentCache(data.cache, first_stage, dtype)
        return cached(pictures, cache, first_stage, progress=progress if processes.writes else None)

    made = read() if processes.writes else None
    processes.any(False)  # the others wait until the latents are there
    return read() if made is None else made


def _preview(reader: Reader, count: int, prompts: tuple[str, ...]) -> Batch:
    """Return samples from all over the data, as they are in the first epoch; prompts stand in for captions."""
    count = len(prompts) if prompts else min(count, len(reader))
    places = [place * len(reader) // count for place in range(count)]
    batch = collate([reader.read(0, place % len(reader)) for place in places], 0)
    return replace(batch, caption=list(prompts)) if prompts else batch
