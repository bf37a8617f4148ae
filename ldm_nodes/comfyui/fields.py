"""The inputs of ComfyUI's classes as fields of ours: what a pack wrote of an input is told to editors word by word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.errors import BadNode
from ..engine.sockets import Boolean, Choice, Field, Float, Int, IoType, Scan, Socket, String
from ..settings import Folders

Options = Mapping[str, Any]
Listing = Callable[[], Collection[Any]]


@dataclass(frozen=True, kw_only=True)
class _Written(Field):
    """What every field of a pack's class shares: its options as they were written, default and tooltip among them."""

    written: Options = field(default_factory=dict, compare=False, hash=False)

    def options(self) -> dict[str, Any]:
        """Return the options as they were written."""
        return dict(self.written)


@dataclass(frozen=True, kw_only=True)
class WrittenInt(_Written, Int):
    """A whole number of a pack's class."""


@dataclass(frozen=True, kw_only=True)
class WrittenFloat(_Written, Float):
    """A number of a pack's class."""


@dataclass(frozen=True, kw_only=True)
class WrittenString(_Written, String):
    """A text of a pack's class."""


@dataclass(frozen=True, kw_only=True)
class WrittenBoolean(_Written, Boolean):
    """A yes or no of a pack's class."""


@dataclass(frozen=True)
class WrittenSocket(_Written, Socket):
    """A wire of a pack's class. As in ComfyUI any constant may stand in its place: packs draw fields for own types."""

    takes_literal: bool = True


@dataclass(frozen=True)
class WrittenChoice(_Written, Choice):
    """A list of a pack's class, asked for anew whenever a catalogue or a graph needs it.

    Attributes:
        named: the type is written `COMBO`, with the list among the options; then any value is taken.
    """

    named: bool = field(default=False, kw_only=True)

    def io_type(self, scan: Scan) -> IoType:
        """Return the list, which is the type, or `COMBO`."""
        return "COMBO" if self.named else super().io_type(scan)

    def options(self) -> dict[str, Any]:
        """Return the options as they were written, with the list as it is now."""
        return dict(self.written)

    def pick(self, value: Any, names: tuple[str, ...]) -> Any:
        """Return the listed value; where the list is only an offer, the value itself."""
        return value if self.named else super().pick(value, names)


def read_field(written: Any, relist: Listing, *, optional: bool, where: str) -> Field:
    """Make a field of an entry of `INPUT_TYPES`.

    Args:
        written: the entry: `(type, options)`, the options being optional.
        relist: returns the entry's list as it is now, where it has one.
        optional: a graph may leave it out.
        where: names the input in messages.

    Raises:
        BadNode: when it is no such entry.
    """
    kind, options = _parts(written, where)
    shared: dict[str, Any] = {
        "optional": optional,
        "force_input": bool(options.get("forceInput")),
        "lazy": bool(options.get("lazy")),
        "raw_link": bool(options.get("rawLink")),
        "written": options,
    }
    if isinstance(kind, list | tuple):
        return WrittenChoice(_names(relist), **shared)
    if not isinstance(kind, str):
        raise BadNode(f"{where}: the type must be a text or a list of choices, and is {type(kind).__name__}.")
    if type(kind) is str and kind == "COMBO":
        return WrittenChoice(_names(relist), named=True, **shared)
    if type(kind) is str and kind in ("INT", "FLOAT"):
        bounds: dict[str, Any] = {name: value for name in ("min", "max") if _is_number(value := options.get(name))}
        return WrittenInt(**shared, **bounds) if kind == "INT" else WrittenFloat(**shared, **bounds)
    if type(kind) is str and kind in ("STRING", "BOOLEAN"):
        return WrittenString(**shared) if kind == "STRING" else WrittenBoolean(**shared)
    return WrittenSocket(kind, **shared)


def output_field(kind: Any, where: str) -> Field:
    """Make a field of an entry of `RETURN_TYPES`: a type name, or a list of choices.

    Raises:
        BadNode: when it is neither.
    """
    if isinstance(kind, list | tuple):
        return Choice(tuple(kind))
    if isinstance(kind, str):
        return Socket(kind)
    raise BadNode(f"{where}: a type is a text or a list of choices, and this one is {type(kind).__name__}.")


def _parts(written: Any, where: str) -> tuple[Any, Options]:
    if isinstance(written, str):
        written = (written,)  # (“STRING”) without its comma
    if not isinstance(written, list | tuple) or not written:
        raise BadNode(f"{where}: expected (type, options), received {written!r}.")
    options = written[1] if len(written) > 1 and isinstance(written[1], Mapping) else {}
    return written[0], options


def _names(relist: Listing) -> Callable[[Folders], Collection[str]]:
    def names(folders: Folders) -> Collection[Any]:
        return relist()

    return names


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
