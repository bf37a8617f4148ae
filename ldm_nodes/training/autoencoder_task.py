"""A first stage in training: autoencoder and discriminator learn in turn from every batch (arXiv 2112.10752, §G)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ..models.autoencoder import AutoencoderKL, VQModel
from ..models.blocks import maybe_checkpoint
from ..models.distribution import DiagonalGaussian
from .autoencoder import KLLoss, LossStep, Reconstruction, VQLoss, last_layer, make_optimizers, reconstruct
from .ema import ExponentialAverage
from .errors import DataError, TrainingError
from .shard import WHOLE, Shard
from .task import AVERAGE, Learner, fill, shared, under, unshared, without_sync

if TYPE_CHECKING:
    from .batches import Batch


class Reconstructor(nn.Module):
    """The autoencoder as training runs it: noise is drawn for the whole batch, each process takes its rows."""

    def __init__(self, model: AutoencoderKL | VQModel, shard: Shard = WHOLE, checkpointing: bool = False) -> None:
        super().__init__()
        self.model = model
        self.shard = shard
        self.checkpointing = checkpointing

    def forward(self, x: Tensor, generator: torch.Generator) -> Reconstruction:
        """Encode and decode this process's pictures x (B, C, H, W)."""
        model = self.model
        if not isinstance(model, AutoencoderKL):
            return reconstruct(model, x)
        posterior = DiagonalGaussian(
            maybe_checkpoint(self.checkpointing, lambda pictures: model.encode(pictures).parameters, x)
        )
        rows, *shape = posterior.mean.shape
        whole = rows * self.shard.processes
        noise = torch.randn((whole, *shape), generator=generator, device=generator.device)
        latent = posterior.sample(noise=noise[self.shard.rows(whole)])
        return Reconstruction(maybe_checkpoint(self.checkpointing, model.decode, latent), posterior.kl())


class AutoencoderTask:
    """Trains an autoencoder.

    Attributes:
        model: the autoencoder.
        loss: its loss, with the discriminator.
    """

    monitor = "rec_loss"

    def __init__(
        self,
        model: AutoencoderKL | VQModel,
        loss: KLLoss | VQLoss,
        *,
        shard: Shard = WHOLE,
        lr_g_factor: float = 1.0,
        ema_decay: float | None = None,
        checkpointing: bool = False,
    ) -> None:
        """Prepare training.

        Args:
            model: the autoencoder.
            loss: its loss.
            shard: the process that this is.
            lr_g_factor: factor on the learning rate of the autoencoder.
            ema_decay: decay of the averaged weights; None averages none.
            checkpointing: compute activations of a Gaussian autoencoder again in the backward pass.
        """
        self.model = model
        self.loss = loss
        loss.requires_grad_(False)  # logvar never learns, and LPIPS is a judge
        loss.discriminator.requires_grad_(True)
        generator, discriminator = make_optimizers(model, loss, 1.0)
        self._reconstruct = shared(Reconstructor(model, shard, checkpointing), shard.processes)
        loss.discriminator = shared(loss.discriminator, shard.processes)  # type: ignore[assignment]
        self.learners = (
            Learner("autoencoder", generator, self._learn_model, self._reconstruct, rate=lr_g_factor),
            Learner("discriminator", discriminator, self._learn_judge, loss.discriminator, loss.config.judges),
        )
        self.average = None if ema_decay is None else ExponentialAverage(model, ema_decay)

    @property
    def averaged(self) -> nn.Module:
        """The network whose weights are averaged."""
        return self.model

    def prepare(self, batch: Batch, generator: torch.Generator) -> str | None:
        """Do nothing: autoencoders need no first batch."""
        return None

    @torch.no_grad()
    def validate(self, batch: Batch, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Return the losses of a batch, reconstructed from its most likely latents by the averaged weights if any."""
        x = self._pictures(batch)
        self.loss.eval()
        try:
            with self._averaged():
                step = self.loss.generator_loss(x, self._likeliest(x), 0, last_layer(self.model))
        finally:
            self.loss.train()
        return {name: value for name, value in step.scalars.items() if name in ("rec_loss", "nll_loss", "kl_loss")}

    @torch.no_grad()
    def rows(self, batch: Batch) -> list[tuple[str, Tensor]]:
        """Return the pictures and their reconstructions."""
        x = self._pictures(batch)
        with self._averaged():
            return [("pictures", x), ("reconstructions", self._likeliest(x).pictures)]

    def state(self) -> dict[str, Tensor]:
        """Return the autoencoder, its averages and, as `loss.…`, the discriminator; LPIPS is never stored."""
        loss = {f"loss.discriminator.{name}": value for name, value in self._judge().state_dict().items()}
        if isinstance(self.loss, KLLoss):
            loss["loss.logvar"] = self.loss.logvar.detach()
        averages = {} if self.average is None else self.average.state_dict()
        return {**self.model.state_dict(), **loss, **{AVERAGE + name: value for name, value in averages.items()}}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state` returned."""
        fill(self.model, state, "The checkpoint")
        fill(self._judge(), under(state, "loss.discriminator."), "The checkpoint's discriminator")
        if isinstance(self.loss, KLLoss):
            self.loss.logvar.data.copy_(state["loss.logvar"])
        if self.average is not None:
            self.average.load_state_dict(under(state, AVERAGE))

    def companions(self) -> dict[str, Path]:
        """Return nothing: an autoencoder stands alone."""
        return {}

    def _learn_model(self, batch: Batch, step: int, generator: torch.Generator) -> LossStep:
        x = self._pictures(batch)
        # The discriminator only judges here: its gradients are not wanted, so no process waits for them.
        with without_sync(self.loss.discriminator):
            return self.loss.generator_loss(x, self._reconstruct(x, generator), step, last_layer(self.model))

    def _learn_judge(self, batch: Batch, step: int, generator: torch.Generator) -> LossStep:
        x = self._pictures(batch)
        with torch.no_grad():
            reconstruction = unshared(self._reconstruct)(x, generator)
        return self.loss.discriminator_loss(x, reconstruction, step)

    def _likeliest(self, x: Tensor) -> Reconstruction:
        if isinstance(self.model, AutoencoderKL):
            posterior = self.model.encode(x)
            return Reconstruction(self.model.decode(posterior.mode()), posterior.kl())
        return reconstruct(self.model, x)

    def _pictures(self, batch: Batch) -> Tensor:
        if batch.image is None:
            raise TrainingError("An autoencoder learns from pictures, and the batch has none.")
        if self.model.config.in_channels != batch.image.shape[1]:
            raise DataError(f"The autoencoder takes {self.model.config.in_channels} channels; pictures have 3.")
        return batch.image.to(last_layer(self.model).device)

    def _judge(self) -> nn.Module:
        return unshared(self.loss.discriminator)

    def _averaged(self) -> AbstractContextManager[None]:
        return nullcontext() if self.average is None else self.average.in_place_of(self.model)
