"""Arithmetic that people write: parsed by Python, worked out here step by step, with bounded sizes. Nothing is run.

Known are numbers, variables, `+ - * / // % **`, comparisons, `and or not`, `x if y else z`, and `FUNCTIONS`.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

Number = int | float | bool
Inner = Callable[[ast.expr], Number]
"""Works out a part of an expression."""

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 50
"""How deep expressions may stand in expressions."""
MOST_DIGITS = 20
LARGEST = 2**64
"""What a whole number may come to; larger ones would grow without end."""


class Unreadable(ValueError):
    """An expression that means nothing here, or has no result; the message is one sentence."""


def _round(value: float, digits: int = 0) -> float:
    if abs(digits) > MOST_DIGITS:
        raise Unreadable(f"It rounds to {digits} digits; at most {MOST_DIGITS} make sense.")
    return round(value, digits) if digits else round(value)


def _power(base: Number, exponent: Number) -> Number:
    """Raise to a power, whole numbers only as far as the result stays small."""
    if isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > LARGEST.bit_length():
        raise Unreadable(f"{base}**{exponent} is larger than {LARGEST:,}.")
    result = base**exponent
    if isinstance(result, complex):
        raise Unreadable(f"{base}**{exponent} is no real number.")
    return result


FUNCTIONS: Mapping[str, Callable[..., Number]] = {
    "abs": abs, "min": min, "max": max, "round": _round, "int": int, "float": float, "floor": math.floor,
    "ceil": math.ceil, "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "log2": math.log2, "log10": math.log10,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "atan2": math.atan2, "hypot": math.hypot,
}  # fmt: skip
CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e}
BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
UNARY: Mapping[type[ast.unaryop], Callable[[Any], Number]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
}
COMPARISON: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def calculate(expression: str, variables: Mapping[str, Number]) -> Number:
    """Return what an expression comes to.

    Args:
        expression: such as `max(a, 64) * 8`.
        variables: what its names stand for; they go before functions and constants.

    Raises:
        Unreadable: for what is no such expression, divides by zero, or comes to more than `LARGEST`.
    """
    if len(expression) > LONGEST:
        raise Unreadable(f"It has {len(expression):,} characters; at most {LONGEST:,} are read.")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "it is too deep"
        raise Unreadable(f"It is no expression: {reason}.") from error
    try:
        return _checked(_value(tree, variables, DEEPEST))
    except ZeroDivisionError as error:
        raise Unreadable("It divides by zero.") from error
    except (OverflowError, TypeError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"It has no result: {error}.") from error


def _value(part: ast.expr, variables: Mapping[str, Number], depth: int) -> Number:
    if not depth:
        raise Unreadable(f"It is nested deeper than {DEEPEST} times.")

    def inner(piece: ast.expr) -> Number:
        return _value(piece, variables, depth - 1)

    for found in (_leaf(part, variables), _operation(part, inner), _decision(part, inner)):
        if found is not None:
            return _checked(found)
    raise Unreadable(f"{ast.unparse(part)[:80]!r} is no arithmetic; functions are {', '.join(FUNCTIONS)}.")


def _leaf(part: ast.expr, variables: Mapping[str, Number]) -> Number | None:
    match part:
        case ast.Constant(value=bool() | int() | float() as value):
            return value
        case ast.Name(id=name):
            return _named(name, variables)
    return None


def _operation(part: ast.expr, inner: Inner) -> Number | None:
    match part:
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in UNARY:
            return UNARY[type(sign)](inner(operand))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in BINARY:
            return BINARY[type(sign)](inner(left), inner(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](*map(inner, arguments))
    return None


def _decision(part: ast.expr, inner: Inner) -> Number | None:
    match part:
        case ast.BoolOp(op=word, values=values):
            return (all if isinstance(word, ast.And) else any)(inner(value) for value in values)
        case ast.Compare(left=left, ops=signs, comparators=others) if all(type(sign) in COMPARISON for sign in signs):
            numbers = [inner(piece) for piece in (left, *others)]
            pairs = zip(signs, numbers, numbers[1:], strict=False)
            return all(COMPARISON[type(sign)](a, b) for sign, a, b in pairs)
        case ast.IfExp(test=test, body=body, orelse=other):
            return inner(body if inner(test) else other)
    return None


def _named(name: str, variables: Mapping[str, Number]) -> Number:
    if name in variables:
        return variables[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    known = ", ".join(variables) or "none"
    raise Unreadable(f"Nothing is connected to {name!r}; known are {known}, and the constants {', '.join(CONSTANTS)}.")


def _checked(value: Number) -> Number:
    if isinstance(value, float) and not math.isfinite(value):
        raise Unreadable("It comes to infinity, or to no number at all.")
    if abs(value) > LARGEST and not isinstance(value, float):
        raise Unreadable(f"It comes to a whole number larger than {LARGEST:,}.")
    return value
