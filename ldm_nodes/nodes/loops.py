"""Loops: what lies between a start and an end is made again and again, up to three values going from round to round.

A loop that repeats so many times is written out at once; one that goes on while a condition holds puts one more round
in its place whenever it does.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from ..engine.context import Context
from ..engine.errors import InputError
from ..engine.graph_builder import BuiltNode, GraphBuilder
from ..engine.prompt import read_link
from ..engine.sockets import Boolean, Int, Socket
from ..engine.spec import NodeOutput, node
from .loop_body import LoopBody
from .runtime import Runtime
from .sockets import Anything, Loop

VALUES = ("value", "value_2", "value_3")
FIRST_VALUE = 2
"""Slots of a loop's start: itself, the number of the round, the values."""
LATER_END = re.compile(r"(.+)\.turn \d+\.end", re.DOTALL)
"""The id of the end of a round but the first."""
MOST_ROUNDS = 1000
MOST_NODES = 100_000
"""Nodes that one loop may be written out to."""

FromLoop = Annotated[Any, Socket("LOOP", raw_link=True)]
Raw = Annotated[Any, Socket("*", raw_link=True)]
RawOrNone = Annotated[Any, Socket("*", raw_link=True, optional=True)]
Optional = Annotated[Any, Socket("*", optional=True)]
Started = tuple[Loop, int, Anything, Anything, Anything]
Ended = NodeOutput[tuple[Anything, Anything, Anything]]
START_OUTPUTS = ("loop", "index", *VALUES)


@node("RepeatStart", category="utils/loop", display_name="Repeat: Start", outputs=START_OUTPUTS)
def repeat_start(value: Optional = None, value_2: Optional = None, value_3: Optional = None) -> Started:
    """Begin what is repeated so many times.

    Args:
        value: what the first round begins with; later rounds begin with what the round before ended with.
        value_2: a second value.
        value_3: a third value.
    """
    return None, 0, value, value_2, value_3


@node("RepeatEnd", category="utils/loop", display_name="Repeat: End", outputs=VALUES, expands=True)
def repeat_end(
    loop: FromLoop,
    count: Annotated[int, Int(min=0, max=MOST_ROUNDS)] = 3,
    value: Raw = None,
    value_2: RawOrNone = None,
    value_3: RawOrNone = None,
    *,
    context: Context[Runtime],
) -> Ended:
    """End what is repeated, and hand on what the last round ended with.

    Args:
        loop: the start of the loop.
        count: how many rounds there are.
        value: what a round ends with.
        value_2: a second value.
        value_3: a third value.
    """
    start = _start_of(loop, "RepeatStart", context)
    given = context.graph.get_node(start)["inputs"]
    ends = (value, value_2, value_3)
    body = LoopBody.between(context.graph, start, ends)
    if len(body.nodes) * count > MOST_NODES:
        expected = f"at most {MOST_NODES:,} nodes over all rounds"
        raise InputError("count", received=f"{count} rounds of {len(body.nodes)} nodes", expected=expected)
    builder = context.graph_builder()
    values = [given.get(name) for name in VALUES]
    for index in range(count):
        before = (None, index, *values)
        anew = body.write(builder, f"round {index + 1}", before.__getitem__)
        values = [anew(wire) for wire in ends]
    # What comes from outside goes through a node of this graph, for which the engine waits.
    last = builder.node("RepeatStart", "last", **dict(zip(VALUES, values, strict=True)))
    return NodeOutput(_wires(last, FIRST_VALUE), expand=builder.finalize())


@node("WhileStart", category="utils/loop", display_name="While: Start", outputs=START_OUTPUTS)
def while_start(
    value: Optional = None,
    value_2: Optional = None,
    value_3: Optional = None,
    index: Annotated[int, Int(optional=True, min=0)] = 0,
) -> Started:
    """Begin what is repeated while a condition holds.

    Args:
        value: what the first round begins with; later rounds begin with what the round before ended with.
        value_2: a second value.
        value_3: a third value.
        index: the number of the first round.
    """
    return None, index, value, value_2, value_3


@node("WhileEnd", category="utils/loop", display_name="While: End", outputs=VALUES, expands=True)
def while_end(
    loop: FromLoop,
    condition: Annotated[bool, Boolean(force_input=True)],
    value: Optional = None,
    value_2: Optional = None,
    value_3: Optional = None,
    most_rounds: Annotated[int, Int(min=1, max=MOST_ROUNDS)] = 100,
    *,
    context: Context[Runtime],
) -> Ended:
    """End a round, and begin the next one if the condition holds; there is at least one.

    Args:
        loop: the start of the loop.
        condition: whether there is another round.
        value: what a round ends with.
        value_2: a second value.
        value_3: a third value.
        most_rounds: how many rounds there may be; more are an error.
    """
    if not condition:
        return NodeOutput((value, value_2, value_3))
    start = _start_of(loop, "WhileStart", context)
    index = context.graph.get_node(start)["inputs"].get("index", 0) + 1
    if index >= most_rounds:
        raise InputError("condition", received=f"yes after {index} rounds", expected=f"no after {most_rounds} at most")
    own = context.graph.get_node(context.node_id)["inputs"]
    ends = {name: own.get(name) for name in ("condition", *VALUES)}
    body = LoopBody.between(context.graph, start, ends.values())
    chain = _chain(context)
    builder = GraphBuilder(f"{chain}.turn {index + 1}.")
    begun = builder.node("WhileStart", "start", index=index, **{name: ends[name] for name in VALUES})
    anew = body.write(builder, "body", begun.out, before=f"{chain}.turn {index}.body.")
    again = {name: anew(wire) for name, wire in ends.items()}
    ended = builder.node("WhileEnd", "end", loop=begun.out(0), most_rounds=most_rounds, **again)
    ended.display_id = context.graph.get_display_node_id(context.node_id)
    return NodeOutput(_wires(ended, 0), expand=builder.finalize())


def _chain(context: Context[Runtime]) -> str:
    """Return what the ids of all rounds of a loop begin with: they must not grow from round to round."""
    later = LATER_END.fullmatch(context.node_id)
    if later is None:
        return f"{context.node_id}.{context.call_index}"
    return f"{later[1]}.{context.call_index}" if context.call_index else later[1]


def _wires(built: BuiltNode, first: int) -> tuple[Any, Any, Any]:
    """Return the wires of three outputs from slot `first` on."""
    return built.out(first), built.out(first + 1), built.out(first + 2)


def _start_of(loop: Any, class_type: str, context: Context[Runtime]) -> str:
    """Return the id of the loop's start.

    Raises:
        InputError: when `loop` does not come from such a node.
    """
    link = read_link(loop)
    found = None if link is None else context.graph.get_node(link.node_id)["class_type"]
    if link is None or found != class_type:
        raise InputError("loop", received=f"a wire from {found or 'nothing'}", expected=f"the loop of {class_type}")
    return link.node_id
