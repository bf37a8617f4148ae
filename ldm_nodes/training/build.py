"""From a configuration to the model in training; `open_data.py` does the same for what it learns from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from ..models.autoencoder import Autoencoder, AutoencoderKL, VQModel
from ..models.checkpoint import open_checkpoint
from ..models.conditioners import BERTEmbedder
from ..models.config import AutoencoderConfig
from ..models.devices import Compute
from ..models.errors import WrongConfig, WrongWeights
from ..models.families import FIRST_STAGE, first_stage_part
from ..models.instantiate import Recorded, instantiate_from_config
from ..models.latent_diffusion import LatentDiffusion
from ..models.model_config import ModelConfig
from ..models.quick_linear import quicken
from ..models.weights import load_weights
from .autoencoder import KLLoss, VQLoss
from .autoencoder_task import AutoencoderTask
from .diffusion_task import DiffusionTask
from .fit import check_loss, check_model
from .latent_diffusion import DiffusionOptions
from .loss_config import KLLossConfig, VQLossConfig
from .lpips import find_perceptual

if TYPE_CHECKING:
    from .config import TrainingConfig
    from .processes import Processes
    from .task import Task

    Notice = Callable[[str], None]
    Params = Mapping[str, Any]


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
    if isinstance(module, Autoencoder) and stored.has(FIRST_STAGE):
        stored = stored.under(FIRST_STAGE)  # of a complete model, the part that is trained
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
