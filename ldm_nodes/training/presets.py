"""Whole configurations from a few settings: what the training nodes train, and what the command line would, too.

A configuration made here is the same tree as one that was read from a YAML file; a run's `config.yaml` holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .data_config import read_data
from .recipes.merges import HEADING, merges_of

if TYPE_CHECKING:
    from ..models.config import AutoencoderConfig
    from .data import Dataset
    from .options import Precision
    from .yaml_tree import Tree

    Section = Mapping[str, Any]

Kind = Literal["kl", "vq"]

CODEBOOK = 1024
MERGES = 1024
TOKENS = 24
DROPOUT = 0.1  # share of samples that learn without their condition, for classifier-free guidance
BYTES = 512  # tokens of a vocabulary without merges: every byte, alone and at the end of a word
ATTENDED = 16  # largest side of a map that the denoising network attends to
NEVER = 10**9
SELDOM, OFTEN = 100, 500  # steps between checkpoints and sample sheets


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How a network learns, whatever it is.

    Attributes:
        steps: optimiser steps of the whole run.
        batch_size: pictures of a step.
        learning_rate: after a short warm-up; it then stays, so that a run may be made longer at any time.
        seed: of everything that is drawn.
        precision: "fp32", or "bf16" for autocast.
    """

    steps: int
    batch_size: int
    learning_rate: float
    seed: int = 0
    precision: Precision = "fp32"


def dataset_of(pictures: Section) -> Dataset:
    """Return the samples of a section `data.params.train`.

    Raises:
        DataError: there are none.
        WrongConfig: it is no such section.
    """
    return read_data({"params": {"batch_size": 1, "train": pictures}}, []).train.dataset()


def autoencoder_tree(
    pictures: Section,
    effort: Effort,
    *,
    kind: Kind = "kl",
    width: int = 64,
    depth: int = 1,
    downscale: int = 4,
    channels: int = 4,
    vgg: Path | None = None,
    adversarial_from: int | None = None,
) -> Tree:
    """Return the configuration of an autoencoder.

    Args:
        pictures: the section `data.params.train`, with a size.
        effort: how it learns.
        kind: "kl" for a Gaussian latent, "vq" for a codebook.
        width: channels of all layers, a multiple of 32. With 32 of them every channel is normalised by itself, and
            colours are learned slowly.
        depth: blocks of each resolution; the decoder has one more.
        downscale: side of a picture divided by that of its latent, a power of two.
        channels: of a latent.
        vgg: VGG16 weights for the perceptual part of the loss; None leaves that part out.
        adversarial_from: the step from which a discriminator counts; None leaves it out.
    """
    levels = downscale.bit_length()
    network = {
        "double_z": kind == "kl", "z_channels": channels, "resolution": pictures["size"], "in_channels": 3, "out_ch": 3,
        "ch": width, "ch_mult": [1] * levels, "num_res_blocks": depth, "attn_resolutions": [],
        "attn_type": "none", "dropout": 0.0,
    }  # fmt: skip
    loss = {
        "disc_start": NEVER if adversarial_from is None else adversarial_from, "skip_until_start": True,
        "disc_weight": 0.5, "disc_num_layers": max(1, min(3, pictures["size"].bit_length() - 4)),
        "perceptual_weight": 0.0 if vgg is None else 1.0,
        **({"kl_weight": 1e-4} if kind == "kl" else {"codebook_weight": 1.0}),
    }  # fmt: skip
    judge = "LPIPSWithDiscriminator" if kind == "kl" else "vqperceptual.VQLPIPSWithDiscriminator"
    model = {
        "embed_dim": channels, "ddconfig": network, **({} if kind == "kl" else {"n_embed": CODEBOOK}),
        "lossconfig": {"target": f"ldm.modules.losses.{judge}", "params": loss},
    }  # fmt: skip
    target = f"ldm.models.autoencoder.{'AutoencoderKL' if kind == 'kl' else 'VQModel'}"
    return _tree(target, model, pictures, effort, {} if vgg is None else {"vgg": str(vgg)})


