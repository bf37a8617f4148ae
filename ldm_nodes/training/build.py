"""From a configuration to what the loop needs: the model in training, and the data in batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ..models.autoencoder import AutoencoderKL, VQModel
from ..models.checkpoint import open_checkpoint
from ..models.conditioners import BERTEmbedder
from ..models.config import AutoencoderConfig
from ..models.devices import Compute
from ..models.errors import WrongConfig, WrongWeights
from ..models.families import first_stage_part
from ..models.instantiate import Recorded, instantiate_from_config
from ..models.latent_diffusion import LatentDiffusion
from ..models.model_config import ModelConfig
from ..models.quick_linear import quicken
from ..models.weights import load_weights
from .autoencoder import KLLoss, VQLoss
from .autoencoder_task import AutoencoderTask
from .batches import Batch, Batches, collate
from .conditions import check_data
from .diffusion_task import DiffusionTask
from .errors import TrainingError
from .fit import check_loss, check_model, check_size
from .latent_cache import LatentCache, cached
from .latent_diffusion import DiffusionOptions
from .loss_config import KLLossConfig, VQLossConfig
from .lpips import find_perceptual
from .reader import PictureReader, Reader

if TYPE_CHECKING:
    from .config import TrainingConfig
    from .data_config import PictureConfig
    from .processes import Processes
    from .task import Task

    Notice = Callable[[str], None]
    Params = Mapping[str, Any]


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
    def skipped(self) -> dict[Path, str]:
        """The unreadable files met so far and what is wrong with each."""
        return {path: reason for reader in self.readers for path, reason in reader.skipped.items()}


def build_task(config: TrainingConfig, processes: Processes, notice: Notice) -> Task:
    """Build what is trained, with random weights but for those that the configuration names.

    Raises:
        WrongConfig: the configuration does not fit together.
        ModelError: weights that it names are unreadable or do not fit.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.options.seed)
        if isinstance(config.model, ModelConfig):
            return _diffusion_task(config, config.model, processes, notice)
        return _autoencoder_task(config, config.model, processes, notice)


def _diffusion_task(config: TrainingConfig, model: ModelConfig, processes: Processes, notice: Notice) -> DiffusionTask:
    options = config.options
    check_model(model)
    if options.activation_checkpointing:
        model = replace(model, unet=replace(model.unet, use_checkpoint=True))
    model = _with_merges(model, config.params)
    built = LatentDiffusion(model, model.betas.schedule())
    _first_stage_weights(built, config.params, notice)
    _vocabulary(built, config.params)
    _initial_weights(built, config.params, notice)
    arrange(built, (built.model.diffusion_model, built.first_stage_model), options.channels_last, processes.device)
    task = DiffusionTask(
        built,
        DiffusionOptions.from_params(config.params),
        shard=processes.shard,
        ema_decay=options.ema_decay if use_ema(config) else None,
        sample_steps=options.sample_steps,
        guidance=options.guidance,
    )
    if options.compile:
        built.model.diffusion_model.compile()
    return task


def _autoencoder_task(
    config: TrainingConfig, model: AutoencoderConfig, processes: Processes, notice: Notice
) -> AutoencoderTask:
    options = config.options
    built = AutoencoderKL(model) if model.n_embed is None else VQModel(model)
    loss = _autoencoder_loss(config, model, notice).to(processes.device)
    _initial_weights(built, config.params, notice)
    arrange(built, (built,), options.channels_last, processes.device)
    task = AutoencoderTask(
        built,
        loss,
        shard=processes.shard,
        lr_g_factor=float(config.params.get("lr_g_factor", 1.0)),
        ema_decay=options.ema_decay if use_ema(config) else None,
        checkpointing=options.activation_checkpointing,
    )
    if options.compile:
        built.encoder.compile()
        built.decoder.compile()
    return task


