"""The kinds of conditionings and latents, and the marks by which a value on a wire tells what made it.

A model, an encoder and an autoencoder have a `kind`. Conditionings and latents are ComfyUI's plain lists and dicts:
what cannot be read off the tensors stands in the dicts under `MARK`, as JSON, and survives nodes that copy these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from ..models.kinds import UNKNOWN, ClipKind, ControlKind, LatentKind, Origin

if TYPE_CHECKING:
    from torch import Tensor

    from ..models.kinds import Gives
    from .sockets import Cond, Latent

MARK = "made_by"


@dataclass(frozen=True)
class Absent:
    """Stands for a part that a file does not have; when it runs, the wire carries None."""


@dataclass(frozen=True)
class EntryKind:
    """One entry of a conditioning.

    Attributes:
        origin: the model whose encoder made it.
        gives: what was encoded, if known.
        width: of its context, if known.
        pooled: width of its pooled vector, or None.
        picture: channels of the picture that goes with it (`concat_image`), or None.
        encoded: channels of the encoded picture that goes with it (`concat_latent_image`), or None.
        masked: whether a mask of that picture goes with it (`concat_mask`).
        controls: the control networks that steer it.
    """

    origin: Origin = UNKNOWN
    gives: Gives | None = None
    width: int | None = None
    pooled: int | None = None
    picture: int | None = None
    encoded: int | None = None
    masked: bool = False
    controls: tuple[ControlKind, ...] = ()


@dataclass(frozen=True)
class CondKind:
    """A conditioning: its entries."""

    entries: tuple[EntryKind, ...]

    @classmethod
    def by(cls, clip: ClipKind) -> CondKind:
        """Return what an encoder makes."""
        return cls((EntryKind(clip.origin, clip.gives, clip.width, clip.pooled),))


def with_encoded_picture(
    conditioning: CondKind | None, latents: LatentKind | None, *, masked: bool = False
) -> CondKind | None:
    """Return the kind of a conditioning after a picture, with its mask or without, was encoded and added to it."""
    if conditioning is None or latents is None:
        return None
    given = (replace(entry, encoded=latents.channels, masked=masked or entry.masked) for entry in conditioning.entries)
    return CondKind(tuple(given))


def cond_mark(clip: ClipKind) -> dict[str, Any]:
    """Return what an encoder adds to the options of an entry."""
    return {MARK: {"family": clip.origin.family, "file": clip.origin.file, "gives": clip.gives}}


def cond_kind(conditioning: Cond) -> CondKind:
    """Return the kind of a conditioning, whoever made it."""
    return CondKind(tuple(_entry_kind(context, options) for context, options in conditioning))


def _entry_kind(context: Tensor, options: Mapping[str, Any]) -> EntryKind:
    mark = _mark(options)
    pooled = options.get("pooled_output")
    return EntryKind(
        origin=_origin(mark),
        gives=cast("Gives | None", mark.get("gives")),
        width=context.shape[-1],
        pooled=None if pooled is None else pooled.shape[-1],
        picture=_channels(options.get("concat_image")),
        encoded=_channels(options.get("concat_latent_image")),
        masked=options.get("concat_mask") is not None,
        controls=tuple(_controls(options.get("control"))),
    )


def _controls(control: Any) -> Iterator[ControlKind]:
    """Return the kinds of a chain of control networks; those of packs have none."""
    while control is not None:
        kind = getattr(control, "kind", None)
        if isinstance(kind, ControlKind):
            yield kind
        control = control.previous_controlnet


def latent_mark(kind: LatentKind) -> dict[str, Any]:
    """Return what a node adds to a latent that it made."""
    told = {"downscale": kind.downscale, "scale_factor": kind.scale_factor}
    return {MARK: {"family": kind.origin.family, "file": kind.origin.file, **told}}


def latent_kind(latent: Latent) -> LatentKind | None:
    """Return the kind of a latent, whoever made it; None for one that is no batch of pictures."""
    samples, mark = latent["samples"], _mark(latent)
    if samples.ndim != 4:
        return None
    blank = not samples.is_meta and not samples.any()
    return LatentKind(_origin(mark), samples.shape[1], mark.get("downscale"), mark.get("scale_factor"), blank)


def _mark(options: Mapping[str, Any]) -> Mapping[str, Any]:
    mark = options.get(MARK)
    return mark if isinstance(mark, Mapping) else {}


def _origin(mark: Mapping[str, Any]) -> Origin:
    return Origin(mark.get("family", ""), mark.get("file", ""))


def _channels(picture: Tensor | None) -> int | None:
    return None if picture is None else picture.shape[1] if picture.ndim == 4 else 1
