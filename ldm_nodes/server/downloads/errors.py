"""What can go wrong with a download; every message is for the person who asked for it, and names no secret."""

from __future__ import annotations


class DownloadError(ValueError):
    """The root of everything that this folder raises on purpose."""


class Refused(DownloadError):
    """Something that is not allowed, or that the other side does not give; asking again does not help."""


class Broken(DownloadError):
    """A connection that could not be made or did not last; what has arrived is kept, so asking again goes on."""


class WrongFile(DownloadError):
    """What arrived is not what was asked for; nothing of it is kept."""


class CannotWrite(DownloadError):
    """The disk is full, or the folder cannot be written; what has arrived is kept."""


class Busy(DownloadError):
    """Another process downloads the same file."""
