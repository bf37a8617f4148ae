"""The contestants of the training benchmark: the same networks, weights, pictures, draws and losses.

Ours is the step of `ldm-nodes train`. Theirs is the loop that the training examples of diffusers show: its networks and
its averaged weights, PyTorch's optimiser.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeVar

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL as TheirAutoencoder
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.training_utils import EMAModel

from ldm_nodes.models import diffusers_config, key_maps
from ldm_nodes.models.autoencoder import AutoencoderKL
from ldm_nodes.models.conditioners import ClassEmbedder
from ldm_nodes.models.latent_diffusion import LatentDiffusion
from ldm_nodes.models.model_config import Betas, ClassConfig, ModelConfig
from ldm_nodes.training.autoencoder import BETAS, KLLoss
from ldm_nodes.training.autoencoder_task import AutoencoderTask
from ldm_nodes.training.batches import Batch, Batches
from ldm_nodes.training.build import arrange
from ldm_nodes.training.diffusion_task import DiffusionTask
from ldm_nodes.training.heap import kept
from ldm_nodes.training.latent_diffusion import DiffusionOptions
from ldm_nodes.training.learning_rate import constant
from ldm_nodes.training.loop import Run, set_rate, take_step
from ldm_nodes.training.loss_config import KLLossConfig
from ldm_nodes.training.options import Options
from ldm_nodes.training.processes import Processes
from ldm_nodes.training.shard import WHOLE
from ldm_nodes.training.state import step_seed

Contestant = TypeVar("Contestant")

if TYPE_CHECKING:
    from torch import Tensor

    from ldm_nodes.training.task import Task as TrainingTask

    from .contestant import Task

LATENTS, PICTURES = 32, 16  # of a batch
SEED, RATE, DECAY, KL_WEIGHT, CLASSES = 23, 1e-4, 0.999, 1e-6, 100
UNET: dict[str, Any] = {
    "sample_size": 16,
    "block_out_channels": (64, 128, 192),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 2,
    "cross_attention_dim": 128,
    "attention_head_dim": (2, 4, 6),
}
BOX = {**UNET, "layers_per_block": 1}  # the network of the model in the box
AUTOENCODER: dict[str, Any] = {
    "sample_size": 64,
    "block_out_channels": (32, 64, 128),
    "down_block_types": ("DownEncoderBlock2D",) * 3,
    "up_block_types": ("UpDecoderBlock2D",) * 3,
    "layers_per_block": 1,
    "latent_channels": 4,
}


def their_networks(size: dict[str, Any]) -> dict[str, Any]:
    """Build the networks of diffusers by the names of their steps, always with the same random weights."""
    torch.manual_seed(0)
    return {
        "diffusion": UNet2DConditionModel(**{**UNET, **size}),
        "box": UNet2DConditionModel(**{**BOX, **size}),
        "autoencoder": TheirAutoencoder(**{**AUTOENCODER, **size}),
    }


def table() -> Tensor:
    """Return the embeddings (CLASSES, 128) of the classes."""
    return torch.randn(CLASSES, 128, generator=torch.Generator().manual_seed(2))


def batch() -> Batch:
    """Return pictures for the autoencoder with latents and classes for the network."""
    generator = torch.Generator().manual_seed(1)
    latents = torch.randn(LATENTS, 4, 16, 16, generator=generator)
    pictures = torch.rand(PICTURES, 3, 64, 64, generator=generator) * 2 - 1
    return Batch([""] * LATENTS, torch.arange(LATENTS), pictures, None, None, latents, LATENTS)


def timed(step: Callable[[Contestant], None]) -> Callable[[Contestant], float]:
    """Make a step return its seconds of a processor, which a busy machine stretches least; a mean over threads."""

    @wraps(step)
    def run(contestant: Contestant) -> float:
        started = time.process_time()
        step(contestant)
        return (time.process_time() - started) / torch.get_num_threads()

    return run


class OurTraining:
    """Trains by our loop.

    Attributes:
        loss: that of the last step.
    """

    def __init__(self, task: Task, size: dict[str, Any] | None = None) -> None:
        self.loss = 0.0
        self.batch = batch()
        self.options = Options(seed=SEED, precision="bf16" if task.precision == "bf16" else "fp32", clip=1.0)
        made = {"diffusion": _diffusion, "box": _diffusion, "autoencoder": _autoencoder}
        self.runs = {name: self._run(made[name](theirs)) for name, theirs in their_networks(size or {}).items()}
        self.memory = ExitStack()
        self.memory.enter_context(kept())  # as `run.py` does, for as long as there are steps

    def load(self) -> None:
        """Do nothing: the weights are made, not read."""

    @timed
    def diffusion(self) -> None:
        """Train the denoising network on a batch of latents."""
        self.loss = self._step("diffusion")["loss_simple"]

    @timed
    def box(self) -> None:
        """Train the network of the model in the box on a batch of latents."""
        self.loss = self._step("box")["loss_simple"]

    @timed
    def autoencoder(self) -> None:
        """Train the autoencoder on a batch of pictures."""
        self.loss = self._step("autoencoder")["nll_loss"]

    def _step(self, name: str) -> dict[str, float]:
        run = self.runs[name]
        set_rate(run.task.learners, run.rate)
        losses = take_step(run, repeat(self.batch))
        run.step += 1
        return losses

    def _run(self, task: TrainingTask) -> Run:
        processes = Processes(WHOLE, torch.device("cpu"))
        reader: Any = (self.batch,)  # never asked: steps are given their batch
        return Run(task, Batches(reader, 1), self.options, processes, RATE, constant, total=1 << 30)


def _diffusion(theirs: Any) -> TrainingTask:
    config = diffusers_config.unet_config(json.loads(theirs.to_json_string()))
    classes, betas = ClassConfig(table().shape[1], CLASSES), Betas(start=0.0015, end=0.0195)
    model = ModelConfig("ldm-class", config, None, classes, "crossattn", betas=betas)
    built = LatentDiffusion(model, betas.schedule())
    network, embedder = built.model.diffusion_model, built.encoder
    network.load_state_dict(key_maps.rename(theirs.state_dict(), key_maps.unet_key_map(config)))
    assert isinstance(embedder, ClassEmbedder)
    embedder.embedding.weight.data.copy_(table())
    arrange(built, (network,), True, torch.device("cpu"))
    return DiffusionTask(built, DiffusionOptions(), ema_decay=DECAY)


def _autoencoder(theirs: Any) -> TrainingTask:
    config = diffusers_config.autoencoder_config(json.loads(theirs.to_json_string()))
    built = AutoencoderKL(config)
    built.load_state_dict(key_maps.rename(theirs.state_dict(), key_maps.vae_key_map(config)))
    arrange(built, (built,), True, torch.device("cpu"))
    likeness = KLLossConfig(disc_start=1 << 30, skip_until_start=True, perceptual_weight=0.0, kl_weight=KL_WEIGHT)
    return AutoencoderTask(built, KLLoss(likeness))


class TheirTraining:
    """Trains by the loop of diffusers' examples; see `OurTraining`."""

    def __init__(self, task: Task, size: dict[str, Any] | None = None) -> None:
        self.loss = 0.0
        self.half = task.precision == "bf16"
        self.batch, self.table = batch(), table()
        self.networks = their_networks(size or {})
        self.steps = dict.fromkeys(self.networks, 0)
        self.schedule = DDPMScheduler(beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear")
        unets = {name: self.networks[name].parameters for name in ("diffusion", "box")}
        self.optimizers: dict[str, torch.optim.Optimizer] = {
            **{name: torch.optim.AdamW(parameters(), lr=RATE) for name, parameters in unets.items()},
            "autoencoder": torch.optim.Adam(self.networks["autoencoder"].parameters(), lr=RATE, betas=BETAS),
        }
        self.averages = {name: EMAModel(parameters(), decay=DECAY) for name, parameters in unets.items()}

    def load(self) -> None:
        """Do nothing: the weights are made, not read."""

    @timed
    def diffusion(self) -> None:
        """Train the denoising network on a batch of latents."""
        self._denoise("diffusion")

    @timed
    def box(self) -> None:
        """Train the network of the model in the box on a batch of latents."""
        self._denoise("box")

    @timed
    def autoencoder(self) -> None:
        """Train the autoencoder on a batch of pictures."""
        generator, x, vae = self._draws("autoencoder"), self.batch.image, self.networks["autoencoder"]
        assert x is not None
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            posterior = vae.encode(x).latent_dist
            reconstruction = vae.decode(posterior.sample(generator)).sample
        likeness = (x - reconstruction.float()).abs().sum() / len(x)
        self._learn(likeness + KL_WEIGHT * posterior.kl().mean(), "autoencoder")
        self.loss = likeness.item()

    def _denoise(self, name: str) -> None:
        generator, latents = self._draws(name), self.batch.moments
        assert latents is not None
        t = torch.randint(0, 1000, (len(latents),), generator=generator)
        noise = torch.randn(latents.shape, generator=generator)
        noisy = self.schedule.add_noise(latents, noise, t)
        context = self.table[self.batch.class_label][:, None]
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            predicted = self.networks[name](noisy, t, context).sample
        self._learn(F.mse_loss(predicted.float(), noise), name)
        self.averages[name].step(self.networks[name].parameters())

    def _draws(self, name: str) -> torch.Generator:
        """Return the source of the draws that ours makes in the same step."""
        self.steps[name] += 1
        return torch.Generator().manual_seed(step_seed(SEED, self.steps[name] - 1))

    def _learn(self, loss: Tensor, name: str) -> None:
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.networks[name].parameters(), 1.0)
        self.optimizers[name].step()
        self.optimizers[name].zero_grad()
        self.loss = loss.item()
