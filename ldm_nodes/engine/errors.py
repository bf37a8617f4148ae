"""What can go wrong with a graph: `Problem` is the value that people and clients read, the exceptions carry it.

A problem keeps ComfyUI's `code`, `message`, `details` and `extra_info`, which its clients parse, and beside them what a
person needs: which node, which input, what came, what was expected, what to do.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST_NAME = 80


class Missing:
    """The type of `MISSING`, which says that there is no value where `None` would be one."""

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a graph, told so that it can be put right.

    Attributes:
        code: a machine-readable name; ComfyUI's error `type` where it has one.
        message: what is wrong, in general; ComfyUI's text where it has one.
        details: what is wrong, in particular; ComfyUI's text where it has one.
        node_id: the node it concerns, or None for the graph as a whole.
        title: that node's title in the editor, if it has one.
        class_type: that node's class.
        input_name: the input it concerns.
        received: what came; `MISSING` if nothing did.
        expected: what would have been right.
        remedy: what to do about it.
        producer: the node that made the offending value, described.
        extra_info: what ComfyUI's clients find under `extra_info`.
        sentence: what a person reads in place of message and details, where ComfyUI's texts read poorly.
    """

    code: str
    message: str
    details: str = ""
    node_id: str | None = None
    title: str = ""
    class_type: str = ""
    input_name: str = ""
    received: Any = MISSING
    expected: str = ""
    remedy: str = ""
    producer: str = ""
    extra_info: Mapping[str, Any] = field(default_factory=dict)
    sentence: str = ""

    def __str__(self) -> str:
        told_below = bool(self.expected) or self.details in ("", self.message)
        message = self.message if told_below else f"{self.message.rstrip('.')} ({self.details})"
        message = self.sentence or message
        return printable(" ".join([f"{self.where}{message.rstrip('.')}.", *self._facts()]))

    @property
    def particulars(self) -> str:
        """The details, or what stands in their place: what came, from where, what was expected and what to do."""
        return self.details or printable(" ".join(self._facts()))

    def _facts(self) -> Iterator[str]:
        if self.received is not MISSING:
            yield f"Received {shown(self.received)}."
        if self.producer:
            yield f"It came from {self.producer}."
        if self.expected:
            yield f"Expected {self.expected}."
        if self.remedy:
            yield self.remedy

    @property
    def where(self) -> str:
        """Name the place: `node 3 "My sampler" (KSampler), input "steps": `, or nothing for the whole graph."""
        if self.node_id is None:
            return ""
        place = named(self.node_id, self.title, self.class_type)
        return f'{place}, input "{self.input_name}": ' if self.input_name else f"{place}: "


class EngineError(Exception):
    """The root of everything that the engine raises on purpose."""


class BadNode(EngineError):
    """A function that cannot be a node as it is written, or a name that two nodes claim."""


class PromptRejected(EngineError):
    """A graph of which nothing can run; `problems` says all that is wrong with it.

    Attributes:
        problems: everything found.
        invalid_outputs: the output nodes that cannot run.
    """

    def __init__(self, problems: tuple[Problem, ...], invalid_outputs: tuple[str, ...] = ()) -> None:
        super().__init__(problems, invalid_outputs)
        self.problems = problems
        self.invalid_outputs = invalid_outputs

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class NodeFailed(EngineError):
    """A node that raised while it ran; the cause is chained, `problem` tells it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem)


class Cancelled(EngineError):
    """Someone asked for the run to stop."""

    def __str__(self) -> str:
        return "The run was cancelled."


class InputError(EngineError):
    """A node's complaint about one of its inputs; the engine adds which node made the value.

    Attributes:
        input_name: the input.
        received: what came, in words.
        expected: what would have been right, in words.
        remedy: what to do about it, in sentences.
        origin: a constant, such as a file's name, of the node that the fault goes back to: not the one that encoded a
            prompt but the one that loaded the encoder.

    Example:
        >>> str(InputError("image", received="a batch of 0", expected="at least one picture"))
        'Received a batch of 0. Expected at least one picture.'
    """

    def __init__(self, input_name: str, *, received: str, expected: str, remedy: str = "", origin: str = "") -> None:
        super().__init__(input_name, received, expected, remedy, origin)
        self.input_name = input_name
        self.received = received
        self.expected = expected
        self.remedy = remedy
        self.origin = origin

    def __reduce__(self) -> tuple[Any, ...]:
        return _input_error, self.args

    def __str__(self) -> str:
        return f"Received {self.received}. Expected {self.expected}. {self.remedy}".strip()


def named(node_id: str, title: str = "", class_type: str = "") -> str:
    """Describe a node in words.

    Example:
        >>> named("3", "My sampler", "KSampler")
        'node 3 "My sampler" (KSampler)'
    """
    text = f"node {_brief(node_id)}"
    if title and title != class_type:
        text += f' "{_brief(title)}"'
    return f"{text} ({_brief(class_type)})" if class_type else text


class Words(str):
    """A description that stands for a value; it is shown as it is, without quotes."""

    __slots__ = ()


def shown(value: Any) -> str:
    """Return a short `repr` of anything, however long or deeply nested it is."""
    if isinstance(value, Words):
        return str(value)
    short = reprlib.Repr()
    short.maxstring = short.maxother = 120
    short.maxlevel = 3
    return short.repr(value)


def printable(text: str) -> str:
    """Take out what could steer a terminal; titles and texts come from files of strangers."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _brief(name: str) -> str:
    """Return a name that a stranger chose as part of a line: without line breaks and not longer than one line."""
    name = printable(" ".join(name.split()))
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _input_error(input_name: str, received: str, expected: str, remedy: str, origin: str) -> InputError:
    return InputError(input_name, received=received, expected=expected, remedy=remedy, origin=origin)
