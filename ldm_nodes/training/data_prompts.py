"""From samples of the data to the conditions that a loaded model samples under: captions, classes, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..models.class_encoder import ClassEncoder, TokenTextEncoder
from .data import NO_CLASS
from .errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models.loader import LoadedCheckpoint
    from ..models.text_encoder import TextEncoder
    from ..sampling.conditioning import Conditioning
    from .data import Dataset, Sample


def positive(model: LoadedCheckpoint, dataset: Dataset, places: Sequence[int]) -> Conditioning:
    """Return the condition of the samples at these places of the data, a row for each.

    Raises:
        DataError: the data has more classes than the model knows.
    """
    if isinstance(model.conditioner, ClassEncoder):
        labels = [dataset.label(place) for place in places]
        if max(labels) >= model.conditioner.n_classes:
            raise DataError(f"The data has a class {max(labels)}; the model knows {model.conditioner.n_classes}.")
        return _classes(model.conditioner, labels)
    return _texts(model.conditioner, [caption(dataset.samples[place]) for place in places])


def negative(model: LoadedCheckpoint, count: int) -> Conditioning:
    """Return what guidance leads away from: the empty text, or the class that stands for none."""
    if isinstance(model.conditioner, ClassEncoder):
        return _classes(model.conditioner, [NO_CLASS] * count)
    return _texts(model.conditioner, [""] * count)


def caption(one: Sample) -> str:
    """Return the first caption of a sample, else the name of its class."""
    return one.captions[0] if one.captions else (one.class_name or "")


def _classes(encoder: ClassEncoder, labels: Sequence[int]) -> Conditioning:
    return [[torch.cat([encoder.encode_class(-1 if label == NO_CLASS else label) for label in labels]), {}]]


def _texts(encoder: TextEncoder | TokenTextEncoder | None, texts: Sequence[str]) -> Conditioning:
    """Return the texts encoded, a row for each; shorter ones repeat to the longest, as prompts of a batch do."""
    if encoder is None:
        return [[torch.zeros(1, 1, 1), {}]]
    if isinstance(encoder, TokenTextEncoder):
        return [[torch.cat([encoder.encode(text)[0] for text in texts]), {}]]
    contexts, pooled = zip(*encoder.encode_batch(texts), strict=True)
    longest = max(context.shape[1] for context in contexts)
    even = [context.repeat(1, -(-longest // context.shape[1]), 1)[:, :longest] for context in contexts]
    return [[torch.cat(even), {"pooled_output": torch.cat(pooled)}]]
