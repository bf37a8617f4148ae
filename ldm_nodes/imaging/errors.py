"""What can go wrong with pictures and their files; every message is one sentence for the person who runs the graph."""

from __future__ import annotations


class ImagingError(ValueError):
    """The root of all errors in this folder."""


class NameRefusedError(ImagingError):
    """A file name prefix that would leave the output folder, or that no file system accepts."""


class UnreadablePictureError(ImagingError):
    """A file that is not a picture we read, is damaged, or is larger than the limits allow."""


class UnreadableLatentError(ImagingError):
    """A file that is not a saved latent, or is damaged."""


class NotAPictureError(ImagingError):
    """An array whose shape or values no picture has: wrong number of channels, NaN, infinity."""


class CannotSaveError(ImagingError):
    """The file could not be written; nothing of it is left behind."""