def _autoencoder_loss(config: TrainingConfig, model: AutoencoderConfig, notice: Notice) -> KLLoss | VQLoss:
    made = instantiate_from_config(config.params.get("lossconfig"))
    if not isinstance(made, Recorded) or not made.target.endswith("LPIPSWithDiscriminator"):
        raise WrongConfig(
            "An autoencoder is trained by model.params.lossconfig with the target LPIPSWithDiscriminator or "
            "VQLPIPSWithDiscriminator of the original."
        )
    with_codebook = made.target.endswith(".VQLPIPSWithDiscriminator")
    if with_codebook != (model.n_embed is not None):
        raise WrongConfig(f"The loss {made.target} does not fit the autoencoder; the one has a codebook.")
    options = config.options
    parameters = (VQLossConfig if with_codebook else KLLossConfig).from_params(made.params)
    check_loss(parameters, model)
    if isinstance(parameters, VQLossConfig) and parameters.n_classes is None:
        parameters = replace(parameters, n_classes=model.n_embed)  # tells how much of the codebook is in use
    perceptual = None
    if parameters.perceptual_weight > 0:
        vgg = None if options.vgg is None else Path(options.vgg)
        found = find_perceptual(vgg, random_seed=options.seed if options.random_features else None)
        notice(found.notice)
        perceptual = found.network
    if isinstance(parameters, VQLossConfig):
        return VQLoss(parameters, perceptual)
    return KLLoss(parameters, perceptual)


def use_ema(config: TrainingConfig) -> bool:
    """Tell whether weights are averaged: as the options say, or else the model's configuration."""
    if config.options.use_ema is not None:
        return config.options.use_ema
    return config.model.use_ema if isinstance(config.model, ModelConfig) else bool(config.params.get("use_ema", False))


def _first_stage_weights(model: LatentDiffusion, params: Params, notice: Notice) -> None:
    if model.first_stage_model is None:
        return
    path = _params_of(params, "first_stage_config").get("ckpt_path")
    if path is None:
        notice(
            "The first stage has random weights; name its checkpoint: model.params.first_stage_config.params.ckpt_path."
        )
        return
    part = first_stage_part(open_checkpoint(Path(path)))
    averages = {name: f"model_ema.{name.replace('.', '')}" for name in model.first_stage_model.state_dict()}
    found = {name: part.tensors[average] for name, average in averages.items() if average in part.tensors}
    if found:
        notice(f"The first stage takes the averaged weights of {Path(path).name}.")
    load_weights(
        model.first_stage_model,
        replace(part, tensors={**part.tensors, **found}),
        Compute(torch.device("cpu"), torch.float32),
    )


def _with_merges(model: ModelConfig, params: Params) -> ModelConfig:
    """Give a text tower the vocabulary of its own that the configuration names."""
    merges = _params_of(params, "cond_stage_config").get("merges")
    if merges is None or not isinstance(model.conditioner, tuple):
        return model
    return replace(model, conditioner=(replace(model.conditioner[0], merges=Path(merges)), *model.conditioner[1:]))


def _params_of(params: Params, section: str) -> Params:
    """Return the `params` of a part of the model; those of a sentinel such as `__is_first_stage__` are none."""
    table = params.get(section)
    return (table.get("params") or {}) if isinstance(table, Mapping) else {}


def _vocabulary(model: LatentDiffusion, params: Params) -> None:
    encoder = model.encoder
    if not isinstance(encoder, BERTEmbedder):
        return
    given = _params_of(params, "cond_stage_config").get("vocab")
    if given is None:
        raise WrongConfig("A model that reads captions needs model.params.cond_stage_config.params.vocab, a word list.")
    encoder.vocab = Path(given)
    encoder.tokenize([""])  # say now, not in the first step, what is wrong with it


def _initial_weights(module: nn.Module, params: Params, notice: Notice) -> None:
    """Start from a checkpoint where `ckpt_path` names one; what it lacks stays random, as in the original."""
    if params.get("ckpt_path") is None:
        return
    path = Path(params["ckpt_path"])
    stored = open_checkpoint(path)
    own = module.state_dict()
    common = [name for name in own if name in stored]
    wrong = next((name for name in common if stored.shape(name) != tuple(own[name].shape)), None)
    if not common or wrong:
        what = f"{wrong} has shape {stored.shape(wrong)}, not {tuple(own[wrong].shape)}" if wrong else "no name fits"
        raise WrongWeights(f"{path.name} does not fit the model: {what}.")
    with torch.no_grad():
        for name in common:
            own[name].copy_(stored.tensor(name))
    notice(f"Starts from {path.name}: {len(common)} of the model's {len(own)} tensors.")


def arrange(model: nn.Module, parts: tuple[nn.Module | None, ...], channels_last: bool, device: torch.device) -> None:
    """Bring a model to its device, and its layers into the forms that train fastest there."""
    model.to(device)
    if device.type == "cpu":
        quicken(model)
    for part in parts:
        if channels_last and part is not None:
            part.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            part.memory_format = torch.channels_last  # type: ignore[assignment]


def build_data(
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
