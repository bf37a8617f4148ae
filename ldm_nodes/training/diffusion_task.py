"""Latent diffusion in training, as the loop sees it: one optimiser, averaged weights, samples to look at."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from ..models.autoencoder import AutoencoderKL
from ..models.conditioners import BERTEmbedder
from ..models.families import CONDITIONER, FIRST_STAGE
from ..models.model_config import SharedFirstStage
from ..sampling.ddim import DDIMPlan, ddim
from ..sampling.noise import prepare_noise
from ..sampling.steps import final
from ..sampling.timesteps import ddim_timesteps
from .autoencoder import LossStep
from .conditions import conditions
from .ema import ExponentialAverage
from .latent_diffusion import DiffusionOptions, DiffusionTraining
from .shard import WHOLE, Shard
from .task import AVERAGE, Learner, fill, shared, under

if TYPE_CHECKING:
    from ..models.latent_diffusion import LatentDiffusion
    from ..sampling.denoiser import NoisePredictor
    from .batches import Batch
    from .diffusion import DiffusionLoss


class DiffusionTask:
    """Trains a latent diffusion model.

    Attributes:
        training: the model with what its training adds.
    """

    def __init__(
        self,
        model: LatentDiffusion,
        options: DiffusionOptions,
        *,
        shard: Shard = WHOLE,
        ema_decay: float | None = 0.9999,
        sample_steps: int = 50,
        guidance: float = 1.0,
    ) -> None:
        """Prepare training.

        Args:
            model: the model.
            options: how it learns.
            shard: the process that this is.
            ema_decay: decay of the averaged weights; None averages none.
            sample_steps: DDIM steps of a sample.
            guidance: scale of classifier-free guidance in samples; 1 is none.
        """
        self.training = DiffusionTraining(model, options, shard)
        # Text encoders keep a layer that no output depends on.
        module = shared(self.training, shard.processes, all_learn=not options.train_conditioner)
        optimizer = torch.optim.AdamW(self.training.learning(), lr=1.0, fused=True)
        self._module = module
        self.learners = (Learner("model", optimizer, self._learn, module),)
        self.average = None if ema_decay is None else ExponentialAverage(model.model, ema_decay)
        self._sample_steps = min(sample_steps, len(model.schedule))
        self._guidance = guidance

    @property
    def model(self) -> LatentDiffusion:
        """The model."""
        return self.training.model

    @property
    def averaged(self) -> nn.Module:
        """The network whose weights are averaged."""
        return self.model.model

    @property
    def monitor(self) -> str:
        """The error without weights."""
        return "loss_simple"

    def prepare(self, batch: Batch, generator: torch.Generator) -> str | None:
        """Measure the scale factor on the first batch of all, where the configuration asks for that.

        A model that starts from a checkpoint keeps the one that was measured for it, as in the original.
        """
        if not self.model.config.scale_by_std:
            return None
        if self.model.scale_factor != 1.0:
            return f"The scale factor stays {float(self.model.scale_factor):.6g}, that of the checkpoint."
        return f"The scale factor is {self.training.measure_scale(batch, generator):.6g}, measured on the first batch."

    @torch.no_grad()
    def validate(self, batch: Batch, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Return the losses of a batch under the averaged weights if there are any."""
        self.training.eval()
        try:
            with self._averaged():
                loss: DiffusionLoss = self.training(batch, generator)
        finally:
            self.training.train()
        return loss.named()

    @torch.no_grad()
    def rows(self, batch: Batch) -> list[tuple[str, Tensor]]:
        """Return samples under the conditions of a batch, and its pictures where it has them."""
        self.training.eval()
        try:
            with self._averaged():
                made = self._sampled(batch)
        finally:
            self.training.train()
        return [("samples", made)] if batch.image is None else [("pictures", batch.image), ("samples", made)]

    def state(self) -> dict[str, Tensor]:
        """Return the model under the original's names with its averages; a shared first stage is stored once."""
        state = self.training.state()
        if isinstance(self.model.config.conditioner, SharedFirstStage):
            state = {name: value for name, value in state.items() if not name.startswith(CONDITIONER)}
        averages = {} if self.average is None else self.average.state_dict()
        return {**state, **{AVERAGE + name: value for name, value in averages.items()}}

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Continue from what `state` returned."""
        again = {}
        if isinstance(self.model.config.conditioner, SharedFirstStage):
            again = {CONDITIONER + name: value for name, value in under(state, FIRST_STAGE).items()}
        fill(self.model, {**state, **again}, "The checkpoint")
        if self.training.options.learn_logvar:
            self.training.logvar.data.copy_(state["logvar"])
        if self.average is not None:
            self.average.load_state_dict(under(state, AVERAGE))

    def companions(self) -> dict[str, Path]:
        """Return the vocabulary of a text encoder that has one of its own."""
        encoder = self.model.encoder
        if isinstance(encoder, BERTEmbedder) and encoder.vocab is not None:
            return {"vocab.txt": encoder.vocab}
        towers = self.model.config.conditioner
        merges = towers[0].merges if isinstance(towers, tuple) and towers else None
        return {} if merges is None else {"model.merges.txt": merges}

    def _learn(self, batch: Batch, step: int, generator: torch.Generator) -> LossStep:
        loss: DiffusionLoss = self._module(batch, generator)
        return LossStep(loss.total, loss.named())

    def _averaged(self) -> AbstractContextManager[None]:
        return nullcontext() if self.average is None else self.average.in_place_of(self.averaged)

    def _sampled(self, batch: Batch) -> Tensor:
        """Sample one picture for each condition of a batch by DDIM, always from the same noise."""
        model, moments = self.model, self.training.moments(batch)
        channels = moments.shape[1] // (2 if isinstance(model.first_stage_model, AutoencoderKL) else 1)
        noise = prepare_noise((len(batch), channels, *moments.shape[2:]), seed=0).to(moments.device)
        plan = DDIMPlan.of(model.schedule, ddim_timesteps(self._sample_steps, len(model.schedule)))
        x = final(ddim(self._predictor(batch, noise), noise, plan))
        return x if model.first_stage_model is None else model.decode(x)

    def _predictor(self, batch: Batch, noise: Tensor) -> NoisePredictor:
        """Return the noise predictor under the conditions of a batch, guided if asked for and there is a condition."""
        nobody, everybody = (torch.full((len(batch),), value) for value in (False, True))
        dropped_as, size = self.training.options.dropped_as, noise.shape[-2:]
        given = conditions(self.model, batch, nobody, size, dropped_as)
        if self._guidance == 1 or not given.keys() & {"c_crossattn", "c_adm"}:
            return lambda x, t: self._noise(x, t, given)
        none = conditions(self.model, batch, everybody, size, dropped_as)

        def guided(x: Tensor, t: Tensor) -> Tensor:
            unconditional = self._noise(x, t, none)
            return unconditional + self._guidance * (self._noise(x, t, given) - unconditional)

        return guided

    def _noise(self, x: Tensor, t: Tensor, condition: dict[str, Any]) -> Tensor:
        """Return the noise that the network sees in x, whatever it predicts."""
        out = self.model.apply_model(x, t, condition).to(x.dtype)
        schedule = self.model.schedule.to(x.device)
        match self.training.options.objective.prediction:
            case "eps":
                return out
            case "v":
                return schedule.predict_noise_from_v(x, t, out)
            case "x0":
                return schedule.predict_noise_from_start(x, t, out)
