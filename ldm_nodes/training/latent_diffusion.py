"""A latent diffusion model in training: which of its parts learn, and the loss of a batch.

The module is what an optimiser, `DistributedDataParallel` or `ExponentialAverage` is given; the loop around it is
`loop.py`. As in the original (ddpm.py of CompVis), the autoencoder never learns here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import torch
from torch import Tensor, nn

from ..models.autoencoder import AutoencoderKL
from ..models.distribution import DiagonalGaussian
from .conditions import DroppedAs, conditions
from .diffusion import DiffusionLoss, Objective, diffusion_loss, draw, scale_of
from .errors import TrainingError
from .shard import WHOLE, Shard

if TYPE_CHECKING:
    from ..models.autoencoder import VQModelInterface
    from ..models.latent_diffusion import LatentDiffusion
    from ..sampling.noise_schedule import NoiseSchedule
    from .batches import Batch


@dataclass(frozen=True)
class DiffusionOptions:
    """How a latent diffusion model learns.

    Attributes:
        objective: what is predicted and how errors weigh.
        logvar_init: log-variance of the error at every step, to begin with.
        learn_logvar: whether the log-variances learn.
        train_conditioner: whether the conditioner learns.
        dropout: probability that a sample loses its condition.
        dropped_as: what it gets instead; see `conditions.py`.
    """

    objective: Objective = field(default_factory=Objective)
    logvar_init: float = 0.0
    learn_logvar: bool = False
    train_conditioner: bool = False
    dropout: float = 0.0
    dropped_as: DroppedAs = "empty"

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Read the `params` of a LatentDiffusion in a YAML file of the original code; others are not looked at.

        Of Stability's `ucg_training` the probability counts; `min_snr_gamma` and `dropped_as` are additions of ours.
        """
        rates = [float(entry["p"]) for entry in (params.get("ucg_training") or {}).values()]
        gamma = params.get("min_snr_gamma")
        return cls(
            objective=Objective(
                prediction=params.get("parameterization", "eps"),
                distance=params.get("loss_type", "l2"),
                simple_weight=float(params.get("l_simple_weight", 1.0)),
                elbo_weight=float(params.get("original_elbo_weight", 0.0)),
                min_snr_gamma=None if gamma is None else float(gamma),
            ),
            logvar_init=float(params.get("logvar_init", 0.0)),
            learn_logvar=bool(params.get("learn_logvar", False)),
            train_conditioner=bool(params.get("cond_stage_trainable", False)),
            dropout=float(params.get("condition_dropout", max(rates, default=0.0))),
            dropped_as=params.get("dropped_as", "empty"),
        )


