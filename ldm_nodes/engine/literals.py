"""Whether a constant may enter an input, and as what: converted, in range, in the list, finite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import Problem
from .json_text import not_finite
from .registry import close_names, did_you_mean
from .sockets import Choice, Field, Float, Int, Scan, Socket
from .spec import InputSpec

LONG_LIST = 20


def check_literal(item: InputSpec, value: Any, scan: Scan, bounded: bool, problem: Callable[..., Problem]) -> Any:
    """Return `value` as the node will receive it, or the `Problem` that keeps it out.

    Args:
        item: the input.
        value: the constant.
        scan: what the folders hold.
        bounded: range and list are tested; not so where the node's own `check` answers for the input.
        problem: makes a `Problem` that knows its place.
    """
    if isinstance(item.field, Socket):
        return _check_wire(item, item.field, value, problem)
    try:
        converted = item.field.convert(value)
    except (TypeError, ValueError, OverflowError) as error:
        return _not_converted(item, value, error, scan, problem)
    if not_finite(converted):
        return _not_converted(item, value, ValueError("not a finite number"), scan, problem)
    return _check_bounds(item, converted, scan, problem) if bounded else converted


def describe(field: Field, scan: Scan) -> str:
    """Say in words what may enter a field."""
    if isinstance(field, Socket):
        return f"a wire of type {field.type}"
    if isinstance(field, Choice):
        return _listed(scan.names(field.source))
    kind = {"INT": "a whole number", "FLOAT": "a finite number", "STRING": "a text", "BOOLEAN": "true or false"}
    bounds = _range(field) if isinstance(field, Int | Float) else ""
    return kind[str(field.io_type(scan))] + bounds


def _check_wire(item: InputSpec, socket: Socket, value: Any, problem: Callable[..., Problem]) -> Any:
    if not_finite(value):
        return problem(
            "invalid_input_type",
            f"Failed to convert an input value to a {socket.type} value",
            f"{item.name}, {value}, not a finite number",
            received=value,
        )
    if socket.accepts_literal or (value is None and not item.required):
        return value
    return bad_link(item.name, value, f"a wire of type {socket.type}", problem)


def bad_link(name: str, value: Any, expected: str, problem: Callable[..., Problem]) -> Problem:
    """Return the problem of a value that should be a link and is none."""
    return problem(
        "bad_linked_input",
        "Bad linked input, must be a length-2 list of [node_id, slot_index]",
        name,
        received=value,
        expected=expected,
        remedy='A link is written ["4", 0]: the node id as a text, then the number of its output.',
    )


def _not_converted(
    item: InputSpec, value: Any, error: Exception, scan: Scan, problem: Callable[..., Problem]
) -> Problem:
    kind = item.field.io_type(scan)
    return problem(
        "invalid_input_type",
        f"Failed to convert an input value to a {kind if isinstance(kind, str) else 'COMBO'} value",
        f"{item.name}, {value}, {error}",
        received=value,
        expected=describe(item.field, scan),
        extra_info={"exception_message": str(error)},
    )


def _check_bounds(item: InputSpec, value: Any, scan: Scan, problem: Callable[..., Problem]) -> Any:
    field = item.field
    if isinstance(field, Int | Float):
        for code, word, bound, outside in (
            ("value_smaller_than_min", "smaller than min", field.min, field.min is not None and value < field.min),
            ("value_bigger_than_max", "bigger than max", field.max, field.max is not None and value > field.max),
        ):
            if outside:
                message = f"Value {value} {word} of {bound}"
                return problem(code, message, item.name, received=value, expected=describe(field, scan))
    if isinstance(field, Choice):
        return _check_choice(item, field, value, scan.names(field.source), problem)
    return value


def _check_choice(
    item: InputSpec, field: Choice, value: Any, names: tuple[str, ...], problem: Callable[..., Problem]
) -> Any:
    try:
        return field.pick(value, names)
    except ValueError:
        is_long = len(names) > LONG_LIST
        printed = f"(list of length {len(names)})" if is_long else str(list(names))
        remedy = did_you_mean(close_names(str(value), map(str, names)))
        return problem(
            "value_not_in_list",
            "Value not in list",
            f"{item.name}: '{value}' not in {printed}",
            received=value,
            expected=_listed(names),
            remedy=remedy,
            extra_info={"input_config": None} if is_long else {},
        )


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "a name of the list, which is empty here"
    rest = f" and {len(names) - LONG_LIST} more" if len(names) > LONG_LIST else ""
    return f"one of {', '.join(map(str, names[:LONG_LIST]))}{rest}"


def _range(field: Int | Float) -> str:
    lower = f" from {field.min}" if field.min is not None else ""
    upper = f" up to {field.max}" if field.max is not None else ""
    return lower + upper
