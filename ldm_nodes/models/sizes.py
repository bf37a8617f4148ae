"""Checks of the numbers that configurations of strangers hold, before anything is built from them.

Python counts to 10⁹ layers and torch allocates them; no model of these families comes near the bounds here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .errors import WrongConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 32  # entries of a list
MOST_BLOCKS = 1024  # residual or transformer blocks of a network, all levels together


@dataclass(frozen=True)
class Whole:
    """Which whole numbers a field may hold.

    Attributes:
        low: the smallest.
        high: the largest.
        optional: whether None may stand in their place.
        lists: whether a list of them may, or must.
        fewest: how many a list holds at least.
    """

    low: int
    high: int
    optional: bool = False
    lists: Literal["never", "either", "always"] = "never"
    fewest: int = 0


CHANNELS = Whole(1, 1 << 16)
LEVELS = Whole(1, 1 << 10, lists="always", fewest=1)
COUNT = Whole(1, 1 << 24)


def check_sizes(config: object, bounds: Mapping[str, Whole]) -> None:
    """Check fields of a configuration.

    Raises:
        WrongConfig: for the first that is out of bounds, by its name.
    """
    for name, bound in bounds.items():
        value = getattr(config, name)
        if value is None and bound.optional:
            continue
        if bound.lists == "always" or (bound.lists == "either" and isinstance(value, list | tuple)):
            whole_numbers(value, name, bound.low, bound.high, bound.fewest)
        else:
            whole(value, name, bound.low, bound.high)


def whole(value: Any, name: str, low: int, high: int) -> int:
    """Return a value that is a whole number within bounds; a truth value is none."""
    if type(value) is not int or not low <= value <= high:
        raise WrongConfig(f"{name} is {brief(value)}; expected a whole number from {low} to {high}.")
    return value


def whole_numbers(value: Any, name: str, low: int, high: int, fewest: int = 1) -> tuple[int, ...]:
    """Return a list of whole numbers within bounds."""
    if not isinstance(value, list | tuple) or not fewest <= len(value) <= LONGEST:
        raise WrongConfig(f"{name} is {brief(value)}; expected a list of {fewest} to {LONGEST} whole numbers.")
    return tuple(whole(item, f"{name}[{index}]", low, high) for index, item in enumerate(value))


def finite(value: Any, name: str, low: float, high: float) -> float:
    """Return a value that is a finite number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise WrongConfig(f"{name} is {brief(value)}; expected a number from {low:g} to {high:g}.")
    return float(value)


def check_blocks(count: int) -> None:
    """Refuse a network of more blocks than any has."""
    if count > MOST_BLOCKS:
        raise WrongConfig(f"The network would have {count} blocks; expected at most {MOST_BLOCKS}.")


def brief(value: Any) -> str:
    """Show a value of a stranger, at most one line long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
