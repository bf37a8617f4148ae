"""Which latents and pictures go together, and with which autoencoder and network; `pairing.py` says how it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ..engine.errors import InputError
from ..models.kinds import LatentKind, VaeKind

Notice = Callable[[str], None]

CLOSE = 1e-3
"""Scale factors of one latent space, measured or rounded, differ by less than this part."""


def check_start(own: LatentKind, latent: LatentKind, notice: Notice) -> None:
    """Refuse to start a network on a latent with other channels than its own.

    An empty latent is but a size; it is told where it means another size than it says.
    """
    if latent.blank:
        if latent.downscale and own.downscale and latent.downscale != own.downscale:
            ratio = own.downscale / latent.downscale
            notice(
                f"The empty latent counts {latent.downscale} pixels for a cell and {own.origin} has {own.downscale}: "
                f"the picture will have {ratio:g} times the sides asked for. Use Empty Latent (for a VAE)."
            )
        return
    if latent.channels != own.channels:
        remedy = f"Encode the picture with the VAE of {own.origin.owner}, or start from an empty latent."
        raise _wrong_channels("latent_image", latent, f"the {own.channels} channels of {own.origin}", remedy)
    remedy = f"Decode it with its own VAE and encode the picture with that of {own.origin.owner}."
    _doubt_space(latent, own, remedy, notice)


def check_decoding(vae: VaeKind | None, latent: LatentKind | None, notice: Notice) -> None:
    """Refuse a latent with other channels than the autoencoder decodes."""
    if vae is None or latent is None:
        return
    own = vae.latents
    remedy = f"Connect the VAE of {latent.origin.owner}: the autoencoder of the model that made the latent."
    if latent.channels != own.channels:
        expected = f"the {own.channels} channels of this autoencoder, that of {own.origin}"
        raise _wrong_channels("samples", latent, expected, remedy)
    _doubt_space(latent, own, remedy, notice)


def check_latents(first: LatentKind | None, second: LatentKind | None, name: str, notice: Notice) -> None:
    """Refuse to mix latents with different channels; `name` is the input of the second."""
    if first is None or second is None:
        return
    remedy = "Encode both with the same VAE."
    if first.channels != second.channels:
        expected = f"the {first.channels} channels of the other latent, {first.origin.made}"
        raise _wrong_channels(name, second, expected, remedy)
    _doubt_space(second, first, remedy, notice)


def _wrong_channels(name: str, latent: LatentKind, expected: str, remedy: str) -> InputError:
    received = f"a latent with {latent.channels} channels, {latent.origin.made}"
    return InputError(name, received=received, expected=expected, remedy=remedy, origin=latent.origin.file)


def _doubt_space(latent: LatentKind, own: LatentKind, remedy: str, notice: Notice) -> None:
    """Tell of a latent of the right shape from another latent space: the colours come out wrong."""
    scaled = latent.scale_factor and own.scale_factor and abs(latent.scale_factor / own.scale_factor - 1) > CLOSE
    shrunk = latent.downscale and own.downscale and latent.downscale != own.downscale
    if scaled or shrunk:
        notice(
            f"The latent was {latent.origin.made} and goes to {own.origin}, whose latents mean other colours "
            f"(scale {latent.scale_factor}, 1:{latent.downscale} against {own.scale_factor}, 1:{own.downscale}). "
            f"{remedy}"
        )


def check_pixels(vae: VaeKind, colours: int) -> None:
    """Refuse pictures with other colour channels than the autoencoder encodes."""
    if colours == vae.colours:
        return
    raise InputError(
        "pixels",
        received=f"pictures with {colours} colour channels",
        expected=f"the {vae.colours} that the autoencoder of {vae.latents.origin} encodes",
        remedy="Connect an IMAGE of red, green and blue (batch, height, width, 3); a mask is no picture.",
    )


def check_batch(name: str, received: int, expected: int, repeats: Literal["either", "this", "neither"]) -> None:
    """Refuse batches that cannot be matched one to one.

    Args:
        name: the input.
        received: the length of its batch.
        expected: the length of the other input's batch.
        repeats: which of the two may be one that serves all of the other.
    """
    singles = {"either": (received, expected), "this": (received,), "neither": ()}[repeats]
    if received == expected or 1 in singles:
        return
    raise InputError(
        name,
        received=f"a batch of {received}",
        expected=f"{'' if repeats == 'neither' else '1 or '}{expected}, as in the other input",
        remedy="Make both batches equally long, or take one of it (Latent From Batch does so for latents).",
    )
