"""Which fields a node shows in the editor, in the order in which a document lists their values.

The order follows from the class: every input of a plain type is a field, seeds bring a second one that says what
becomes of them after a run, uploads and remote lists bring buttons. A few classes have fields that only the official
editor knows; they are the tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from .catalogue import InputDefinition, NodeDefinition
from .errors import MISSING

Kind = Literal["INT", "FLOAT", "BOOLEAN", "STRING", "COMBO", "CONTROL", "ANY"]

CONTROL = "control_after_generate"
CONTROLS = ("fixed", "increment", "decrement", "randomize", "increment-wrap")
SEEDS = frozenset({"seed", "noise_seed"})
TEXTS = frozenset({"STRING", "MARKDOWN", "TEXTAREA", "COLOR"})
FREE = frozenset({
    "FILEUPLOAD", "IMAGECOMPARE", "TREESELECT", "MULTISELECT", "CHART", "GALLERIA", "SELECTBUTTON",
    "WEBCAM", "AUDIO_RECORD", "LOAD_3D", "LOAD_3D_ANIMATION",
})  # fmt: skip
UPLOADS = ("image_upload", "video_upload", "animated_image_upload", "audio_upload")
PLAYER, VIEWER, TEXT = "audioUI", "image", "preview"
EDITOR_ONLY: Final[Mapping[str, str]] = {
    "LoadAudio": PLAYER, "SaveAudio": PLAYER, "SaveAudioMP3": PLAYER, "SaveAudioOpus": PLAYER, "PreviewAudio": PLAYER,
    "Preview3D": VIEWER, "Preview3DAnimation": VIEWER, "SaveGLB": VIEWER, "PreviewAny": TEXT,
}  # fmt: skip
"""Fields that the official editor adds to classes of its own server; what is sent for them is an empty text."""
BUTTONS_BEFORE: Final[Mapping[str, int]] = {"LOAD_3D": 3, "LOAD_3D_ANIMATION": 2}
BUTTONS_AFTER: Final[Mapping[str, int]] = {"AUDIO_RECORD": 1}


@dataclass(frozen=True)
class Widget:
    """One field of a node.

    Attributes:
        name: the input that it fills; a button or a seed's control has a name of its own.
        kind: which values it takes.
        sent: a prompt carries its value.
        default: its value in a new node; `MISSING` if it has none.
        choices: of a `COMBO`; empty where they are not known.
        low: the least number.
        high: the greatest number.
        dynamic: `{a|b}` in its text is drawn from, and comments are taken out, before it is sent.
        fixed: whatever a document says, the default is sent.
    """

    name: str
    kind: Kind
    sent: bool = True
    default: Any = MISSING
    choices: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    dynamic: bool = False
    fixed: bool = False


def widgets_of(definition: NodeDefinition) -> tuple[Widget, ...]:
    """Return the fields of a node class in the order of their values."""
    found = [widget for item in definition.inputs if is_widget(item) for widget in _widgets(item)]
    if own := EDITOR_ONLY.get(definition.name):
        found.append(Widget(own, "ANY", default="", fixed=True))
    if any(item.options.get(flag) for item in definition.inputs for flag in UPLOADS):
        found.append(_button("upload", "image"))
    return tuple(found)


def is_widget(item: InputDefinition) -> bool:
    """Say whether an input is a field of the node, and not only a socket."""
    options = item.options
    if options.get("forceInput") or (options.get("defaultInput") and not item.required):
        return False
    return widget_type(item) in _MAKERS or widget_type(item) in FREE


def widget_type(item: InputDefinition) -> str:
    """Return the type that decides which field an input is drawn as."""
    told = item.options.get("widgetType")
    return told if isinstance(told, str) and told else item.type


def _widgets(item: InputDefinition) -> list[Widget]:
    kind = widget_type(item)
    make = _MAKERS.get(kind, _free)
    before = [_button(f"button {index}", "") for index in range(BUTTONS_BEFORE.get(kind, 0))]
    after = [_button(f"button {index}", "") for index in range(BUTTONS_AFTER.get(kind, 0))]
    return [*before, make(item), *_companions(item), *after]


def _companions(item: InputDefinition) -> list[Widget]:
    """Return what comes with an input: what becomes of a seed, and the buttons of a remote list."""
    control = item.options.get(CONTROL, item.type == "INT" and item.name in SEEDS)
    if not control or item.type not in ("INT", "COMBO"):
        return _remote(item)
    name = control if isinstance(control, str) else CONTROL
    own = Widget(name, "CONTROL", sent=False, default="randomize", choices=CONTROLS)
    return [own, *([_button("control_filter_list", "")] if item.type == "COMBO" else []), *_remote(item)]


def _remote(item: InputDefinition) -> list[Widget]:
    remote = item.options.get("remote")
    if item.type != "COMBO" or not isinstance(remote, Mapping) or not remote.get("refresh_button"):
        return []
    automatic = Widget("auto_refresh", "BOOLEAN", sent=False, default=False)
    return [automatic, Widget("refresh", "ANY", default="refresh", fixed=True)]


def _button(name: str, value: str) -> Widget:
    return Widget(name, "ANY", sent=False, default=value)


def _integer(item: InputDefinition) -> Widget:
    low, high = _number(item, "min", None), _number(item, "max", None)
    return Widget(item.name, "INT", default=item.options.get("default", max(low or 0, 0)), low=low, high=high)


def _float(item: InputDefinition) -> Widget:
    low, high = _number(item, "min", None), _number(item, "max", None)
    return Widget(item.name, "FLOAT", default=item.options.get("default", max(low or 0, 0)), low=low, high=high)


def _boolean(item: InputDefinition) -> Widget:
    return Widget(item.name, "BOOLEAN", default=item.options.get("default", False))


def _text(item: InputDefinition) -> Widget:
    dynamic = bool(item.options.get("dynamicPrompts"))
    return Widget(item.name, "STRING", default=item.options.get("default", ""), dynamic=dynamic)


def _combo(item: InputDefinition) -> Widget:
    choices = item.choices or ()
    if item.options.get("multi_select") or item.options.get("multiselect"):
        return Widget(item.name, "ANY", default=item.options.get("default", []))
    default = item.options.get("default", choices[0] if choices else MISSING)
    return Widget(item.name, "COMBO", default=default, choices=choices)


def _free(item: InputDefinition) -> Widget:
    return Widget(item.name, "ANY", default=item.options.get("default", ""))


def _number(item: InputDefinition, key: str, default: float | None) -> float | None:
    value = item.options.get(key, default)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


_MAKERS: Final[Mapping[str, Callable[[InputDefinition], Widget]]] = {
    "INT": _integer,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "COMBO": _combo,
    **dict.fromkeys(TEXTS, _text),
}
