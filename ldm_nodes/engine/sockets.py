"""What may enter a node's input: the field types that stand inside `Annotated[...]`, and which wires fit which sockets.

A wire type is `Annotated[Any, Socket("MODEL")]`; a widget is `Annotated[int, Int(min=1, max=100)]`. The words in
`options()` are ComfyUI's, because its editor reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from ..settings import Folders

IoType = str | tuple[str, ...]
Names = Collection[str] | Callable[[Folders], Collection[str]]

ANY = "*"
WIDGET_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN"})


class Hidden(StrEnum):
    """What a parameter annotated `Annotated[..., Hidden.PROMPT]` receives from the engine; it is no input.

    Nodes that are written for this engine ask their `Context` instead; these are the names that ComfyUI's nodes use.
    """

    PROMPT = "PROMPT"
    DYNPROMPT = "DYNPROMPT"
    EXTRA_PNGINFO = "EXTRA_PNGINFO"
    UNIQUE_ID = "UNIQUE_ID"
    AUTH_TOKEN_COMFY_ORG = "AUTH_TOKEN_COMFY_ORG"
    API_KEY_COMFY_ORG = "API_KEY_COMFY_ORG"


class Scan:
    """What the folders hold at one moment: every function of `Folders` is called once, however many nodes ask."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._found: dict[Callable[[Folders], Collection[str]], tuple[str, ...]] = {}

    def names(self, source: Names) -> tuple[str, ...]:
        """Return the names that `source` lists or finds."""
        if not callable(source):
            return tuple(source)
        if source not in self._found:
            self._found[source] = self._call(source)
        return self._found[source]

    def _call(self, source: Callable[[Folders], Collection[str]]) -> tuple[str, ...]:
        return tuple(source(self._folders))


@dataclass(frozen=True, kw_only=True)
class Field:
    """What every kind of input shares.

    Attributes:
        optional: the graph may leave the input out; the function's own default then holds. Without it a widget must be
            present in the graph even where the function has a default, because ComfyUI says so.
        force_input: draw a socket and no widget.
        lazy: the node behind the wire runs only if this node's hook `needs` names the input; else None arrives.
        raw_link: what arrives is the wire itself, as `[node id, slot]`; the node behind it does not run for it.
    """

    optional: bool = False
    force_input: bool = False
    lazy: bool = False
    raw_link: bool = False

    def io_type(self, scan: Scan) -> IoType:
        """Return the type that wires are compared with."""
        raise NotImplementedError

    def options(self) -> dict[str, Any]:
        """Return ComfyUI's options of this input, without default and tooltip."""
        return _flags(forceInput=self.force_input, lazy=self.lazy, rawLink=self.raw_link)

    def convert(self, value: Any) -> Any:
        """Return `value` as the type of this field.

        Raises:
            TypeError, ValueError, OverflowError: when it cannot be.
        """
        return value


@dataclass(frozen=True)
class Socket(Field):
    """An input or output for values that only nodes can make.

    Attributes:
        type: a type name such as `MODEL`, several separated by commas, or `*` for any.
        takes_literal: a constant in the graph is accepted as well; so it is for `*` and where a widget's type is named.
        admit: called with the input's name and the value that came along the wire, before the node is; raises
            `InputError` for a value that no node can use. None, which stands for nothing, is not asked about.
    """

    type: str
    takes_literal: bool = False
    admit: Callable[[str, Any], None] | None = None

    def io_type(self, scan: Scan) -> IoType:
        """Return the type name."""
        return self.type

    @property
    def accepts_literal(self) -> bool:
        """Whether a constant may stand where a wire is expected."""
        return self.takes_literal or not _members(self.type).isdisjoint(WIDGET_TYPES | {ANY})


@dataclass(frozen=True)
class Int(Field):
    """A whole number."""

    min: int | None = None
    max: int | None = None
    step: int | None = None
    control_after_generate: bool = False
    display: str | None = None

    def io_type(self, scan: Scan) -> IoType:
        """Return `INT`."""
        return "INT"

    def options(self) -> dict[str, Any]:
        """Return range, step and the seed control."""
        own = {"min": self.min, "max": self.max, "step": self.step, "display": self.display}
        return super().options() | _given(own) | _flags(control_after_generate=self.control_after_generate)

    def convert(self, value: Any) -> int:
        """Return `int(value)`."""
        return int(value)