class DiffusionTraining(nn.Module):
    """A model with what its training adds.

    Attributes:
        model: the model; its denoising network learns.
        options: how.
        shard: the process that this is.
        logvar: (n,) log-variance of the error at each step; a parameter if it learns.
    """

    logvar: Tensor

    def __init__(self, model: LatentDiffusion, options: DiffusionOptions, shard: Shard = WHOLE) -> None:
        """Freeze what does not learn.

        Raises:
            TrainingError: if the conditioner is to learn and there is none of its own.
        """
        super().__init__()
        self.model = model
        self.options = options
        self.shard = shard
        self._schedule = model.schedule
        logvar = torch.full((len(model.schedule),), options.logvar_init)
        if options.learn_logvar:
            self.logvar = nn.Parameter(logvar)
        else:
            self.register_buffer("logvar", logvar, persistent=False)
        self._freeze()
        self.train()

    def forward(self, batch: Batch, generator: torch.Generator) -> DiffusionLoss:
        """Return the loss of this process's rows of a batch.

        Args:
            batch: this process's rows.
            generator: the source of all draws, in the same state in all processes.
        """
        moments = self.moments(batch)
        gaussian = isinstance(self.model.first_stage_model, AutoencoderKL)
        shape = self._latent_shape(moments)
        schedule = self._schedule_on(moments.device)
        draws = draw(generator, shape, len(schedule), posterior=gaussian, dropout=self.options.dropout)
        mine = draws.part(self.shard).to(moments.device)
        latent = latent_of(moments, mine.posterior) * self.model.scale_factor
        with nullcontext() if self.options.train_conditioner else torch.no_grad():
            condition = conditions(self.model, batch, mine.dropped, latent.shape[-2:], self.options.dropped_as)
        return diffusion_loss(
            lambda x, t: self.model.apply_model(x, t, condition),
            schedule,
            self.options.objective,
            latent,
            mine.t,
            mine.noise,
            self.logvar,
        )

    @torch.no_grad()
    def moments(self, batch: Batch) -> Tensor:
        """Return what the autoencoder says of a batch, on the network's device; see `encode_moments`."""
        device = next(self.model.model.parameters()).device
        if batch.moments is not None:
            return batch.moments.to(device).float()
        if batch.image is None:
            raise TrainingError("A batch has neither pictures nor latents.")
        return encode_moments(self.model.first_stage_model, batch.image.to(device))

    @torch.no_grad()
    def measure_scale(self, batch: Batch, generator: torch.Generator) -> float:
        """Set the scale factor so that the latents of a batch have unit deviation, and return it (scale_by_std).

        Args:
            batch: the first batch, all of it and the same in every process.
            generator: the source of the autoencoder's sample; it is the first draw of all.

        Raises:
            TrainingError: if the scale factor is fixed, or was set already.
        """
        scale = self.model.scale_factor
        if not isinstance(scale, Tensor):
            raise TrainingError("The scale factor of this model is fixed; only with scale_by_std it is measured.")
        if scale != 1.0:
            raise TrainingError(f"The scale factor is {float(scale)} already; it can only be measured if it is 1.")
        moments = self.moments(batch)
        noise = None
        if isinstance(self.model.first_stage_model, AutoencoderKL):
            shape = (len(batch), *self._latent_shape(moments)[1:])
            noise = torch.randn(shape, generator=generator, device=generator.device).to(moments.device)
        scale.fill_(scale_of(latent_of(moments, noise)))
        return float(scale)

    def learning(self) -> list[nn.Parameter]:
        """Return the parameters that learn: the network's, the conditioner's, the log-variances."""
        return [parameter for parameter in self._in_order() if parameter.requires_grad]

    def state(self) -> dict[str, Tensor]:
        """Return what a checkpoint stores: the model's tensors and, if they learn, the log-variances."""
        extra = {"logvar": self.logvar.detach()} if self.options.learn_logvar else {}
        return {**self.model.state_dict(), **extra}

    def train(self, mode: bool = True) -> Self:
        """Set the mode of the parts that learn; the others always run as in use."""
        super().train(mode)
        for part in self._fixed():
            part.eval()
        return self

    def _in_order(self) -> Iterator[nn.Parameter]:
        yield from self.model.model.parameters()
        if self.options.train_conditioner and self.model.encoder is not None:
            yield from self.model.encoder.parameters()
        if isinstance(self.logvar, nn.Parameter):
            yield self.logvar

    def _fixed(self) -> list[nn.Module]:
        parts = [self.model.first_stage_model, None if self.options.train_conditioner else self.model.encoder]
        return [part for part in parts if part is not None]

    def _freeze(self) -> None:
        encoder = self.model.encoder
        if self.options.train_conditioner and (encoder is None or encoder is self.model.first_stage_model):
            raise TrainingError("The conditioner is to be trained and the model has none of its own.")
        self.model.model.requires_grad_(True)
        if encoder is not None:
            encoder.requires_grad_(True)
        for part in self._fixed():
            part.requires_grad_(False)

    def _schedule_on(self, device: torch.device) -> NoiseSchedule:
        """Return the noise schedule on a device; it is moved there once."""
        if self._schedule.betas.device != device:
            self._schedule = self._schedule.to(device)
        return self._schedule

    def _latent_shape(self, moments: Tensor) -> tuple[int, ...]:
        """Return the shape of the latents of the whole batch, over all processes."""
        rows, channels, *size = moments.shape
        halves = 2 if isinstance(self.model.first_stage_model, AutoencoderKL) else 1
        return rows * self.shard.processes, channels // halves, *size


def encode_moments(first_stage: AutoencoderKL | VQModelInterface | None, image: Tensor) -> Tensor:
    """Return what an autoencoder says of pictures (B, 3, H, W) in [-1, 1]: (B, C, h, w).

    Of a Gaussian these are the means and log-variances, so that every visit can draw a new sample; of a model with a
    codebook the latent before it; without an autoencoder the picture.
    """
    if first_stage is None:
        return image
    encoded = first_stage.encode(image)
    return encoded.parameters if isinstance(encoded, DiagonalGaussian) else encoded


def latent_of(moments: Tensor, noise: Tensor | None) -> Tensor:
    """Return the latents that moments and noise give; without noise the moments are the latents."""
    return moments if noise is None else DiagonalGaussian(moments).sample(noise=noise)
