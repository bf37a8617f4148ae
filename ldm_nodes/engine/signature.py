"""What a function's annotations say in the words of `sockets.py`."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from .context import Context
from .errors import BadNode
from .sockets import Boolean, Choice, Field, Float, Hidden, Int, String

PLAIN: Mapping[Any, Callable[[], Field]] = {int: Int, float: Float, str: String, bool: Boolean}


def type_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of `function` as objects.

    Raises:
        BadNode: when one names something that does not exist at run time.
    """
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise BadNode(
            f"{function.__qualname__}: {error}. Annotations of nodes are read at run time: define or import the name "
            "at the top level of the module, outside of `if TYPE_CHECKING:`."
        ) from error


def is_context(annotation: Any) -> bool:
    """Say whether a parameter annotated so receives the `Context`."""
    return (get_origin(annotation) or annotation) is Context


def hidden_kind(annotation: Any) -> Hidden | None:
    """Return what a parameter annotated so receives from the engine, or None if it is an input."""
    if get_origin(_without_none(annotation)) is not Annotated:
        return None
    kinds = [extra for extra in get_args(_without_none(annotation))[1:] if isinstance(extra, Hidden)]
    return kinds[0] if kinds else None


def list_member(annotation: Any) -> Any:
    """Return X for `list[X]`, else None."""
    annotation = _without_none(annotation)
    return get_args(annotation)[0] if get_origin(annotation) is list and get_args(annotation) else None


def read_field(annotation: Any, where: str) -> Field:
    """Return the field that an annotation declares.

    `Annotated[..., field]` names it; `int`, `float`, `str`, `bool` and `Literal["a", "b"]` stand for fields without
    further rules; `X | None` is X.

    Raises:
        BadNode: when it declares none; the message starts with `where`.
    """
    annotation = _without_none(annotation)
    if get_origin(annotation) is Annotated:
        found = [extra for extra in get_args(annotation)[1:] if isinstance(extra, Field)]
        if len(found) == 1:
            return found[0]
    if get_origin(annotation) is Literal:
        return Choice(get_args(annotation))
    if annotation in PLAIN:
        return PLAIN[annotation]()
    raise BadNode(f'{where} is {annotation}. Expected int, float, str, bool or Annotated[..., Socket("TYPE")].')


def output_fields(annotation: Any, envelope: type, where: str) -> tuple[tuple[Field, bool], ...]:
    """Return what a return annotation declares of each output: its field, and whether it is a list (`list[X]`).

    `envelope[...]` is looked into.
    """
    if get_origin(annotation) is envelope:
        (annotation,) = get_args(annotation)
    if annotation in (None, types.NoneType, envelope):
        return ()
    parts = get_args(annotation) if get_origin(annotation) is tuple else (annotation,)
    members = [list_member(part) for part in parts]
    return tuple(
        (read_field(part if member is None else member, where), member is not None)
        for part, member in zip(parts, members, strict=True)
    )


def may_be_none(annotation: Any) -> bool:
    """Say whether an annotation is `X | None`."""
    return get_origin(annotation) in (Union, types.UnionType) and types.NoneType in get_args(annotation)


def _without_none(annotation: Any) -> Any:
    if not may_be_none(annotation):
        return annotation
    rest = [part for part in get_args(annotation) if part is not types.NoneType]
    return rest[0] if len(rest) == 1 else annotation
