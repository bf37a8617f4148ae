"""Every event comes back from its text; what JSON cannot hold comes back in words."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from ldm_nodes.engine.dynamic_prompt import Place
from ldm_nodes.engine.errors import Problem
from ldm_nodes.engine.events import (
    Blocked,
    Cached,
    Event,
    Executed,
    Executing,
    Expanded,
    Explained,
    Failed,
    Interrupted,
    Notice,
    Progress,
    Started,
    Succeeded,
)
from ldm_nodes.engine.explanation import Cause, Explanation, NodeRecord
from ldm_nodes.engine.memory import Eviction
from ldm_nodes.jobs.event_json import KINDS, from_text, to_text

EVENTS: list[Event] = [
    Started("r", ("1", "2")),
    Cached("r", ()),
    Executing("r", "1", "KSampler", "Mein Knoten ☃"),
    Explained(
        "r",
        Explanation(
            {"1": NodeRecord("ran", 0.5, causes=(Cause("constant", "seed", "1", "2"),)), "2": NodeRecord("skipped")},
            (Eviction("sd15", 4 << 30, 3),),
            1000,
        ),
    ),
    Progress("r", "1", 1, 20.5),
    Notice("r", "1", "careful"),
    Expanded("r", "1", (Place("1.0.0.a", "1", "1", "1"),)),
    Blocked("r", "1", "Show", "not today"),
    Executed("r", "1", {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}, 0.25, reused=True),
    Executed("r", "1", None, 0.0, reused=False),
    Failed("r", Problem("x", "y", node_id="1", extra_info={"traceback": ["a"]})),
    Interrupted("r", None),
    Interrupted("r", "1", unresponsive=True),
    Succeeded("r"),
]


def _there_and_back(event: Event) -> Event | None:
    return from_text(type(event).__name__, to_text(event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back(event: Event) -> None:
    assert _there_and_back(event) == event


def test_every_kind_of_event_is_known() -> None:
    assert set(KINDS.values()) == set(get_args(Event))


def test_a_problem_says_the_same_when_it_comes_back() -> None:
    for received in (3, "text", [1, {"a": object}], None):
        problem = Problem("bad_input", "Wrong", node_id="1", received=received, expected="5", remedy="Count less.")
        back = _there_and_back(Failed("r", problem))
        assert isinstance(back, Failed)
        assert str(back.problem) == str(problem)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j, {"deep": [object()]}])
def test_what_json_cannot_hold_is_described(value: Any) -> None:
    back = _there_and_back(Executed("r", "1", {"x": value, ("no", "text"): 1}, 0.0, reused=False))  # type: ignore[dict-item]
    assert isinstance(back, Executed)
    assert back.ui is not None
    assert list(back.ui) == ["x"]


def test_what_another_version_wrote_is_passed_over() -> None:
    assert from_text("Levitated", '{"run_id": "r"}') is None
    assert from_text("Succeeded", '{"run_id": "r", "applause": 3}') is None
    assert from_text("Executing", '{"run_id": "r"}') is None
