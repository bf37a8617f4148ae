"""How values meet a function: every output is a list of values, and a function is called once for every member.

A shorter list repeats its last member. A node that takes lists (`NodeSpec.list_inputs`) is called once with all of
them; an output that is a list (`OutputSpec.is_list`) gives as many values as it has members. A blocker takes the place
of the calls that it would enter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .blocker import ExecutionBlocker, first_blocker
from .errors import BadNode, shown
from .spec import NodeOutput, NodeSpec

Values = tuple[Any, ...]
"""What is on a wire: mostly one value, more where lists are at work."""
Arguments = dict[str, Any]


def calls_of(inputs: Mapping[str, Values], takes_lists: bool) -> list[Arguments | ExecutionBlocker]:
    """Return the keyword arguments of every call, or the blocker that stands in its way.

    Args:
        inputs: input name to its values.
        takes_lists: one call receives them all.

    Example:
        >>> calls_of({"a": (1, 2, 3), "b": ("x", "y")}, takes_lists=False)
        [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}, {'a': 3, 'b': 'y'}]

    Raises:
        BadNode: when one list is empty and another is not.
    """
    if takes_lists:
        blocker = first_blocker(value for values in inputs.values() for value in values)
        return [blocker or {name: list(values) for name, values in inputs.items()}]
    longest = max(map(len, inputs.values()), default=1)
    if longest == 1 and all(inputs.values()):
        return [_call({name: values[0] for name, values in inputs.items()})]
    if not longest:
        return [{}]  # as in ComfyUI a node to which nothing comes is called once, with nothing
    if empty := [name for name, values in inputs.items() if not values]:
        raise BadNode(f"The list that enters {empty[0]!r} is empty, while another has {longest} members.")
    return [
        _call({name: values[min(index, len(values) - 1)] for name, values in inputs.items()})
        for index in range(longest)
    ]


def admit(spec: NodeSpec, arguments: Arguments) -> None:
    """Look at the values that a function is about to be called with.

    Raises:
        InputError: for one that no node can use.
    """
    for name, look in spec.admissions:
        value = arguments.get(name)
        for one in value if spec.list_inputs and isinstance(value, list) else (value,):
            if one is not None:
                look(name, one)


class Returned(NamedTuple):
    """What one call of a function came to.

    Attributes:
        outputs: a value per output.
        ui: what it has to show.
        expand: the graph that takes its place.
    """

    outputs: Values
    ui: Mapping[str, Any] | None = None
    expand: Mapping[str, Any] | None = None


def unpack(returned: Any, spec: NodeSpec) -> Returned:
    """Take apart what a function returned: a tuple is a value per output, None is none, all else is one value.

    Raises:
        BadNode: when it returned more or fewer values than it declares.
    """
    told = returned if isinstance(returned, NodeOutput) else None
    value = returned if told is None else told.result
    if isinstance(value, ExecutionBlocker):
        outputs: Values = (value,) * len(spec.outputs)
    else:
        outputs = value if isinstance(value, tuple) else () if value is None else (value,)
    if len(outputs) != len(spec.outputs) and not spec.loose_outputs:
        raise BadNode(f"The node returned {len(outputs)} values where it declares {len(spec.outputs)} outputs.")
    return Returned(outputs) if told is None else Returned(outputs, told.ui or None, told.expand)


def merge_outputs(returned: Sequence[Values], spec: NodeSpec) -> tuple[Values, ...]:
    """Return the values of every output over all calls, those of outputs that are lists one after the other.

    Raises:
        BadNode: when an output that is a list is none.
    """
    listed = spec.list_slots
    if len(returned) == 1 and not listed:
        return tuple([value if type(value) is Spread else (value,) for value in returned[0]])
    return tuple(
        tuple(member for outputs in returned for member in _members(outputs[slot], slot in listed, slot))
        for slot in range(len(returned[0]))
    )


def merge_ui(shown: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]] | None:
    """Return what all calls have to show under the names that the first has, or None if none has anything."""
    return {name: [item for ui in shown for item in ui.get(name, ())] for name in shown[0]} if shown else None


def _call(arguments: Arguments) -> Arguments | ExecutionBlocker:
    for value in arguments.values():
        if type(value) is ExecutionBlocker:
            return value
    return arguments


class Spread(tuple[Any, ...]):
    """What came along a wire in the place of one value: it stands for as many values as there are."""

    __slots__ = ()


def _members(value: Any, is_list: bool, slot: int) -> Sequence[Any]:
    if isinstance(value, Spread):
        only = value[0] if len(value) == 1 else None
        return only if is_list and isinstance(only, list) else value
    if not is_list or isinstance(value, ExecutionBlocker):
        return (value,)
    if not isinstance(value, list | tuple):
        raise BadNode(f"Output {slot} is declared a list, but the node returned {shown(value)}.")
    return value
