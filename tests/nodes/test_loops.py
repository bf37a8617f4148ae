"""Loops: rounds, values that go from round to round, loops in loops, and ends that never come."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.engine.errors import NodeFailed
from ldm_nodes.engine.executor import Executor
from ldm_nodes.nodes.runtime import Runtime
from tests.nodes.pairings import painting, sampler
from tests.nodes.test_logic import Graph, node, run


def repeated(count: Any = 4, **more: dict[str, Any]) -> Graph:
    """Return a loop that counts up: each round adds its number and a number from outside."""
    return {
        "one": node("PrimitiveInt", value=1),
        "start": node("RepeatStart", value=0, value_2="x"),
        "sum": node("Calculate", expression="a + b + c", a=["start", 2], b=["start", 1], c=["one", 0]),
        "text": node("StringConcatenate", string_a=["start", 3], string_b="y", delimiter=""),
        "end": node("RepeatEnd", loop=["start", 0], count=count, value=["sum", 0], value_2=["text", 0]),
        **more,
    }


@pytest.mark.parametrize(("count", "total"), [(0, 0), (1, 1), (4, 0 + 1 + 2 + 3 + 4), (50, 50 + 1225)])
def test_values_go_from_round_to_round(parts: Executor[Runtime], count: int, total: int) -> None:
    outputs, executed = run(parts, repeated(count), "end")
    assert outputs["end"] == (total, "x" + count * "y", None)
    assert not {"sum", "text", "start"} & executed


def test_the_number_of_rounds_may_come_from_a_node(parts: Executor[Runtime]) -> None:
    graph = repeated(["many", 0], many=node("Calculate", expression="2 * 3"), behind=node(
        "StringLength", string=["end", 1]
    ))  # fmt: skip
    assert run(parts, graph, "behind")[0]["behind"] == (7,)


def test_what_does_not_change_is_made_once(parts: Executor[Runtime]) -> None:
    graph = repeated(
        9,
        picture=node("EmptyImage", width=11, height=5, batch_size=1, color=9),
        start=node("RepeatStart", value=["picture", 0]),
        sum=node("ImageBatch", image1=["start", 2], image2=["picture", 0]),
        text=node("ImageInvert", image=["sum", 0]),
        end=node("RepeatEnd", loop=["start", 0], count=9, value=["text", 0]),
    )
    outputs, executed = run(parts, graph, "end")
    assert outputs["end"][0].shape == (10, 5, 11, 3)
    assert "picture" in executed


def test_no_rounds_hand_on_what_came(parts: Executor[Runtime]) -> None:
    graph = repeated(0, start=node("RepeatStart", value=["seven", 0]), seven=node("PrimitiveInt", value=7))
    assert run(parts, graph, "end")[0]["end"] == (7, None, None)


def test_a_loop_in_a_loop(parts: Executor[Runtime]) -> None:
    graph = {
        "outer": node("RepeatStart", value=1),
        "inner": node("RepeatStart", value=["outer", 2]),
        "double": node("Calculate", expression="a * 2 + b", a=["inner", 2], b=["outer", 1]),
        "inner_end": node("RepeatEnd", loop=["inner", 0], count=3, value=["double", 0]),
        "outer_end": node("RepeatEnd", loop=["outer", 0], count=4, value=["inner_end", 0]),
    }
    expected = 1
    for index in range(4):
        for _ in range(3):
            expected = expected * 2 + index
    assert run(parts, graph, "outer_end")[0]["outer_end"] == (expected, None, None)


def collatz(begin: int, most: int = 200) -> Graph:
    return {
        "begin": node("PrimitiveInt", value=begin),
        "start": node("WhileStart", value=["begin", 0], value_2=""),
        "next": node("Calculate", expression="a // 2 if a % 2 == 0 else 3 * a + 1", a=["start", 2]),
        "track": node("StringConcatenate", string_a=["start", 3], string_b="*", delimiter=""),
        "more": node("Calculate", expression="a != 1", a=["next", 0]),
        "end": node(
            "WhileEnd", loop=["start", 0], condition=["more", 2], value=["next", 0], value_2=["track", 0],
            value_3=["start", 1], most_rounds=most,
        ),
    }  # fmt: skip


@pytest.mark.parametrize(("begin", "rounds"), [(2, 1), (6, 8), (27, 111)])
def test_a_loop_goes_on_while_a_condition_holds(parts: Executor[Runtime], begin: int, rounds: int) -> None:
    outputs, _ = run(parts, collatz(begin), "end")
    assert outputs["end"] == (1, "*" * rounds, rounds - 1)


def test_many_rounds_are_quickly_written(parts: Executor[Runtime]) -> None:
    """Ids of rounds stay short, however many there are."""
    graph = {
        "start": node("WhileStart", value=0),
        "more": node("Calculate", expression="a + 1", a=["start", 2]),
        "go": node("Calculate", expression="a < 300", a=["more", 0]),
        "end": node("WhileEnd", loop=["start", 0], condition=["go", 2], value=["more", 0], most_rounds=300),
    }
    outputs, executed = run(parts, graph, "end")
    assert outputs["end"][0] == 300
    assert max(map(len, executed)) < 40


def test_a_changed_body_is_made_again(parts: Executor[Runtime]) -> None:
    graph = repeated(3)
    assert run(parts, graph, "end")[0]["end"][0] == 6
    graph["sum"]["inputs"]["expression"] = "a + 2 * c"
    outputs, executed = run(parts, graph, "end")
    assert outputs["end"][0] == 6
    assert "end" in executed
    assert "end" not in run(parts, graph, "end")[1]


def test_loops_of_the_second_kind_in_the_first(parts: Executor[Runtime]) -> None:
    graph = {
        "outer": node("RepeatStart", value=3),
        "start": node("WhileStart", value=["outer", 2]),
        "next": node("Calculate", expression="a + 5", a=["start", 2]),
        "more": node("Calculate", expression="a % 10 != 8", a=["next", 0]),
        "end": node("WhileEnd", loop=["start", 0], condition=["more", 2], value=["next", 0], most_rounds=9),
        "outer_end": node("RepeatEnd", loop=["outer", 0], count=4, value=["end", 0]),
    }
    assert run(parts, graph, "outer_end")[0]["outer_end"] == (38, None, None)


def test_a_loop_without_end_is_stopped(parts: Executor[Runtime]) -> None:
    with pytest.raises(NodeFailed, match=r"yes after 20 rounds.*Expected no after 20 at most"):
        run(parts, collatz(27, most=20), "end")


def test_loops_that_are_too_large_are_not_begun(parts: Executor[Runtime]) -> None:
    graph: Graph = {"start": node("RepeatStart", value=1), "0": node("Calculate", expression="a", a=["start", 2])}
    graph |= {str(i): node("Calculate", expression="a", a=[str(i - 1), 0]) for i in range(1, 120)}
    graph["end"] = node("RepeatEnd", loop=["start", 0], count=1000, value=["119", 0])
    with pytest.raises(NodeFailed, match=r"1000 rounds of 120 nodes. Expected at most 100,000"):
        run(parts, graph, "end")


def test_an_end_needs_its_start(parts: Executor[Runtime]) -> None:
    graph = repeated(3, start=node("WhileStart", value=0, value_2="x"))
    with pytest.raises(NodeFailed, match=r"a wire from WhileStart.*Expected the loop of RepeatStart"):
        run(parts, graph, "end")


def test_pictures_are_painted_in_a_loop(parts: Executor[Runtime]) -> None:
    """Each round samples with a seed of its own and joins its picture to those before; models load once."""
    graph = painting() | {
        "blank": node("EmptyImage", width=8, height=64, batch_size=1, color=0),
        "loop": node("RepeatStart", value=["blank", 0]),
        "seed": node("Calculate", expression="100 + a", a=["loop", 1]),
        "sample": sampler(seed=["seed", 0]),
        "strip": node("ImageStitch", image1=["loop", 2], image2=["picture", 0], direction="right",
                      match_image_size=False, spacing_width=0, spacing_color="white"),
        "end": node("RepeatEnd", loop=["loop", 0], count=3, value=["strip", 0]),
    }  # fmt: skip
    outputs, executed = run(parts, graph, "end")
    pictures = outputs["end"][0][:, :, 8:].unfold(2, 64, 64)
    assert pictures.shape[2] == 3
    assert not torch.equal(pictures[:, :, 0], pictures[:, :, 1])
    assert sum("sample" in node_id for node_id in executed) == 3
    graph["sample"] = sampler(seed=101)
    (alone,) = run(parts, graph, "picture")[0]["picture"]
    assert torch.equal(outputs["end"][0][:, :, 72:136], alone)
