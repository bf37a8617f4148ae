"""Regular expressions: what they find, what is none, and patterns that would never end."""

from __future__ import annotations

import re

import pytest

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError
from ldm_nodes.engine.events import Event, Notice
from ldm_nodes.nodes import bounded_regex, regex_worker, regexes
from ldm_nodes.nodes.runtime import Runtime

TEXT = "Red fox, blue fox\nGreen toad"


def test_a_pattern_is_found_or_not(context: Context[Runtime]) -> None:
    assert regexes.regex_match(TEXT, "RED", context=context)
    assert not regexes.regex_match(TEXT, "RED", case_insensitive=False, context=context)
    assert regexes.regex_match(TEXT, "^green", multiline=True, context=context)
    assert not regexes.regex_match(TEXT, "^green", context=context)
    assert regexes.regex_match(TEXT, "fox.green", dotall=True, context=context)


@pytest.mark.parametrize(
    ("mode", "group", "found"),
    [
        ("First Match", 1, "Red fox"),
        ("All Matches", 1, "Red\nblue"),  # of a pattern with groups the first group, as ComfyUI does
        ("First Group", 1, "Red"),
        ("First Group", 0, "Red fox"),
        ("All Groups", 2, "fox\nfox"),
        ("All Groups", 3, ""),
        ("First Group", 3, ""),
    ],
)
def test_finds_are_taken_out(context: Context[Runtime], mode: str, group: int, found: str) -> None:
    got = regexes.regex_extract(TEXT, r"(\w+) (fox)", mode, group_index=group, context=context)
    assert got == found


def test_without_groups_whole_finds_are_taken(context: Context[Runtime]) -> None:
    assert regexes.regex_extract(TEXT, r"\w+ fox", "All Matches", context=context) == "Red fox\nblue fox"
    assert regexes.regex_extract(TEXT, r"\w+ fox", "All Groups", group_index=0, context=context) == ""
    assert regexes.regex_extract(TEXT, "wolf", "First Match", context=context) == ""


def test_finds_are_replaced() -> None:
    assert regexes.regex_replace(TEXT, r"(\w+) fox", r"\1 wolf", count=1) == "Red wolf, blue fox\nGreen toad"
    assert regexes.regex_replace(TEXT, "FOX", "wolf").count("wolf") == 2
    assert regexes.regex_replace(TEXT, "FOX", "wolf", case_insensitive=False) == TEXT


@pytest.mark.parametrize("pattern", ["(", "[a", "*a", "(?P<n>"])
def test_what_is_no_pattern_finds_nothing_and_is_told(context: Context[Runtime], pattern: str) -> None:
    told: list[Event] = []
    listening = Context(context.runtime, emit=told.append)
    assert regexes.regex_match(TEXT, pattern, context=listening) is False
    assert regexes.regex_extract(TEXT, pattern, context=listening) == ""
    assert [type(event) for event in told] == [Notice, Notice]
    with pytest.raises(InputError, match="Expected a regular expression"):
        regexes.regex_replace(TEXT, pattern, "x")


@pytest.mark.parametrize("pattern", ["fox", r"(\w+)"])
def test_a_replacement_that_names_no_group_is_told(pattern: str) -> None:
    with pytest.raises(InputError, match="invalid group reference"):
        regexes.regex_replace(TEXT, pattern, r"\7")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "^(a?){40}a{40}$"])
def test_patterns_without_end_are_stopped(pattern: str) -> None:
    with pytest.raises(InputError, match=r"does not come to an end within 0.3 seconds.*Avoid repetitions") as caught:
        bounded_regex.ask("match", seconds=0.3, pattern=pattern, flags=0, text="a" * 39 + "b")
    assert caught.value.input_name == "regex_pattern"


def test_a_result_without_end_is_stopped() -> None:
    with pytest.raises((InputError, bounded_regex.BadPattern), match="memory"):
        bounded_regex.ask(
            "replace", seconds=20, pattern="a+?", flags=0, text="a" * 5_000, replace="b" * 1_000_000, count=0
        )


def test_a_process_answers_what_is_answered_here() -> None:
    asked = {"flags": re.IGNORECASE, "text": TEXT, "mode": "All Groups", "group": 1, "replace": "<\\1>", "count": 0}
    for task in regex_worker.TASKS:
        here = regex_worker.answer({"task": task, "pattern": "(fox)", **asked})["result"]
        assert bounded_regex.ask(task, seconds=20, pattern="(fox|fox)", **asked) == here
