"""Where a rectangle that is laid on another one falls."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Window:
    """What of a pasted rectangle falls on the destination.

    Attributes:
        rows: in the destination.
        columns: in the destination.
        size: visible rows and columns of what is pasted.
    """

    rows: slice
    columns: slice
    size: tuple[int, int]


def window(place: tuple[int, int], size: tuple[int, int], destination: tuple[int, int]) -> Window:
    """Return where a rectangle of `size` (rows, columns) falls whose corner is at `place`, right and below of 0."""
    (top, left), (height, width) = place, destination
    rows, columns = max(0, min(size[0], height - top)), max(0, min(size[1], width - left))
    return Window(slice(top, top + rows), slice(left, left + columns), (rows, columns))
