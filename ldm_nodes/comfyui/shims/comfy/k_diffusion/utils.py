"""`comfy.k_diffusion.utils`: shapes."""

from __future__ import annotations

from torch import Tensor


def append_dims(x: Tensor, target_dims: int) -> Tensor:
    """Return a tensor with more dimensions of size 1 at the end, so many in all.

    Raises:
        ValueError: when it has more already.
    """
    if x.ndim > target_dims:
        raise ValueError(f"The input has {x.ndim} dimensions, more than the {target_dims} asked for.")
    return x.reshape(*x.shape, *[1] * (target_dims - x.ndim))
