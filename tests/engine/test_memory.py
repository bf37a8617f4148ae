"""One budget for everything: who is charged, who goes first, who may not go."""

from __future__ import annotations

import weakref
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.memory import WORTH_RELEASING, Eviction, Memory, Weight


def _parts(**sizes: int) -> Weight:
    """Weigh a value made of named parts."""
    return Weight(0, {ord(name): size for name, size in sizes.items()})


def test_of_equals_the_least_recently_used_goes_first() -> None:
    memory = Memory(10)
    for name in "ab":
        memory.put(name, name, weight=Weight(5))
    memory.next_run()
    memory.touch(["a"])
    memory.put("c", "c", weight=Weight(5))
    assert ("a" in memory, "b" in memory, "c" in memory) == (True, False, True)


def test_the_large_and_cheap_goes_before_the_small_and_dear() -> None:
    memory = Memory(100)
    memory.put("dear", 1, weight=Weight(10), seconds=10.0)
    memory.put("cheap", 2, weight=Weight(10), seconds=0.1)
    memory.put("large", 3, weight=Weight(60), seconds=0.1)
    memory.put("new", 4, weight=Weight(30), seconds=0.1)
    assert [eviction.label for eviction in memory.evictions] == [""]
    assert ("dear" in memory, "cheap" in memory, "large" in memory) == (True, True, False)
    memory.put("newer", 5, weight=Weight(85), seconds=50.0)
    assert ("dear" in memory, "cheap" in memory, "new" in memory) == (True, False, False)


def test_what_nobody_uses_goes_in_the_end_however_dear_it_was() -> None:
    memory = Memory(10)
    memory.put("dear", 1, weight=Weight(5), seconds=10.0)
    for run in range(1000):
        memory.next_run()
        memory.put(run, run, weight=Weight(5), seconds=0.5)
        if "dear" not in memory:
            break
    assert 5 < run < 100


def test_a_part_that_two_values_share_is_charged_once() -> None:
    memory = Memory(100)
    memory.put("model", "m", weight=_parts(w=60))
    memory.put("patched", "p", weight=_parts(w=60, d=5))
    assert memory.used_bytes == 65


def test_the_owner_of_a_part_takes_along_who_depends_on_it() -> None:
    memory = Memory(100)
    memory.put("model", "m", weight=_parts(w=60), label="model")
    memory.put("patched", "p", weight=_parts(w=60, d=5), label="patched")
    memory.next_run()
    memory.put("other", "o", weight=Weight(50))
    assert ("model" in memory, "patched" in memory, memory.used_bytes) == (False, False, 50)
    assert list(memory.evictions) == [Eviction("model", 60, 1), Eviction("patched", 5, 1)]


def test_using_what_depends_is_using_its_owner() -> None:
    memory = Memory(100)
    memory.put("model", "m", weight=_parts(w=40))
    memory.put("patched", "p", weight=_parts(w=40))
    memory.put("other", "o", weight=Weight(40))
    memory.next_run()
    assert memory.get("patched") == "p"
    memory.put("third", "t", weight=Weight(40))
    assert ("model" in memory, "patched" in memory, "other" in memory) == (True, True, False)


def test_what_is_held_stays_and_counts() -> None:
    memory = Memory(100)
    memory.put("model", "m", weight=_parts(w=60))
    memory.hold("node 1", "m", weight=_parts(w=60))
    memory.put("other", "o", weight=Weight(50))
    assert ("model" in memory, "other" in memory, memory.used_bytes) == (True, False, 60)
    memory.put("small", "s", weight=Weight(40))
    memory.let_go("node 1")
    memory.put("other", "o", weight=Weight(50))
    assert ("model" in memory, memory.used_bytes) == (False, 90)


def test_what_is_not_kept_is_counted_while_it_is_held() -> None:
    memory = Memory(100)
    memory.hold("node 1", "x", weight=_parts(x=500))
    assert (memory.used_bytes, len(memory)) == (500, 0)
    memory.put("through", "t", weight=_parts(x=500))
    memory.let_go("node 1")
    assert (memory.used_bytes, len(memory)) == (0, 0), "larger than the budget, once it is nobody else's"
    memory.let_go("node 1")
    assert memory.used_bytes == 0


def test_what_is_held_passes_to_whoever_keeps_it() -> None:
    memory = Memory(100)
    memory.hold("node 1", "x", weight=_parts(x=50))
    memory.put("through", "t", weight=_parts(x=50))
    memory.let_go("node 1")
    assert (memory.used_bytes, memory.get("through")) == (50, "t")


