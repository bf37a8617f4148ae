"""Graphs of the contract pack, and what node `x` of each comes to."""

from __future__ import annotations

from typing import Any

from ldm_nodes.engine.blocker import ExecutionBlocker

from .contract_pack import graph_of
from .pack import Graph

NUMBERS = {"two": ("Const", {"value": 2}), "three": ("Const", {"value": 3})}
BLOCK = ExecutionBlocker()

VALUES: list[tuple[str, Graph, Any]] = [
    ("a list runs what follows once per member", graph_of(
        l=("Range", {"count": 3}), x=("Add", {"a": "@l", "b": 10})), [10, 11, 12]),
    ("a shorter list repeats its last member", graph_of(
        l=("Range", {"count": 4}), s=("Range", {"count": 2}), x=("Add", {"a": "@l", "b": "@s"})), [0, 2, 3, 4]),
    ("a list of one is one value", graph_of(l=("Range", {"count": 1}), x=("Add", {"a": "@l", "b": 5})), 5),
    ("a node that takes lists is called once", graph_of(
        l=("Range", {"count": 3}), x=("Gather", {"values": "@l", "start": 7})), [[0, 1, 2], [7]]),
    ("a node that takes lists gets one value as a list", graph_of(
        c=("Const", {"value": 5}), x=("Gather", {"values": "@c"})), [[5], None]),
    ("a node that takes lists gets an empty list too", graph_of(
        l=("Range", {"count": 0}), x=("Gather", {"values": "@l"})), [[], None]),
    ("a node to which only empty lists come is called once, with nothing", graph_of(
        l=("Range", {"count": 0}), x=("Maybe", {"value": "@l"})), ["called", None]),
    ("a list output is a list even of one", graph_of(
        c=("Const", {"value": 5}), x=("Halves", {"values": "@c"})), [2]),
    ("lists from list nodes go on member by member", graph_of(
        l=("Range", {"count": 4}), h=("Halves", {"values": "@l"}), x=("Add", {"a": "@h.0", "b": "@h.1"})),
        [4, 4, 5, 5]),
    ("a mapped list node gives one list after the other", graph_of(
        l=("Range", {"count": 3}), x=("Range", {"count": "@l"})), [0, 0, 1]),
    ("only what is asked for is made (low)", graph_of(
        c=("Const", {"value": False}), **NUMBERS, x=("Mix", {"switch": "@c", "low": "@two", "high": "@three"})), 2),
    ("only what is asked for is made (high)", graph_of(
        c=("Const", {"value": True}), **NUMBERS, x=("Mix", {"switch": "@c", "low": "@two", "high": "@three"})), 3),
    ("a lazy constant is there at once", graph_of(
        **NUMBERS, x=("Mix", {"switch": 1, "low": "@two", "high": 9})), 9),
    ("without the hook a lazy input stays None", graph_of(**NUMBERS, x=("Sleepy", {"a": "@two"})), [None]),
    ("an optional lazy input may be absent", graph_of(**NUMBERS, x=("Blend", {"mask": 0, "first": "@two"})),
        [0, 2, None]),
    ("both lazy inputs may be wanted", graph_of(
        **NUMBERS, x=("Blend", {"mask": 0.5, "first": "@two", "second": "@three"})), [0.5, 2, 3]),
    ("wishes of all calls are united", graph_of(
        **NUMBERS, l=("Range", {"count": 2}), x=("Blend", {"mask": "@l", "first": "@two", "second": "@three"})),
        [[0, 2, 3], [1, 2, 3]]),
    ("a lazy list is mapped", graph_of(
        l=("Range", {"count": 2}), x=("Mix", {"switch": 1, "low": 0, "high": "@l"})), [0, 1]),
    ("a blocker goes through a chain", graph_of(
        g=("Gate", {"value": 1, "is_open": False, "message": ""}), a=("Add", {"a": "@g", "b": 1}),
        x=("Add", {"a": "@a", "b": 1})), BLOCK),
    ("an open gate lets through", graph_of(
        g=("Gate", {"value": 1, "is_open": True, "message": ""}), x=("Add", {"a": "@g", "b": 1})), 2),
    ("a blocker alone blocks all outputs", graph_of(
        g=("BlockAll", {"value": 1}), x=("Add", {"a": "@g.1", "b": 1})), BLOCK),
    ("a blocked list member blocks its call only", graph_of(
        l=("Range", {"count": 3}), g=("GateEach", {"value": "@l"}), x=("Add", {"a": "@g.0", "b": 10})),
        [10, BLOCK, 12]),
    ("one blocker blocks a node that takes lists", graph_of(
        l=("Range", {"count": 3}), g=("GateEach", {"value": "@l"}), x=("Gather", {"values": "@g.1"})), BLOCK),
    ("a blocked call of a lazy node asks for nothing", graph_of(
        g=("Gate", {"value": 1, "is_open": False, "message": ""}), f=("Fail", {"value": 1}),
        x=("Mix", {"switch": "@g", "low": "@f", "high": "@f"})), BLOCK),
    ("a blocked list output is one blocker", graph_of(
        g=("Gate", {"value": 1, "is_open": False, "message": ""}), x=("Range", {"count": "@g"})), [BLOCK]),
    ("a graph takes a node's place", graph_of(x=("Twice", {"value": 21})), 42),
    ("graphs take places in graphs", graph_of(x=("FourTimes", {"value": 3})), 12),
    ("a loop adds up", graph_of(x=("Count", {"until": 5, "step": 0, "total": 0})), 10),
    ("each call of a mapped node may expand", graph_of(l=("Range", {"count": 3}), x=("Twice", {"value": "@l"})),
        [0, 2, 4]),
    ("some calls expand and some do not", graph_of(
        l=("Range", {"count": 4}), x=("SometimesExpand", {"value": "@l"})), [100, 1, 102, 3]),
    ("a raw wire arrives as such and can be handed on", graph_of(
        two=("Const", {"value": 2}), x=("Peek", {"value": "@two"})), 3),
    ("a result may be a wire to a node of the prompt", graph_of(
        two=("Const", {"value": 2}), x=("Expand", {"graph": {}, "result": {"__value__": ["two", 0]}})), 2),
    ("a result that is no wire is a value", graph_of(x=("Expand", {"graph": {}, "result": {"__value__": ["a", "b"]}})),
        ["a", "b"]),
    ("a wire to a list brings all its members", graph_of(x=("Expand", {
        "graph": {"n": {"class_type": "Range", "inputs": {"count": 3}}}, "result": {"__value__": ["n", 0]}})),
        [0, 1, 2]),
    ("coroutines bring values", graph_of(l=("Later", {"value": 5}), x=("Add", {"a": "@l", "b": 1})), 6),
    ("mapped coroutines bring values in order", graph_of(
        l=("Range", {"count": 3}), x=("Later", {"value": "@l"})), [0, 1, 2]),
    ("a blocked coroutine does not begin", graph_of(
        g=("Gate", {"value": 1, "is_open": False, "message": ""}), x=("Later", {"value": "@g"})), BLOCK),
]  # fmt: skip

