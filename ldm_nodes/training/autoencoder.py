"""The losses that train a first stage: likeness, a regular latent, and an adversary (arXiv 2112.10752 §3.1, §G).

`KLLoss` and `VQLoss` differ only in how the likeness is averaged and in what keeps the latent regular. A training step
is two calls, each with an optimizer of its own and, in the original, with a reconstruction of its own:

    generator_loss      trains the autoencoder,
    discriminator_loss  trains the discriminator; its reconstruction needs no gradients.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import torch
from torch import Tensor, nn

from ..models.autoencoder import AutoencoderKL, VQModel
from .discriminator import DISC_LOSSES, NLayerDiscriminator
from .loss_config import KLLossConfig, LossConfig, VQLossConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

Config = TypeVar("Config", bound=LossConfig)
Scalars = dict[str, Tensor]

MAX_ADAPTIVE = 1e4
BETAS = (0.5, 0.9)


@dataclass(frozen=True)
class Reconstruction:
    """What an autoencoder made of a batch.

    Attributes:
        pictures: (B, C, H, W).
        regularizer: the KL divergence of each latent (B,), or the loss of the codebook, a scalar.
        indices: ids of the codebook entries in use, of any shape; None without a codebook.
    """

    pictures: Tensor
    regularizer: Tensor
    indices: Tensor | None = None


@dataclass(frozen=True)
class LossStep:
    """The result of one loss.

    Attributes:
        loss: the scalar to minimise.
        scalars: what to log, detached, under the original's names without `train/` or `val/`.
    """

    loss: Tensor
    scalars: Scalars


def reconstruct(model: AutoencoderKL | VQModel, x: Tensor, generator: torch.Generator | None = None) -> Reconstruction:
    """Encode and decode pictures x (B, C, H, W) in [-1, 1]; a KL latent is drawn, from `generator` if given."""
    if isinstance(model, AutoencoderKL):
        pictures, posterior = model(x, generator=generator)
        return Reconstruction(pictures, posterior.kl())
    latent, loss, indices = model.encode(x)
    return Reconstruction(model.decode(latent), loss, indices)


def last_layer(model: AutoencoderKL | VQModel) -> Tensor:
    """Return the weight by whose gradients the parts of the loss are balanced."""
    return model.decoder.conv_out.weight


def make_optimizers(
    model: AutoencoderKL | VQModel, loss: KLLoss | VQLoss, lr: float, lr_g_factor: float = 1.0
) -> tuple[torch.optim.Adam, torch.optim.Adam]:
    """Return the original's optimizers of the autoencoder and of the discriminator; `loss.logvar` is in neither.

    Args:
        model: the autoencoder.
        loss: the loss with its discriminator.
        lr: learning rate.
        lr_g_factor: factor on the learning rate of the autoencoder.
    """
    generator = torch.optim.Adam(model.parameters(), lr=lr_g_factor * lr, betas=BETAS, fused=True)
    return generator, torch.optim.Adam(loss.discriminator.parameters(), lr=lr, betas=BETAS, fused=True)


class AdversarialLoss(nn.Module, ABC, Generic[Config]):
    """What both losses share: the two judges, LPIPS and the discriminator.

    Args:
        config: weights and sizes.
        perceptual: LPIPS (`lpips.find_perceptual`); without it the perceptual weight is 0.
    """

    def __init__(self, config: Config, perceptual: nn.Module | None = None) -> None:
        super().__init__()
        self.config = config
        self.perceptual_loss = perceptual
        self.discriminator = NLayerDiscriminator(
            config.disc_in_channels, config.disc_ndf, config.disc_num_layers, config.use_actnorm
        )

    def generator_loss(
        self,
        x: Tensor,
        reconstruction: Reconstruction,
        step: int,
        last_layer: Tensor,
        *,
        cond: Tensor | None = None,
        weights: Tensor | None = None,
    ) -> LossStep:
        """Return the loss of the autoencoder.

        Args:
            x: pictures (B, C, H, W) in [-1, 1].
            reconstruction: what the autoencoder made of them.
            step: optimizer steps so far.
            last_layer: the decoder's last weight (`last_layer`).
            cond: condition (B, C', H, W) for a conditional discriminator.
            weights: factors on the likeness, of a shape that broadcasts to x; the adaptive weight does not see them.

        Raises:
            ValueError: in training mode without gradients; a condition that is missing or not expected.
        """
        nll, weighted_nll, likeness = self._likeness(x, reconstruction.pictures, weights)
        regularizer, latent = self._regularizer(reconstruction)
        adversarial, game = self._adversarial(nll, reconstruction.pictures, step, last_layer, cond)
        total = weighted_nll + regularizer + adversarial
        return LossStep(total, _detached(total_loss=total, **latent, **likeness, **game))

    def discriminator_loss(
        self, x: Tensor, reconstruction: Reconstruction, step: int, *, cond: Tensor | None = None
    ) -> LossStep:
        """Return the loss of the discriminator, whose gradients end before the autoencoder.

        Args:
            x: pictures (B, C, H, W) in [-1, 1].
            reconstruction: what the autoencoder made of them.
            step: optimizer steps so far.
            cond: condition (B, C', H, W) for a conditional discriminator.

        Raises:
            ValueError: a condition is missing or not expected.
        """
        real = self._judge(x.detach(), cond)
        fake = self._judge(reconstruction.pictures.detach(), cond)
        loss = self.config.factor(step) * DISC_LOSSES[self.config.disc_loss](real, fake)
        return LossStep(loss, _detached(disc_loss=loss, logits_real=real.mean(), logits_fake=fake.mean()))

    @abstractmethod
    def _likeness(self, x: Tensor, pictures: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor, Scalars]:
        """Return how unlike the pictures are, the same with the caller's weights, and what to log of it."""

    @abstractmethod
    def _regularizer(self, reconstruction: Reconstruction) -> tuple[Tensor, Scalars]:
        """Return the weighted part that keeps the latent regular, and what to log of it."""

    def _perceptual(self, x: Tensor, pictures: Tensor) -> Tensor:
        """Return the perceptual distance (B, 1, 1, 1), or zero if there is none to compute."""
        if self.perceptual_loss is None or self.config.perceptual_weight == 0:
            return pictures.new_zeros(1)
        distance: Tensor = self.perceptual_loss(x, pictures)
        return distance

    def _adversarial(
        self, nll: Tensor, pictures: Tensor, step: int, last_layer: Tensor, cond: Tensor | None
    ) -> tuple[Tensor, Scalars]:
        """Return the adversarial part of the generator's loss, ready weighted, and what to log of it."""
        zero = pictures.new_zeros(())
        if not self.config.judges(step):
            return zero, {"d_weight": zero, "disc_factor": zero, "g_loss": zero}
        with _frozen(self.discriminator):
            g_loss = -self._judge(pictures, cond).mean()
        d_weight, factor = zero, self.config.factor(step)
        if self.config.disc_factor > 0 and self._has_gradients(pictures, last_layer):
            d_weight = self.config.disc_weight * adaptive_weight(nll, g_loss, last_layer)
        return d_weight * factor * g_loss, {"d_weight": d_weight, "disc_factor": zero + factor, "g_loss": g_loss}

    def _has_gradients(self, pictures: Tensor, last_layer: Tensor) -> bool:
        found = pictures.requires_grad and last_layer.requires_grad
        if self.training and not found:
            raise ValueError("The adaptive weight needs gradients; call eval() on the loss to validate without them.")
        return found

    def _judge(self, pictures: Tensor, cond: Tensor | None) -> Tensor:
        if (cond is not None) != self.config.disc_conditional:
            raise ValueError(
                f"disc_conditional is {self.config.disc_conditional}, but a condition is "
                f"{'missing' if cond is None else 'given'}."
            )
        seen = pictures if cond is None else torch.cat([pictures, cond], dim=1)
        logits: Tensor = self.discriminator(seen)
        return logits


class KLLoss(AdversarialLoss[KLLossConfig]):
    """The loss of an AutoencoderKL (LPIPSWithDiscriminator of CompVis): a sum over each picture, a mean over the batch.

    Attributes:
        logvar: log-variance s of a pixel; the likeness is |x - x̂| / e^s + s. No optimizer here trains it.
    """

    def __init__(self, config: KLLossConfig, perceptual: nn.Module | None = None) -> None:
        super().__init__(config, perceptual)
        self.logvar = nn.Parameter(torch.tensor(float(config.logvar_init)))

    def _likeness(self, x: Tensor, pictures: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor, Scalars]:
        rec = (x - pictures).abs() + self.config.perceptual_weight * self._perceptual(x, pictures)
        each = rec / self.logvar.exp() + self.logvar
        nll = each.sum() / len(x)
        weighted = nll if weights is None else (weights * each).sum() / len(x)
        return nll, weighted, {"logvar": self.logvar, "nll_loss": nll, "rec_loss": rec.mean()}

    def _regularizer(self, reconstruction: Reconstruction) -> tuple[Tensor, Scalars]:
        kl = reconstruction.regularizer.mean()
        return self.config.kl_weight * kl, {"kl_loss": kl}


class VQLoss(AdversarialLoss[VQLossConfig]):
    """The loss of a VQModel (VQLPIPSWithDiscriminator of taming and CompVis): averages over everything."""

    def _likeness(self, x: Tensor, pictures: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor, Scalars]:
        difference = x - pictures
        pixels = difference.abs() if self.config.pixel_loss == "l1" else difference**2
        perceptual = self._perceptual(x, pictures)
        rec = pixels + self.config.perceptual_weight * perceptual
        nll = rec.mean()
        weighted = nll if weights is None else (weights * rec).mean()
        return nll, weighted, {"nll_loss": nll, "rec_loss": nll, "p_loss": perceptual.mean()}

    def _regularizer(self, reconstruction: Reconstruction) -> tuple[Tensor, Scalars]:
        codebook = reconstruction.regularizer.mean()
        logged = {"quant_loss": codebook}
        if self.config.n_classes is not None and reconstruction.indices is not None:
            logged["perplexity"], logged["cluster_usage"] = codebook_usage(
                reconstruction.indices, self.config.n_classes
            )
        return self.config.codebook_weight * codebook, logged


def adaptive_weight(nll: Tensor, g_loss: Tensor, last_layer: Tensor) -> Tensor:
    """Return the factor that gives the adversary as much pull on the last layer as the likeness has, up to 10,000.

    The ratio of the two gradients' lengths (arXiv 2012.09841, equation 7, with 1e-4 in place of its δ), detached.
    """
    likeness, adversary = (_length_of_gradient(part, last_layer) for part in (nll, g_loss))
    return (likeness / (adversary + 1e-4)).clamp(0.0, MAX_ADAPTIVE)


def codebook_usage(indices: Tensor, n_embed: int) -> tuple[Tensor, Tensor]:
    """Return the perplexity of codebook ids, at most n_embed, and how many entries occur at all."""
    counts = torch.bincount(indices.flatten(), minlength=n_embed)
    share = counts.float() / indices.numel()
    return (-(share * (share + 1e-10).log()).sum()).exp(), (counts > 0).sum()


def _length_of_gradient(scalar: Tensor, weight: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(scalar, weight, retain_graph=True)
    length: Tensor = torch.linalg.vector_norm(gradient)
    return length


@contextmanager
def _frozen(module: nn.Module) -> Iterator[None]:
    """Leave a module's parameters out of the graph that is built inside: only its input gets gradients."""
    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    for parameter in trained:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in trained:
            parameter.requires_grad_(True)


def _detached(**scalars: Tensor) -> Scalars:
    return {name: scalar.detach() for name, scalar in scalars.items()}
