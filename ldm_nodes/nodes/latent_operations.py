"""Nodes that make operations on latents, and apply them."""

from __future__ import annotations

from typing import Annotated

from ..engine.sockets import Float, Int
from ..engine.spec import node
from .foreseeing import same
from .sockets import Latent, Operation


@node("LatentApplyOperation", category="latent/advanced/operations", experimental=True, foresee=same("samples"))
def latent_apply_operation(samples: Latent, operation: Operation) -> Latent:
    """Apply an operation to a latent."""
    return {**samples, "samples": operation(latent=samples["samples"])}


@node("LatentOperationTonemapReinhard", category="latent/advanced/operations", experimental=True)
def latent_operation_tonemap_reinhard(
    multiplier: Annotated[float, Float(min=0.0, max=100.0, step=0.01)] = 1.0,
) -> Operation:
    """Compress what is strong in a latent, so that colours do not burn out.

    Args:
        multiplier: how strong a cell may become, as a multiple of what is unusual in the latent.
    """
    from ..imaging.latent_mix import Tonemap

    return Tonemap(multiplier)


@node("LatentOperationSharpen", category="latent/advanced/operations", experimental=True)
def latent_operation_sharpen(
    sharpen_radius: Annotated[int, Int(min=1, max=31, step=1)] = 9,
    sigma: Annotated[float, Float(min=0.1, max=10.0, step=0.1)] = 1.0,
    alpha: Annotated[float, Float(min=0.0, max=5.0, step=0.01)] = 0.1,
) -> Operation:
    """Sharpen a latent by an unsharp mask on what its cells say, not on how strongly.

    Args:
        sharpen_radius: how far the blur reaches against which details are measured, in cells.
        sigma: its standard deviation as a part of the radius.
        alpha: how much is added, in tens.
    """
    from ..imaging.latent_mix import Sharpen

    return Sharpen(sharpen_radius, sigma, alpha)