FAILURES: list[tuple[str, Graph, str]] = [
    ("an empty list beside a longer one", graph_of(
        l=("Range", {"count": 0}), x=("Add", {"a": "@l", "b": 1})), "enters 'a' is empty, while another has 1 members"),
    ("a list output that is no list", graph_of(x=("WrongList", {"value": 5})),
        "Output 0 is declared a list, but the node returned 5."),
    ("an expansion that leaves out an input", graph_of(x=("Expand", {
        "graph": {"n": {"class_type": "Halves", "inputs": {}}}, "result": {"__value__": ["n", 0]}})),
        "missing 1 required positional argument: 'values'"),
    ("a wire of the result from nowhere", graph_of(x=("Expand", {"graph": {}, "result": {"__value__": ["gone", 0]}})),
        "wired to node 'gone', which does not exist"),
    ("asking for an input without a wire", graph_of(x=("Greedy", {})), "asks for its input 'nowhere'"),
    ("an id that is taken", graph_of(x=("Expand", {
        "graph": {"x": {"class_type": "Range", "inputs": {"count": 3}}}, "result": 1})), "'x', but that id is taken"),
    ("a class that is not there", graph_of(x=("Expand", {
        "graph": {"n": {"class_type": "Rnge", "inputs": {}}}, "result": 1})),
        "class 'Rnge', which does not exist. Did you mean Range?"),
    ("no class at all", graph_of(x=("Expand", {"graph": {"n": {"inputs": {}}}, "result": 1})),
        "'n' of the expansion has no class_type"),
    ("a wire from nowhere", graph_of(x=("Expand", {
        "graph": {"n": {"class_type": "Const", "inputs": {"value": {"__value__": 1}}},
                  "m": {"class_type": "Const", "inputs": {"value": ["gone", 0]}}}, "result": 1})),
        "wired to node 'gone', which does not exist"),
    ("a cycle in the expansion", graph_of(x=("Expand", {
        "graph": {"m": {"class_type": "Const", "inputs": {"value": ["n", 0]}},
                  "n": {"class_type": "Const", "inputs": {"value": ["m", 0]}}}, "result": {"__value__": ["m", 0]}})),
        "Dependency cycle detected"),
    ("an expansion that waits for its node", graph_of(x=("Expand", {
        "graph": {"m": {"class_type": "Const", "inputs": {"value": ["x", 0]}}}, "result": {"__value__": ["m", 0]}})),
        "Dependency cycle detected"),
    ("an exception of a coroutine", graph_of(x=("FailLater", {"value": 1})), "the line is dead"),
]  # fmt: skip