def diffusion_tree(
    pictures: Section,
    effort: Effort,
    *,
    first_stage: AutoencoderConfig,
    weights: Path,
    conditioner: Section | str,
    width: int = 64,
    cache: Path | None = None,
) -> Tree:
    """Return the configuration of a latent diffusion model.

    Args:
        pictures: the section `data.params.train`, with a size.
        effort: how it learns.
        first_stage: the autoencoder.
        weights: its file, or that of a complete model.
        conditioner: what `no_conditioner`, `class_conditioner` or `text_conditioner` returned.
        width: channels of the first layer, a multiple of 32.
        cache: folder of cached latents, or None.
    """
    side = pictures["size"] // first_stage.downscale
    context = {} if isinstance(conditioner, str) else {
        "use_spatial_transformer": True, "transformer_depth": 1, "context_dim": context_width(conditioner),
    }  # fmt: skip
    levels = max(1, min(4, side.bit_length() - 2))
    network = {
        "image_size": side, "in_channels": first_stage.embed_dim, "out_channels": first_stage.embed_dim,
        "model_channels": width, "channel_mult": list(range(1, levels + 1)), "num_res_blocks": 1,
        "attention_resolutions": [2**level for level in range(levels) if side >> level <= ATTENDED],
        "num_head_channels": 32, "legacy": False, **context,
    }  # fmt: skip
    model = {
        "linear_start": 0.0015, "linear_end": 0.0195, "timesteps": 1000, "parameterization": "v",
        "scale_by_std": True, "use_ema": True,
        **({"condition_dropout": DROPOUT, "cond_stage_trainable": True, "conditioning_key": "crossattn"} if context
           else {}),
        "unet_config": {"target": "ldm.modules.diffusionmodules.openaimodel.UNetModel", "params": network},
        "first_stage_config": first_stage_section(first_stage, weights),
        "cond_stage_config": conditioner,
    }  # fmt: skip
    tree = _tree("ldm.models.diffusion.ddpm.LatentDiffusion", model, pictures, effort, {"ema_decay": 0.999})
    tree["training"] |= {"sample_steps": 20, "guidance": 3.0 if context else 1.0}
    if cache is not None:
        tree["data"]["params"]["cache"] = str(cache)
    return tree


def no_conditioner() -> str:
    """Return the section `cond_stage_config` of a model without conditions."""
    return "__is_unconditional__"


def class_conditioner(classes: int, width: int = 128) -> Tree:
    """Return the section of a table of classes; one more than there are stands for none."""
    params = {"embed_dim": width, "n_classes": classes + 1, "key": "class_label"}
    return {"target": "ldm.modules.encoders.modules.ClassEmbedder", "params": params}


def text_conditioner(merges: Path, count: int, width: int = 128) -> Tree:
    """Return the section of a small text tower with a vocabulary of its own.

    Args:
        merges: the file of its vocabulary; see `vocabulary`.
        count: how many merges that holds.
        width: of its vectors.
    """
    sizes = {
        "hidden_size": width, "layers": 2, "heads": width // 32, "intermediate": 4 * width,
        "vocab_size": BYTES + count + 2, "pad_token": BYTES + count + 1, "max_length": TOKENS,
    }  # fmt: skip
    params = {"merges": str(merges), "text_config": sizes}
    return {"target": "ldm.modules.encoders.modules.FrozenCLIPEmbedder", "params": params}


def vocabulary(captions: Iterable[str]) -> list[str]:
    """Return the lines of a vocabulary for captions; letters that are not ASCII are spelled byte by byte."""
    plain = ("".join(letter if letter.isascii() else " " for letter in caption) for caption in captions)
    return [HEADING, *merges_of(plain, MERGES)]


def context_width(conditioner: Section) -> int:
    """Return how wide the vectors of a conditioner are."""
    params = conditioner["params"]
    return int(params["text_config"]["hidden_size"] if "text_config" in params else params["embed_dim"])


def first_stage_section(config: AutoencoderConfig, weights: Path) -> Tree:
    """Return the section `first_stage_config` that stands for an autoencoder and its file."""
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(config).items()}
    own = {name: fields.pop(name) for name in ("embed_dim", "n_embed", "remap", "sane_index_shape")}
    own = {name: value for name, value in own.items() if value}
    kind = "VQModelInterface" if config.n_embed else "AutoencoderKL"
    params = {**own, "ckpt_path": str(weights), "ddconfig": fields, "lossconfig": {"target": "torch.nn.Identity"}}
    return {"target": f"ldm.models.autoencoder.{kind}", "params": params}


def _tree(target: str, model: Tree, pictures: Section, effort: Effort, options: Tree) -> Tree:
    warm_up = {
        "warm_up_steps": [50], "cycle_lengths": [10**13], "f_start": [0.01], "f_max": [1.0], "f_min": [1.0],
    }  # fmt: skip
    often = max(SELDOM, min(OFTEN, effort.steps // 5))
    return {
        "model": {
            "base_learning_rate": effort.learning_rate,
            "target": target,
            "params": {
                **model,
                "scheduler_config": {"target": "ldm.lr_scheduler.LambdaLinearScheduler", "params": warm_up},
            },
        },
        "data": {"params": {"batch_size": effort.batch_size, "num_workers": 2, "train": dict(pictures)}},
        "training": {
            "steps": effort.steps, "seed": effort.seed, "precision": effort.precision, "scale_lr": False, "clip": 1.0,
            "save_every": often, "sample_every": often, **options,
        },
    }  # fmt: skip