def test_a_value_larger_than_the_budget_displaces_nothing() -> None:
    memory = Memory(10)
    memory.put("a", 1, weight=Weight(5))
    memory.put("big", 2, weight=Weight(11))
    assert ("a" in memory, "big" in memory, memory.used_bytes) == (True, False, 5)


def test_room_is_made_before_something_is_made() -> None:
    memory = Memory(100)
    for name in "abc":
        memory.put(name, name, weight=Weight(30))
    memory.reserve(50)
    assert memory.used_bytes == 30
    memory.reserve(1000)
    assert memory.used_bytes == 0


def test_a_value_has_several_names() -> None:
    memory = Memory(10)
    memory.put("a", 1, weight=Weight(5))
    memory.name("a", "b")
    memory.name("a", "b")
    memory.name("nowhere", "c")
    assert (memory.get("b"), len(memory), memory.used_bytes, "c" in memory) == (1, 1, 5, False)
    for number in range(100):
        memory.name(number - 1 if number else "b", number)
    assert (memory.get("b"), memory.get(99), memory.get(5)) == (None, 1, None)
    memory.drop([99])
    assert (len(memory), memory.used_bytes) == (0, 0)


def test_memory_is_given_back_when_it_is_worth_it() -> None:
    released = []
    memory = Memory(WORTH_RELEASING * 2, release=lambda: released.append(1))
    memory.put("small", 1, weight=Weight(10))
    memory.drop(["small"])
    assert released == []
    memory.put("large", 1, weight=Weight(WORTH_RELEASING))
    memory.clear()
    assert released == [1]


def test_the_inventory_names_everything() -> None:
    memory = Memory(100)
    memory.put("a", 1, weight=Weight(5), label="the latent", seconds=2.0)
    memory.put("b", 1, weight=_parts(w=50), label="the model", seconds=3.0)
    memory.next_run()
    memory.hold("node 1", 1, weight=_parts(w=50), label="node 1")
    assert [tuple(line) for line in memory.inventory()] == [
        ("the model", 50, 3.0, 0, True), ("the latent", 5, 2.0, 1, False), ("node 1", 0, 0.0, 0, True),
    ]  # fmt: skip


KEYS = st.integers(0, 5)
SHARES = st.dictionaries(st.integers(0, 3), st.just(7), max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("put"), KEYS, st.integers(0, 9), SHARES),
    st.tuples(st.just("hold"), KEYS, st.integers(0, 9), SHARES),
    st.tuples(st.sampled_from(["let_go", "touch", "reserve", "drop", "next_run"]), KEYS),
    st.tuples(st.just("name"), KEYS, KEYS),
)


def _do(memory: Memory, step: tuple[Any, ...]) -> None:
    match step:
        case ("put" | "hold" as action, key, own, parts):
            getattr(memory, action)(key, (own, parts), weight=Weight(own, parts))
        case ("drop" | "touch" as action, key):
            getattr(memory, action)([key])
        case ("next_run", _):
            memory.next_run()
        case (action, *arguments):
            getattr(memory, action)(*arguments)


@settings(deadline=None, max_examples=300)
@given(st.lists(STEPS, max_size=40), st.integers(0, 60))
def test_the_books_are_right_whatever_happens(steps: list[tuple[Any, ...]], budget: int) -> None:
    memory = Memory(budget)
    for step in steps:
        _do(memory, step)
        entries = list({id(entry): entry for entry in (*memory._kept.values(), *memory._held.values())}.values())
        parts = {part for entry in entries for part in entry.parts}
        assert memory.used_bytes == sum(entry.value[0] for entry in entries) + 7 * len(parts)
        assert memory.used_bytes == sum(line.nbytes for line in memory.inventory())
        held = [entry for entry in entries if entry.held]
        if not held:
            assert memory.used_bytes <= budget
        for entry in entries:
            owners = {id(owner) for part in entry.parts if (owner := memory._owner[part]) is not entry}
            assert owners == set(map(id, entry.owners))
    memory.reserve(10**9)
    assert all(entry.in_use for entry in memory._kept.values() if entry.nbytes)


class Value:
    """Something whose end can be seen."""


def test_what_goes_is_really_let_go() -> None:
    memory, values = Memory(100), [Value() for _ in range(6)]
    seen = [weakref.ref(value) for value in values]
    for number, value in enumerate(values[:3]):
        memory.put(number, value, weight=_parts(**{"abc"[number]: 30}))
        memory.put(f"user of {number}", values[3 + number], weight=_parts(**{"abc"[number]: 30}))
    memory.hold("node", values[0], weight=_parts(a=30))
    values.clear()
    del value
    memory.reserve(50)
    assert [ref() is None for ref in seen] == [False, True, True, False, True, True]
    memory.let_go("node")
    memory.reserve(100)
    assert all(ref() is None for ref in seen)
