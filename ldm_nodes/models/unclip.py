"""Pictures as conditions: CLIP embeddings with noise, as Stable unCLIP and SDXL's "revision" read them.

The embedding of a picture is diffused to a noise level, which the network is told (arXiv 2204.06125 §2.1;
ldm/modules/encoders/modules.py of Stability-AI, CLIPEmbeddingNoiseAugmentation).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ..sampling.noise_schedule import NoiseSchedule, make_beta_schedule
from .blocks import timestep_embedding
from .errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MERGE_NOISE = 0.05
"""How noisy the sum of several pictures is made."""
STEPS = 1000


@dataclass(frozen=True)
class NoiseAugmentor:
    """Adds noise to embeddings of pictures.

    Attributes:
        width: of the embeddings.
        mean: (D,) of the embeddings that the network was trained with, or None for 0.
        std: (D,) their standard deviation, or None for 1.
    """

    width: int
    mean: Tensor | None = None
    std: Tensor | None = None

    def __call__(self, embedding: Tensor, augmentation: float, seed: int) -> Tensor:
        """Return noisy embeddings and their noise level, (B, 2 D), of embeddings (B, D).

        Args:
            embedding: of pictures.
            augmentation: noise from 0 to 1; even 0 adds a little.
            seed: of the noise.
        """
        if embedding.shape[-1] != self.width:
            raise ModelError(
                f"The embedding of the picture is {embedding.shape[-1]} wide and the model reads {self.width}: "
                "choose the CLIP vision model that belongs to this checkpoint."
            )
        level = round((STEPS - 1) * augmentation)
        abar = float(NoiseSchedule.from_betas(make_beta_schedule("squaredcos_cap_v2", STEPS)).alphas_cumprod[level])
        mean = torch.zeros(self.width) if self.mean is None else self.mean.float()
        std = torch.ones(self.width) if self.std is None else self.std.float()
        noise = torch.randn(embedding.shape, generator=torch.Generator().manual_seed(seed))
        clean = (embedding.float().cpu() - mean) / std
        noisy = (abar**0.5 * clean + (1 - abar) ** 0.5 * noise) * std + mean
        told = timestep_embedding(torch.full((len(embedding),), level), self.width)
        return torch.cat([noisy, told], dim=1)


def picture_vector(augmentor: NoiseAugmentor, given: Sequence[Mapping[str, Any]], seed: int = 0) -> Tensor:
    """Return the vector (1, 2 D) of the pictures of a conditioning; several are added up and made noisy once more.

    Args:
        augmentor: of the model.
        given: `unclip_conditioning`: each with `clip_vision_output`, `strength` and `noise_augmentation`.
        seed: of the noise.
    """
    vectors = [
        augmentor(embedding[None], entry["noise_augmentation"], seed) * entry["strength"]
        for entry in given
        for embedding in entry["clip_vision_output"].image_embeds
    ]
    total = torch.stack(vectors).sum(dim=0)
    return total if len(vectors) == 1 else augmentor(total[:, : augmentor.width], MERGE_NOISE, seed)
