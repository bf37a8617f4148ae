"""Which value of a node belongs to which of its fields.

Documents list the values of a node by position, in the order that its class had when the document was saved. As long as
the class is still the same, position decides, as in the editor. Where it is not, recorded names decide; where there are
none, values are laid along the fields in order, by type, range and choices, and the best way counts if it is the only
one. Whatever else is left is a guess, and is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from .errors import MISSING
from .widgets import CONTROLS, Widget

WRONG, POSSIBLE, LIKELY, RIGHT = range(4)
MAX_VALUES = 500
SKIPPED = -1


@dataclass(frozen=True)
class Values:
    """The values of a node by the names of its fields.

    Attributes:
        by_name: what a prompt carries.
        doubt: why the reading may be wrong, in words; empty if it is certain.
        wrong: the values cannot be right as they were read.
    """

    by_name: Mapping[str, Any] = field(default_factory=dict)
    doubt: str = ""
    wrong: bool = False


def read_values(values: Sequence[Any], widgets: Sequence[Widget], recorded: Sequence[str] = ()) -> Values:
    """Give every field its value.

    Args:
        values: as the document lists them.
        widgets: the fields of the class, in order.
        recorded: the names of fields that the document itself tells, in order.
    """
    if named := _by_recorded_names(values, widgets, recorded):
        return Values(_filled(named, values, widgets))
    straight = [index if index < len(widgets) else SKIPPED for index in range(len(values))]
    if len(values) == len(widgets) or max(len(values), len(widgets)) > MAX_VALUES:
        return _in_order(straight, values, widgets)
    table = _best(values, widgets)
    first, last = _first(table, values, widgets), _last(table, values, widgets)
    is_straight = _worth(straight, values, widgets) == table[0][0]
    certain = _filled(first, values, widgets) == _filled(last, values, widgets)
    if certain or not is_straight:
        chosen = first if certain else straight
        doubt = "" if certain else _doubt(values, widgets, "they can be read in several ways")
        return Values(_filled(chosen, values, widgets), doubt, wrong=not certain)
    doubt = _doubt(values, widgets, "they were read in the order in which they stand, as the editor does")
    return Values(_filled(straight, values, widgets), doubt)


def named_values(values: Mapping[str, Any], widgets: Sequence[Widget]) -> Values:
    """Give every field the value of its name; other names are kept where no class says which there are."""
    if not widgets:
        return Values(dict(values))
    return Values(
        {
            widget.name: value
            for widget in widgets
            if widget.sent and (value := listed(values.get(widget.name, widget.default), widget)) is not MISSING
        }
    )


def listed(value: Any, widget: Widget) -> Any:
    r"""Return the name as the list of choices has it.

    A path may be written with `/` or with `\`; old documents put `sample_` before the names of samplers.
    """
    if widget.kind != "COMBO" or not isinstance(value, str) or value in widget.choices:
        return value
    if (short := value.removeprefix("sample_")) in widget.choices:
        return short
    wanted = value.replace("\\", "/")
    return next((name for name in widget.choices if isinstance(name, str) and name.replace("\\", "/") == wanted), value)


def fit(value: Any, widget: Widget) -> int:
    """Say how well a value goes with a field, from `WRONG` to `RIGHT`."""
    if widget.kind == "ANY":
        return RIGHT if value == widget.default else POSSIBLE
    if value is None:
        return POSSIBLE
    if widget.kind == "CONTROL":
        return RIGHT if isinstance(value, bool) or value in CONTROLS else WRONG
    if widget.kind == "COMBO":
        return _fit_choice(value, widget)
    if widget.kind == "STRING":
        return WRONG if not isinstance(value, str) else POSSIBLE if value in CONTROLS else RIGHT
    if widget.kind == "BOOLEAN":
        return RIGHT if isinstance(value, bool) else POSSIBLE if value in (0, 1) else WRONG
    return _fit_number(value, widget)


def _fit_choice(value: Any, widget: Widget) -> int:
    if isinstance(value, list | dict):
        return WRONG
    if listed(value, widget) in widget.choices:
        return RIGHT
    if not widget.choices:
        return RIGHT if isinstance(value, str) else POSSIBLE
    if _ending(value) and _ending(value) in map(_ending, widget.choices):
        return LIKELY  # a file that is not here
    return POSSIBLE if _json_type(value) in map(_json_type, widget.choices) else WRONG


def _json_type(value: Any) -> type:
    """Return the type of a value as JSON has it, in which all numbers are of one."""
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _ending(value: Any) -> str:
    """Return the ending of a file's name in small letters, or nothing."""
    return PurePath(value).suffix.lower() if isinstance(value, str) else ""


def _fit_number(value: Any, widget: Widget) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return WRONG
    if widget.kind == "INT" and isinstance(value, float) and not value.is_integer():
        return POSSIBLE
    inside = (widget.low is None or value >= widget.low) and (widget.high is None or value <= widget.high)
    return RIGHT if inside else POSSIBLE


def _in_order(straight: list[int], values: Sequence[Any], widgets: Sequence[Widget]) -> Values:
    """Read by position; a value that is wrong for its field is told."""
    wrong = [
        widgets[k].name for k, value in zip(straight, values, strict=True) if k >= 0 and not fit(value, widgets[k])
    ]
    doubt = f"what stands in the place of {', '.join(wrong)} is of another type" if wrong else ""
    return Values(_filled(straight, values, widgets), doubt, wrong=bool(wrong))


def _doubt(values: Sequence[Any], widgets: Sequence[Widget], how: str) -> str:
    return f"the document has {len(values)} values where the class has {len(widgets)} fields; {how}"


def _filled(places: Sequence[int], values: Sequence[Any], widgets: Sequence[Widget]) -> dict[str, Any]:
    """Return what a prompt carries, the defaults where no value came."""
    came = {place: value for place, value in zip(places, values, strict=True) if place >= 0}
    found = {}
    for index, widget in enumerate(widgets):
        value = widget.default if widget.fixed else came.get(index, widget.default)
        if widget.sent and value is not MISSING:
            found[widget.name] = listed(value, widget)
    return found


def _by_recorded_names(values: Sequence[Any], widgets: Sequence[Widget], recorded: Sequence[str]) -> list[int] | None:
    """Return the fields' places by recorded names, if these are told for all values and stand in another order now."""
    places = {widget.name: index for index, widget in enumerate(widgets)}
    layout: list[int] = []
    for name in recorded:
        index = places.get(name, SKIPPED)
        layout.append(index)
        while 0 <= index < len(widgets) - 1 and not widgets[index + 1].sent:
            index += 1
            layout.append(index)
    if len(layout) != len(values) or layout == list(range(len(widgets))):
        return None
    fits = all(k < 0 or fit(value, widgets[k]) for k, value in zip(layout, values, strict=True))
    return layout if fits and len(set(recorded)) == len(recorded) else None


def _worth(places: Sequence[int], values: Sequence[Any], widgets: Sequence[Widget]) -> int:
    """Return what a reading is worth: the sum of its fits, or -1 if a value is wrong where it stands."""
    fits = [fit(value, widgets[k]) for k, value in zip(places, values, strict=True) if k >= 0]
    return sum(fits) if all(fits) else -1


def _best(values: Sequence[Any], widgets: Sequence[Widget]) -> list[list[int]]:
    """Return, for every pair of tails of the two lists, what the best way to lay the one along the other is worth."""
    rows, columns = len(values), len(widgets)
    table = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            worth = fit(values[i], widgets[j])
            both = worth + table[i + 1][j + 1] if worth else 0
            table[i][j] = max(table[i + 1][j], table[i][j + 1], both)
    return table


def _first(table: list[list[int]], values: Sequence[Any], widgets: Sequence[Widget]) -> list[int]:
    """Return the best way in which every value stands as far left as it can."""
    return _walk(table, values, widgets, leftmost=True)


def _last(table: list[list[int]], values: Sequence[Any], widgets: Sequence[Widget]) -> list[int]:
    """Return the best way in which every value stands as far right as it can, or nowhere."""
    return _walk(table, values, widgets, leftmost=False)


def _walk(table: list[list[int]], values: Sequence[Any], widgets: Sequence[Widget], *, leftmost: bool) -> list[int]:
    """Follow the best ways; the first and the last of them differ wherever there are several."""
    places, j = [], 0
    for i, value in enumerate(values):
        good = [
            k
            for k in range(j, len(widgets))
            if (worth := fit(value, widgets[k])) and worth + table[i + 1][k + 1] == table[i][j]
        ]
        if not leftmost and table[i + 1][j] == table[i][j]:
            good = []
        places.append((good[0] if leftmost else good[-1]) if good else SKIPPED)
        j = places[-1] + 1 if good else j
    return places
