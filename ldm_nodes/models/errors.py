"""What can be wrong with model files, configurations and devices.

Every message is one sentence or two for the person who chose the file: what it is, what was expected, what to do.
"""

from __future__ import annotations


class ModelError(ValueError):
    """Something about a model that the user can change."""


class UnreadableFile(ModelError):
    """A file that is no checkpoint, or one that is damaged."""


class UnsafeFile(ModelError):
    """A file that asks for more than tensors: calling functions, importing modules, reaching outside its own bytes."""


class UnknownFamily(ModelError):
    """A readable checkpoint whose tensors belong to no model that is known here."""


class WrongWeights(ModelError):
    """Tensors that do not fit the network that they were loaded into."""


class WrongConfig(ModelError):
    """A configuration that names unknown classes or asks for impossible sizes."""


class UnavailableDevice(ModelError):
    """A device or precision that this machine does not have."""


def reason(error: Exception) -> str:
    """Say on one line what went wrong with a file, without where it lies on this machine."""
    text = getattr(error, "strerror", None) or str(error)
    return " ".join(text.split()).rstrip(".")
