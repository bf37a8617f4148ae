"""`protocol`: what kinds of bytes go over the socket."""

from __future__ import annotations


class BinaryEventTypes:
    """The numbers that begin binary messages."""

    PREVIEW_IMAGE = 1
    UNENCODED_PREVIEW_IMAGE = 2
    TEXT = 3
    PREVIEW_IMAGE_WITH_METADATA = 4
