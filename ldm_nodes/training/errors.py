"""What can be wrong with a training run; every message is a sentence for the person who started it."""

from __future__ import annotations


class TrainingError(ValueError):
    """The root of all errors in this folder."""


class DataError(TrainingError):
    """Pictures, captions or tables that cannot be trained on."""


class CacheError(TrainingError):
    """Cached latents that cannot be written or do not fit the model."""


class CheckpointError(TrainingError):
    """A state of training that cannot be stored, or cannot be continued from."""


class Diverged(TrainingError):
    """A loss that is not a finite number any more."""