@dataclass(frozen=True)
class Float(Field):
    """A finite number."""

    min: float | None = None
    max: float | None = None
    step: float | None = None
    round: float | bool | None = None
    display: str | None = None

    def io_type(self, scan: Scan) -> IoType:
        """Return `FLOAT`."""
        return "FLOAT"

    def options(self) -> dict[str, Any]:
        """Return range, step and rounding; the last two are the editor's business only."""
        own = {"min": self.min, "max": self.max, "step": self.step, "round": self.round, "display": self.display}
        return super().options() | _given(own)

    def convert(self, value: Any) -> float:
        """Return `float(value)`."""
        return float(value)


@dataclass(frozen=True)
class String(Field):
    """A text."""

    multiline: bool = False
    dynamic_prompts: bool = False
    placeholder: str | None = None

    def io_type(self, scan: Scan) -> IoType:
        """Return `STRING`."""
        return "STRING"

    def options(self) -> dict[str, Any]:
        """Return how the editor draws the text."""
        flags = _flags(multiline=self.multiline, dynamicPrompts=self.dynamic_prompts)
        return super().options() | flags | _given({"placeholder": self.placeholder})

    def convert(self, value: Any) -> str:
        """Return `str(value)`."""
        return str(value)


@dataclass(frozen=True)
class Boolean(Field):
    """Yes or no. As in ComfyUI every text but the empty one means yes, `"false"` too."""

    label_on: str | None = None
    label_off: str | None = None

    def io_type(self, scan: Scan) -> IoType:
        """Return `BOOLEAN`."""
        return "BOOLEAN"

    def options(self) -> dict[str, Any]:
        """Return the two labels."""
        return super().options() | _given({"label_on": self.label_on, "label_off": self.label_off})

    def convert(self, value: Any) -> bool:
        """Return `bool(value)`."""
        return bool(value)


@dataclass(frozen=True)
class Choice(Field):
    """One name of a list.

    Attributes:
        source: the names, or a function of `Folders` that finds them when the catalogue or a graph asks.
        image_upload: the editor offers to upload a picture.
        image_folder: the folder that the pictures are in, if it is not `input`.
        control_after_generate: the editor offers to step through the names.
    """

    OPTION_NAMES: ClassVar = ("image_upload", "control_after_generate")

    source: Names
    image_upload: bool = False
    control_after_generate: bool = False
    image_folder: str | None = None

    def io_type(self, scan: Scan) -> IoType:
        """Return the names; as in ComfyUI they are the type."""
        return scan.names(self.source)

    def options(self) -> dict[str, Any]:
        """Return what the editor offers beside the list."""
        flags = _flags(**{name: getattr(self, name) for name in self.OPTION_NAMES})
        return super().options() | flags | _given({"image_folder": self.image_folder})

    def pick(self, value: Any, names: tuple[str, ...]) -> Any:
        r"""Return the listed name that `value` means: in a list of files `a\b` means `a/b`.

        Raises:
            ValueError: when there is none.
        """
        if value in names:
            return value
        if callable(self.source) and isinstance(value, str) and (slashed := value.replace("\\", "/")) in names:
            return slashed
        raise ValueError(value)


def fits(received: Any, expected: Any) -> bool:
    """Say whether a wire of type `received` may enter a socket of type `expected`.

    The comparison is done with `!=` on the objects given, so that string subclasses with an opinion of their own (the
    "any type" of many packs) are heard from either side. Then `*` fits everything, and of two comma-separated unions
    one shared member is enough. A list of choices fits only an equal list.

    Example:
        >>> fits("INT", "FLOAT,INT"), fits("MODEL", "*"), fits("MODEL", "CLIP"), fits("STRING", ("euler", "heun"))
        (True, True, False, False)
    """
    if not (received != expected) or ANY in (received, expected):  # noqa: SIM202 - packs override `!=`, not `==`
        return True
    if not (isinstance(received, str) and isinstance(expected, str)):
        return False
    return not _members(received).isdisjoint(_members(expected))


def _members(union: str) -> frozenset[str]:
    return frozenset(member.strip() for member in union.split(","))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _flags(**options: bool) -> dict[str, Any]:
    return {name: True for name, value in options.items() if value}
