"""Nodes that train: from pictures to a model that the next node samples from.

A run lies in `output/training/NAME`, as the command line leaves it: its `config.yaml` trains the same there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Choice, Float, Int, String
from ..engine.spec import node
from ..settings import Folders
from .autoencoder import loaded
from .runtime import Runtime
from .sockets import Clip, Model, Pictures, Training, Vae
from .training_run import run_folder, trained

if TYPE_CHECKING:
    from pathlib import Path

    from ..training.options import Precision
    from ..training.presets import Effort, Kind

Steps = Annotated[int, Int(min=1, max=100_000_000)]
BatchSize = Annotated[int, Int(min=1, max=4096)]
Rate = Annotated[float, Float(min=1e-8, max=1.0, step=1e-5)]
TrainingSeed = Annotated[int, Int(min=0, max=2**64 - 1)]
"""Editors change an input of the name `seed` after each run, and a run goes on only with the seed that it had."""
Width = Annotated[int, Int(min=32, max=1024, step=32)]
Numbers = Annotated[str, Choice(("fp32", "bf16"), optional=True)]
NO_FILE = "none"
KINDS = {"continuous (KL)": "kl", "codebook (VQ)": "vq"}


def _vgg_names(folders: Folders) -> tuple[str, ...]:
    return (NO_FILE, *folders.names("vgg"))


@node("TrainAutoencoder", category="training", display_name="Train Autoencoder", outputs=("VAE", "TRAINING"))
def train_autoencoder(
    pictures: Pictures,
    *,
    name: Annotated[str, String()] = "autoencoder",
    steps: Steps = 5000,
    batch_size: BatchSize = 8,
    learning_rate: Rate = 0.001,
    width: Width = 64,
    training_seed: TrainingSeed = 0,
    kind: Annotated[str, Choice(tuple(KINDS), optional=True)] = "continuous (KL)",
    downscale: Annotated[str, Choice(("2", "4", "8", "16"), optional=True)] = "4",
    latent_channels: Annotated[int, Int(min=1, max=64, optional=True)] = 4,
    depth: Annotated[int, Int(min=0, max=4, optional=True)] = 1,
    perceptual: Annotated[str, Choice(_vgg_names, optional=True)] = NO_FILE,
    adversarial_from: Annotated[int, Int(min=0, max=100_000_000, optional=True)] = 0,
    precision: Numbers = "fp32",
    context: Context[Runtime],
) -> tuple[Vae, Training]:
    """Train an autoencoder, the first stage of latent diffusion: pictures to small latents and back.

    It shows pictures and reconstructions as it goes. Stopped, it goes on from there the next time; done, it is not
    trained again; with more steps it is trained on.

    Args:
        pictures: what to train on.
        name: names the run's folder below `output/training`.
        steps: how often it learns; a few thousand give shapes and colours, more give sharpness.
        batch_size: pictures of a step.
        learning_rate: lower it if the loss jumps or stops at NaN.
        width: channels of the layers; more is better and slower. With 32, colours are learned slowly.
        training_seed: of the start and of the order of pictures.
        kind: whether a latent is any number, or one of 1024 learned vectors.
        downscale: side of a picture divided by that of its latent.
        latent_channels: numbers in each cell of a latent.
        depth: blocks of layers at each resolution.
        perceptual: a file of VGG16 weights below `models/vgg`, to judge likeness as people do (LPIPS); slower.
        adversarial_from: the step from which a discriminator asks for sharpness; 0 leaves it out.
        precision: bf16 is faster on processors that have it.
    """
    from dataclasses import replace

    from ..models.kinds import Origin
    from ..training.presets import autoencoder_tree

    folders = context.runtime.folders
    root = run_folder(folders, name)
    tree = autoencoder_tree(
        pictures,
        _effort(steps, batch_size, learning_rate, training_seed, precision),
        kind=cast("Kind", KINDS[kind]),
        width=width,
        depth=depth,
        downscale=int(downscale),
        channels=latent_channels,
        vgg=None if perceptual == NO_FILE else folders.find("vgg", perceptual),
        adversarial_from=adversarial_from or None,
    )
    path = trained(context, root, tree)
    context.record(training=name, file=str(path))
    first_stage = context.runtime.pool.first_stage(path, context.runtime.compute, notice=context.notice)
    return replace(first_stage, origin=Origin(file=name)), root


@node(
    "TrainLatentDiffusion",
    category="training",
    display_name="Train Latent Diffusion",
    outputs=("MODEL", "CLIP", "VAE", "TRAINING"),
)
def train_latent_diffusion(
    pictures: Pictures,
    vae: Vae,
    *,
    name: Annotated[str, String()] = "diffusion",
    conditioning: Annotated[str, Choice(("text", "class", "none"))] = "text",
    steps: Steps = 20_000,
    batch_size: BatchSize = 16,
    learning_rate: Rate = 0.001,
    width: Width = 64,
    training_seed: TrainingSeed = 0,
    precision: Numbers = "fp32",
    context: Context[Runtime],
) -> tuple[Model, Clip, Vae, Training]:
    """Train a diffusion model on the latents of an autoencoder, and give it to the next node to sample from.

    It shows samples as it goes. Stopped, it goes on from there the next time; done, it is not trained again; with more
    steps it is trained on.

    Args:
        pictures: what to train on.
        vae: the autoencoder, trained here or loaded from a checkpoint; it does not change.
        name: names the run's folder below `output/training`.
        conditioning: what a picture is asked for by: words, with a small text encoder that is trained along; the number
            of a subfolder; or nothing.
        steps: how often it learns; some ten thousand for a folder of different pictures.
        batch_size: pictures of a step.
        learning_rate: lower it if the loss jumps or stops at NaN.
        width: channels of the first layer; more is better and slower.
        training_seed: of the start and of all noise.
        precision: bf16 is faster on processors that have it.
    """
    from ..training.presets import diffusion_tree

    first_stage, root = loaded(vae), run_folder(context.runtime.folders, name)
    tree = diffusion_tree(
        pictures,
        _effort(steps, batch_size, learning_rate, training_seed, precision),
        first_stage=first_stage.model.config,
        weights=_file_of(first_stage.path),
        conditioner=_conditioner(conditioning, pictures, root),
        width=width,
        cache=None if pictures.get("crop") == "random" else root / "latents",
    )
    path = trained(context, root, tree)
    context.record(training=name, file=str(path))
    made = context.runtime.pool.checkpoint(path, context.runtime.compute, notice=context.notice).named(name)
    return made.model, made.conditioner, made.first_stage, root


def _effort(steps: int, batch_size: int, learning_rate: float, seed: int, precision: str) -> Effort:
    from ..training.presets import Effort

    return Effort(
        steps=steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        seed=seed,
        precision=cast("Precision", precision),
    )


def _file_of(path: Path | None) -> Path:
    """Return the file of an autoencoder, from which a configuration takes its weights."""
    if path is not None and path.is_file():
        return path.resolve()
    raise InputError(
        "vae",
        received="an autoencoder that does not come from one file",
        expected="one of a Train Autoencoder, a Load VAE or a Load Checkpoint node",
        remedy="Connect one of these nodes.",
    )


def _conditioner(conditioning: str, pictures: Pictures, root: Path) -> Any:
    """Return the section of what makes conditions; a vocabulary is written into the folder of the run."""
    from ..training.atomic import write_text
    from ..training.presets import (
        class_conditioner,
        dataset_of,
        no_conditioner,
        text_conditioner,
        vocabulary,
    )

    if conditioning == "none":
        return no_conditioner()
    data = dataset_of(pictures)
    if conditioning == "class":
        return class_conditioner(len(data.class_names))
    lines = vocabulary(caption for sample in data.samples for caption in sample.captions)
    path, text = root / "merges.txt", "\n".join([*lines, ""])
    if not path.is_file():
        root.mkdir(parents=True, exist_ok=True)
        write_text(path, text)
    elif path.read_text("utf-8") != text:
        raise InputError(
            "name",
            received=f"{root.name!r}, the name of a run with other captions",
            expected="a name that is free",
            remedy="The captions have changed since that run began; choose another name.",
        )
    return text_conditioner(path, len(lines) - 1)
