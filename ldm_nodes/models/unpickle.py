"""The one reader of pickles: it interprets them and never runs them.

A pickle is a small program for a stack machine. Python's own machine calls whatever the file names; this one has no
instruction that calls anything. It knows the handful of names that tensors are made of, turns each into a value of its
own, replaces training leftovers (callbacks, options) by inert placeholders, and refuses every other name. Instructions
are decoded by the standard library's `pickletools`, which only parses.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import torch

from .errors import UnreadableFile, UnsafeFile
from .pickled import Function, Inert, PickledTensor, Storage, find, set_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_INSTRUCTIONS = 20_000_000


@dataclass
class Machine:
    """The stack machine. `run` returns what the pickle describes, made of plain containers, numbers and tensors."""

    name: str
    stack: list[Any] = field(default_factory=list)
    marks: list[list[Any]] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def run(self, stream: IO[bytes]) -> Any:
        """Interpret one pickle from `stream`, which is left just behind it.

        Raises:
            UnreadableFile: when the bytes are no valid pickle.
            UnsafeFile: when it names anything that is not on the list.
        """
        try:
            for code, argument in islice(_instructions(stream), MAX_INSTRUCTIONS):
                if code == "STOP":
                    return self.stack.pop()
                self._step(code, argument)
        except (UnreadableFile, UnsafeFile):
            raise
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UnreadableFile(f"{self.name} holds a damaged pickle ({error}).") from error
        raise UnreadableFile(f"{self.name} holds a pickle without an end within {MAX_INSTRUCTIONS} instructions.")

    def refuse(self, what: str) -> UnsafeFile:
        """Make the error for a pickle that wants `what`."""
        return UnsafeFile(
            f"{self.name} asks for {what[:200]!r} while loading; a checkpoint needs only tensors; it was refused and "
            f"nothing in it was run. Use a .safetensors version of the file."
        )

    def pop_mark(self) -> list[Any]:
        """Return the values above the last mark and continue below it."""
        values, self.stack = self.stack, self.marks.pop()
        return values

    def _step(self, code: str, argument: Any) -> None:
        if code in _PUSH:
            self.stack.append(argument)
        elif code in _CONSTANTS:
            self.stack.append(_CONSTANTS[code]())
        elif code in _MEMO_PUT:
            self.memo[len(self.memo) if code == "MEMOIZE" else int(argument)] = self.stack[-1]
        elif code in _MEMO_GET:
            self.stack.append(self.memo[int(argument)])
        elif code in _ACTIONS:
            _ACTIONS[code](self, argument)
        elif code not in _IGNORED:
            raise self.refuse(f"the instruction {code}")

    def apply(self, function: Any, arguments: Any) -> Any:
        """Return what `function(*arguments)` stands for; nothing is called that came from the file."""
        if isinstance(function, Function) and isinstance(arguments, tuple):
            return function.apply(self, arguments)
        if isinstance(function, Inert):
            return Inert(function.name)
        raise self.refuse(f"a call of a {type(function).__name__}")

    def storage(self, reference: Any) -> Storage:
        """Return the storage that a persistent id names."""
        match reference:
            case ("storage", torch.dtype() as dtype, str(key), _, int(numel), *rest) if numel >= 0:
                view = rest[0] if rest else None
                if view is None:
                    return Storage(key, dtype, numel)
                _, first, length = view
                if min(first, length) >= 0 and first + length <= numel:
                    return Storage(key, dtype, length, first)
        raise UnreadableFile(f"{self.name} refers to its numbers in an unknown way.")


def _instructions(stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    for opcode, argument, _ in pickletools.genops(stream):
        yield opcode.name, argument


def _set_items(machine: Machine, pairs: list[Any]) -> None:
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        set_item(machine, machine.stack[-1], key, value)


def _extend(machine: Machine, items: list[Any]) -> None:
    """Add to a list; a set is kept as a list, because only its presence matters."""
    target = machine.stack[-1]
    if isinstance(target, list):
        target.extend(items)
    elif not isinstance(target, Inert):
        raise machine.refuse(f"appending to a {type(target).__name__}")


def _mark(machine: Machine, _: Any) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def _pop(machine: Machine, _: Any) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def _drop_to_mark(machine: Machine, _: Any) -> None:
    machine.pop_mark()


def _setitem(machine: Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    set_item(machine, machine.stack[-1], key, value)


def _reduce(machine: Machine, _: Any) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(machine.apply(function, arguments))


def _newobj_ex(machine: Machine, _: Any) -> None:
    machine.stack.pop()
    _reduce(machine, None)


def _object(machine: Machine, _: Any) -> None:
    function, *arguments = machine.pop_mark()
    machine.stack.append(machine.apply(function, tuple(arguments)))


def _instance(machine: Machine, names: str) -> None:
    arguments = tuple(machine.pop_mark())
    machine.stack.append(machine.apply(find(machine, *names.split(" ", 1)), arguments))


def _build(machine: Machine, _: Any) -> None:
    """Drop the state: placeholders have none, and tables get theirs (hooks, versions) only from torch modules."""
    machine.stack.pop()
    if not isinstance(machine.stack[-1], Inert | dict | PickledTensor):
        raise machine.refuse(f"changing the state of a {type(machine.stack[-1]).__name__}")


def _global(machine: Machine, names: str) -> None:
    machine.stack.append(find(machine, *names.split(" ", 1)))


def _stack_global(machine: Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise machine.refuse("a name that is no text")
    machine.stack.append(find(machine, module, name))


def _tuple_of(count: int) -> Callable[[Machine, Any], None]:
    def make(machine: Machine, _: Any) -> None:
        values = tuple(machine.stack[-count:])
        if len(values) < count:
            raise UnreadableFile(f"{machine.name} holds a damaged pickle (its stack is too short).")
        machine.stack[-count:] = [values]

    return make


def _from_mark(make: Callable[[list[Any]], Any]) -> Callable[[Machine, Any], None]:
    def push(machine: Machine, _: Any) -> None:
        values = machine.pop_mark()
        machine.stack.append(make(values))

    return push


def _dict(machine: Machine, _: Any) -> None:
    pairs = machine.pop_mark()
    machine.stack.append({})
    _set_items(machine, pairs)


def _persistent(machine: Machine, _: Any) -> None:
    machine.stack.append(machine.storage(machine.stack.pop()))


_ACTIONS: dict[str, Callable[[Machine, Any], None]] = {
    "MARK": _mark,
    "POP": _pop,
    "POP_MARK": _drop_to_mark,
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "TUPLE": _from_mark(tuple),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "LIST": _from_mark(list),
    "FROZENSET": _from_mark(list),
    "DICT": _dict,
    "APPEND": lambda machine, _: _extend(machine, [machine.stack.pop()]),
    "APPENDS": lambda machine, _: _extend(machine, machine.pop_mark()),
    "ADDITEMS": lambda machine, _: _extend(machine, machine.pop_mark()),
    "SETITEM": _setitem,
    "SETITEMS": lambda machine, _: _set_items(machine, machine.pop_mark()),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _newobj_ex,
    "OBJ": _object,
    "INST": _instance,
    "BUILD": _build,
    "BINPERSID": _persistent,
}
_PUSH = frozenset({
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "STRING", "BINSTRING",
    "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8", "UNICODE", "BINUNICODE",
    "SHORT_BINUNICODE", "BINUNICODE8",
})  # fmt: skip
_CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_SET": list,
    "EMPTY_TUPLE": tuple,
}
_MEMO_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
_MEMO_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
_IGNORED = frozenset({"PROTO", "FRAME"})
