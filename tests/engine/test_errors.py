"""Problems read well, and exceptions travel."""

from __future__ import annotations

import pickle

import pytest

from ldm_nodes.engine.errors import (
    MISSING,
    BadNode,
    Cancelled,
    EngineError,
    InputError,
    NodeFailed,
    Problem,
    PromptRejected,
    Words,
    named,
    shown,
)  # fmt: skip

PROBLEM = Problem("code", "It broke.", "why", node_id="3", title="Mine", class_type="K", input_name="x")


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("c", "All is wrong"), "All is wrong."),
        (PROBLEM, 'node 3 "Mine" (K), input "x": It broke (why).'),
        (Problem("c", "M", "M", node_id="1"), "node 1: M."),
        (Problem("c", "M", "hidden", received=None, expected="b", remedy="Do.", producer="node 2"),
         "M. Received None. It came from node 2. Expected b. Do."),
        (Problem("c", "M", received=Words("two things")), "M. Received two things."),
        (Problem("c", "bad\x1b[31m title\u202e\nnext"), "bad\ufffd[31m title\ufffd\nnext."),
    ],
)  # fmt: skip
def test_problems_read_well(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_a_title_that_is_the_class_is_not_repeated() -> None:
    assert named("1", "K", "K") == "node 1 (K)"
    assert named("1", "T") == 'node 1 "T"'


def test_names_of_strangers_stay_harmless_parts_of_a_line() -> None:
    assert named("1", "\x1b]0;owned\x07 two\nlines", "K") == 'node 1 "\ufffd]0;owned\ufffd two lines" (K)'
    assert len(named("9" * 10**5, "t" * 10**5, "K" * 10**5)) < 300


def test_values_are_shown_briefly() -> None:
    deep: object = 1
    for _ in range(1000):
        deep = [deep]
    assert len(shown("x" * 10**6)) < 200
    assert len(shown(deep)) < 200
    assert len(shown(list(range(10**5)))) < 200


@pytest.mark.parametrize(
    "error",
    [
        PromptRejected((PROBLEM, Problem("c", "M")), ("9",)),
        NodeFailed(PROBLEM),
        InputError("x", received="a", expected="b", remedy="Do."),
        Cancelled(),
        BadNode("no"),
    ],
)
def test_errors_survive_pickling(error: EngineError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_rejection_tells_every_problem_on_a_line() -> None:
    assert str(PromptRejected((PROBLEM, Problem("c", "M")))).splitlines() == [str(PROBLEM), "M."]


def test_missing_stays_itself() -> None:
    assert pickle.loads(pickle.dumps(MISSING)) is MISSING
    assert repr(MISSING) == "MISSING"
