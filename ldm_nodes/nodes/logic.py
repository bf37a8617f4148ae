"""Nodes that calculate and choose. What is not chosen is not made."""

from __future__ import annotations

from typing import Annotated, Any

from ..engine.blocker import ExecutionBlocker
from ..engine.errors import InputError
from ..engine.sockets import Boolean, Int, Socket, String
from ..engine.spec import node
from .sockets import Anything, Number

MOST = 6
Lazy = Annotated[Any, Socket("*", lazy=True, optional=True)]


@node("Calculate", category="utils/math", outputs=("int", "float", "boolean"))
def calculate(
    expression: Annotated[str, String(placeholder="max(a, 64) * 8")],
    a: Number | None = None,
    b: Number | None = None,
    c: Number | None = None,
    d: Number | None = None,
) -> tuple[int, float, bool]:
    """Work out an expression.

    Args:
        expression: with the names of the inputs, + - * / // % **, comparisons, and or not, `x if y else z`, and
            functions such as min, max, round, floor, sqrt.
        a: what `a` stands for.
        b: what `b` stands for.
        c: what `c` stands for.
        d: what `d` stands for.
    """
    from .arithmetic import Unreadable
    from .arithmetic import calculate as worked_out

    given = {name: value for name, value in (("a", a), ("b", b), ("c", c), ("d", d)) if value is not None}
    try:
        value = worked_out(expression, given)
    except Unreadable as error:
        expected = "arithmetic that has a result"
        raise InputError("expression", received=repr(expression[:80]), expected=expected, remedy=str(error)) from error
    return int(value), float(value), bool(value)


def _wanted(condition: bool) -> list[str]:
    return ["on_true" if condition else "on_false"]


def _chosen_ahead(condition: Any, on_true: Any, on_false: Any) -> Any:
    if isinstance(condition, bool):
        return on_true if condition else on_false
    return on_true if on_true == on_false else None


@node("Switch", category="utils/logic", outputs=("value",), needs=_wanted, foresee=_chosen_ahead)
def switch(condition: Annotated[bool, Boolean()], on_true: Lazy = None, on_false: Lazy = None) -> Anything:
    """Hand on one of two values; only that one is made.

    Args:
        condition: which.
        on_true: what yes means.
        on_false: what no means.
    """
    return on_true if condition else on_false


def _picked_ahead(index: Any, **values: Any) -> Any:
    return values.get(f"value_{index}") if isinstance(index, int) else None


def _picked(index: int) -> list[str]:
    return [f"value_{index}"] if 1 <= index <= MOST else []


@node(
    "SwitchByNumber",
    category="utils/logic",
    display_name="Switch by Number",
    outputs=("value",),
    needs=_picked,
    foresee=_picked_ahead,
)
def switch_by_number(
    index: Annotated[int, Int(min=1, max=MOST)] = 1,
    value_1: Lazy = None,
    value_2: Lazy = None,
    value_3: Lazy = None,
    value_4: Lazy = None,
    value_5: Lazy = None,
    value_6: Lazy = None,
) -> Anything:
    """Hand on one of several values; only that one is made."""
    if not 1 <= index <= MOST:
        raise InputError("index", received=str(index), expected=f"the number of a value, 1 to {MOST}")
    return (value_1, value_2, value_3, value_4, value_5, value_6)[index - 1]


@node("Gate", category="utils/logic", outputs=("value",))
def gate(value: Anything, is_open: Annotated[bool, Boolean()] = True) -> Anything:
    """Hand a value on, or keep everything behind from running."""
    return value if is_open else ExecutionBlocker()
