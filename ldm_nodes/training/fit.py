"""Whether the parts of a configuration fit together, asked before anything runs, while one can still say it plainly."""

from __future__ import annotations

from ..models.config import AutoencoderConfig, TokenEncoderConfig
from ..models.errors import WrongConfig
from ..models.model_config import ClassConfig, ModelConfig
from .loss_config import LossConfig
from .lpips import SMALLEST

UNET = "model.params.unet_config.params"


def check_model(model: ModelConfig) -> None:
    """Compare the widths of a diffusion model's parts.

    Raises:
        WrongConfig: two parts that are joined have different widths.
    """
    unet, first_stage = model.unet, model.first_stage
    if first_stage is not None and unet.out_channels != first_stage.embed_dim:
        raise WrongConfig(
            f"{UNET}.out_channels is {unet.out_channels}; the latents of the first stage have {first_stage.embed_dim} "
            "channels."
        )
    if model.conditioning_key in (None, "crossattn", "adm", "crossattn-adm") and unet.in_channels != unet.out_channels:
        raise WrongConfig(
            f"{UNET}.in_channels is {unet.in_channels} and out_channels {unet.out_channels}; without a picture beside "
            "the latent (conditioning_key concat or hybrid) they are the same."
        )
    width = context_width(model)
    if width is not None and unet.context_dim is not None and unet.context_dim != width:
        raise WrongConfig(f"{UNET}.context_dim is {unet.context_dim}; the conditioner's vectors are {width} wide.")


def context_width(model: ModelConfig) -> int | None:
    """Return how wide the vectors of a model's conditioner are; None where it makes none."""
    conditioner = model.conditioner
    if isinstance(conditioner, ClassConfig):
        return conditioner.embed_dim
    if isinstance(conditioner, TokenEncoderConfig):
        return conditioner.n_embed
    if isinstance(conditioner, tuple) and conditioner:
        return sum(tower.hidden_size for tower in conditioner)
    return None


def check_loss(loss: LossConfig, model: AutoencoderConfig) -> None:
    """Compare a loss with the autoencoder that it is for.

    Raises:
        WrongConfig: its discriminator takes something else than the pictures.
    """
    if loss.disc_conditional:
        raise WrongConfig("disc_conditional asks for a condition of the discriminator; autoencoders have none here.")
    if loss.disc_in_channels != model.out_ch or model.in_channels != 3 or model.out_ch != 3:
        raise WrongConfig(
            f"The autoencoder takes {model.in_channels} channels, gives {model.out_ch}, and its discriminator takes "
            f"{loss.disc_in_channels}; pictures have 3."
        )


def check_size(model: ModelConfig | AutoencoderConfig, size: int, *, perceptual: bool = False) -> None:
    """Compare the side of the pictures with how often the networks halve it.

    Raises:
        WrongConfig: it cannot be halved so often, or the perceptual loss cannot see so little.
    """
    halved = _halvings(model)
    if size % halved:
        raise WrongConfig(
            f"Pictures of {size} pixels cannot be halved as often as the networks do; choose a multiple of {halved} "
            "for data.params.train.size."
        )
    if perceptual and size < SMALLEST:
        raise WrongConfig(f"The perceptual loss needs pictures of {SMALLEST} pixels at least; they have {size}.")


def _halvings(model: ModelConfig | AutoencoderConfig) -> int:
    """Return the factor by which the smallest map of all networks is smaller than the picture."""
    if isinstance(model, AutoencoderConfig):
        return model.downscale
    first = 1 if model.first_stage is None else model.first_stage.downscale
    return first * int(2 ** (model.unet.levels - 1))
