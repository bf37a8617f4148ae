"""Nodes that put latents together into batches and take batches apart; each latent keeps the noise that it had."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.sockets import Choice, Int
from ..engine.spec import node
from .foreseeing import same
from .kinds import latent_kind
from .latent_mixing import blended_ahead
from .latent_pairing import check_latents
from .runtime import Runtime
from .sockets import Latent

if TYPE_CHECKING:
    from torch import Tensor

PIXELS = 8  # a cell of a latent in masks, as far as they are made here


@node("LatentFromBatch", category="latent/batch", display_name="Latent From Batch", foresee=same("samples"))
def latent_from_batch(
    samples: Latent,
    *,
    batch_index: Annotated[int, Int(min=0, max=63)] = 0,
    length: Annotated[int, Int(min=1, max=64)] = 1,
) -> Latent:
    """Take some latents of a batch; each keeps the noise it had there."""
    batch = samples["samples"]
    start = min(batch_index, len(batch) - 1)
    chosen = slice(start, min(start + length, len(batch)))
    indices = samples.get("batch_index", list(range(len(batch))))
    taken = {**samples, "samples": batch[chosen].clone(), "batch_index": indices[chosen]}
    if "noise_mask" in samples:
        masks = samples["noise_mask"]
        taken["noise_mask"] = masks.clone() if len(masks) == 1 else _repeated(masks, len(batch))[chosen].clone()
    return taken


@node("RepeatLatentBatch", category="latent/batch", display_name="Repeat Latent Batch", foresee=same("samples"))
def repeat_latent_batch(samples: Latent, *, amount: Annotated[int, Int(min=1, max=64)] = 1) -> Latent:
    """Repeat a batch of latents; every copy gets noise of its own."""
    batch = samples["samples"]
    repeated = {**samples, "samples": batch.repeat(amount, 1, 1, 1)}
    if "noise_mask" in samples and len(samples["noise_mask"]) > 1:
        repeated["noise_mask"] = _repeated(samples["noise_mask"], len(batch)).repeat(amount, 1, 1, 1)
    if "batch_index" in samples:
        indices = samples["batch_index"]
        span = max(indices) - min(indices) + 1
        repeated["batch_index"] = [index + span * copy for copy in range(amount) for index in indices]
    return repeated


def _repeated(masks: Tensor, count: int) -> Tensor:
    """Repeat `masks` along the batch until there are `count`."""
    copies = -(-count // len(masks))
    return masks.repeat(copies, 1, 1, 1)[:count]


@node("LatentBatch", category="latent/batch", foresee=blended_ahead)
def latent_batch(samples1: Latent, samples2: Latent, *, context: Context[Runtime]) -> Latent:
    """Put two batches together; the second is resized to the first and cut centrally where they differ."""
    import torch

    from ..imaging.resize import resize

    first, second = samples1["samples"], samples2["samples"]
    check_latents(latent_kind(samples1), latent_kind(samples2), "samples2", context.notice)
    if first.shape[1:] != second.shape[1:]:
        second = resize(second, first.shape[-1], first.shape[-2], "bilinear", "center")
    return {**samples1, "samples": torch.cat((first, second)), "batch_index": _indices(samples1) + _indices(samples2)}


def _indices(latent: Latent) -> list[int]:
    """Return where each latent of a batch stood in the batch that its noise was drawn for."""
    return list(latent.get("batch_index") or range(len(latent["samples"])))


@node("LatentBatchSeedBehavior", category="latent/advanced", foresee=same("samples"))
def latent_batch_seed_behavior(
    samples: Latent, seed_behavior: Annotated[str, Choice(("random", "fixed"))] = "fixed"
) -> Latent:
    """Give every latent of a batch noise of its own (`random`), or all the same (`fixed`)."""
    changed = {name: value for name, value in samples.items() if name != "batch_index"}
    if seed_behavior == "fixed":
        changed["batch_index"] = [_indices(samples)[0]] * len(samples["samples"])
    return changed


class _Single(NamedTuple):
    """One latent of a batch: the batch, its samples (1, C, h, w), its mask (1, 1, H, W) and its place in the noise."""

    batch: Latent
    samples: Tensor
    mask: Tensor
    place: int


@node("RebatchLatents", category="latent/batch", display_name="Rebatch Latents")
def rebatch_latents(
    latents: list[Latent],
    batch_size: list[Annotated[int, Int(min=1, max=4096)]] = [1],  # noqa: B006 - read only
) -> list[Latent]:
    """Deal a list of batches out anew into batches of a size; latents of different sizes are never mixed."""
    if not latents:
        raise InputError("latents", received="no latents", expected="at least one")
    singles = list[_Single]()
    for latent in latents:
        singles.extend(_singles(latent, len(singles)))
    alike = (list(group) for _, group in groupby(singles, key=lambda single: single.samples.shape))
    size = batch_size[0]
    return [_together(group[start : start + size]) for group in alike for start in range(0, len(group), size)]


def _singles(latent: Latent, before: int) -> list[_Single]:
    """Take a batch apart; `before` latents came earlier in the list, and their noise is drawn before."""
    import torch

    from ..imaging.batches import repeat_to
    from ..imaging.mask import resize_mask

    samples = latent["samples"]
    rows, columns = (side * PIXELS for side in samples.shape[-2:])
    mask = latent.get("noise_mask")
    masks = torch.ones(1, 1, rows, columns) if mask is None else resize_mask(mask, rows, columns)
    indices = latent.get("batch_index") or range(before, before + len(samples))
    parts = zip(torch.split(samples, 1), torch.split(repeat_to(masks, len(samples)), 1), indices, strict=True)
    return [_Single(latent, *part) for part in parts]


def _together(singles: list[_Single]) -> Latent:
    import torch

    mask = torch.cat([single.mask for single in singles])
    kept = {name: value for name, value in singles[0].batch.items() if name != "noise_mask"}
    marks: dict[str, Any] = {} if bool((mask == 1).all()) else {"noise_mask": mask}
    samples = torch.cat([single.samples for single in singles])
    return {**kept, "samples": samples, "batch_index": [single.place for single in singles], **marks}
