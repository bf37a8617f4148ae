"""What is a picture, a mask, a latent: told of values on wires before a node meets them, so that no node has to ask.

Only shapes and number types are looked at, never a number.
"""

from __future__ import annotations

from typing import Any

from ..engine.errors import InputError

CHANNELS = (1, 3, 4)


def picture(name: str, value: Any) -> None:
    """Refuse what is no batch of pictures.

    Raises:
        InputError: as said.
    """
    shape = _shape(value)
    if len(shape) == 4 and 0 not in shape and shape[-1] in CHANNELS and value.is_floating_point():
        return
    expected = "pictures: floating-point numbers (batch, height, width, channels), the channels 1, 3 or 4"
    raise InputError(name, received=_told(value), expected=expected)


def mask(name: str, value: Any) -> None:
    """Refuse what is no mask.

    Raises:
        InputError: as said.
    """
    shape = _shape(value)
    is_flat = len(shape) in (2, 3) or (len(shape) == 4 and shape[1] == 1)
    if is_flat and 0 not in shape and value.is_floating_point():
        return
    expected = "a mask: floating-point numbers (batch, height, width) or (height, width)"
    raise InputError(name, received=_told(value), expected=expected)


def latent(name: str, value: Any) -> None:
    """Refuse what is no batch of latents of pictures.

    Raises:
        InputError: as said.
    """
    samples: Any = value.get("samples") if isinstance(value, dict) else value
    shape = _shape(samples)
    if isinstance(value, dict) and len(shape) == 4 and 0 not in shape and samples.is_floating_point():
        return
    raise InputError(
        name,
        received=f"a latent of {_told(samples)}" if isinstance(value, dict) else _told(value),
        expected="latents of pictures: samples (batch, channels, height, width), floating-point numbers",
    )


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(value.shape) if hasattr(value, "shape") and hasattr(value, "is_floating_point") else ()


def _told(value: Any) -> str:
    if not hasattr(value, "shape"):
        return f"a value of the type {type(value).__name__}"
    return f"a tensor of shape {tuple(value.shape)} and type {str(value.dtype).removeprefix('torch.')}"
