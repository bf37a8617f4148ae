"""What each mode keeps from run to run, and that what is in use stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.cache import NodeResult, OutputCache
from ldm_nodes.engine.keys import UNCACHED, Key
from ldm_nodes.engine.memory import Memory, Weight
from ldm_nodes.settings import CacheMode, CacheSettings

MODEL = ("checkpoint", "a.safetensors")
"""Keys of models are no bytes."""


def _cache(budget: int, mode: CacheMode = "budget", results: int = 0) -> OutputCache:
    memory = Memory(budget, lambda outputs: Weight(sum(len(value) for values in outputs for value in values)))
    return OutputCache(memory, CacheSettings(mode, results))


def _result(size: int) -> NodeResult:
    return NodeResult((("x" * size,),))


def _keep(cache: OutputCache, key: Key, size: int) -> None:
    cache.keep((key, None), _result(size), 0.0, "")


def _runs(cache: OutputCache, *runs: bytes) -> str:
    """Let each run need the results named by its letters, making those that are not there; return what is left."""
    for keys in runs:
        names = [bytes([letter]) for letter in keys]
        cache.begin(names)
        for name in names:
            if cache.get(name) is None:
                _keep(cache, name, 1)
        cache.end()
    return "".join(letter for letter in "abcdefgh" if letter.encode() in cache)


def test_the_least_recently_used_goes_first() -> None:
    assert _runs(_cache(2), b"ab", b"a", b"c") == "ac"


def test_the_last_run_is_all_that_the_classic_mode_keeps() -> None:
    cache = _cache(100, "classic")
    assert _runs(cache, b"abc") == "abc"
    assert _runs(cache, b"bcd") == "bcd"
    assert _runs(cache, b"a") == "a"


def test_what_the_last_run_did_not_reach_is_kept_by_the_classic_mode() -> None:
    cache = _cache(100, "classic")
    _runs(cache, b"abc")
    cache.begin([b"a", b"b", b"d"])
    cache.end()  # it failed at once
    assert [name in cache for name in (b"a", b"b", b"c", b"d")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("runs", "left"),
    [
        ((b"ab", b"cd"), "abcd"),
        ((b"ab", b"cd", b"ef"), "abcdef"),  # too many for a moment: what is needed now is not known beforehand
        ((b"ab", b"cd", b"ef", b"e"), "cdef"),
        ((b"ab", b"cd", b"ab", b"ef", b"e"), "abef"),
        ((b"abcdefgh", b"abcdefgh"), "abcdefgh"),
    ],
)
def test_whole_runs_go_when_there_are_more_results_than_the_lru_mode_keeps(runs: tuple[bytes, ...], left: str) -> None:
    assert _runs(_cache(100, "lru", 4), *runs) == left


def test_nothing_is_kept_by_the_mode_none_but_what_is_in_use() -> None:
    cache = _cache(100, "none")
    cache.begin([b"a"])
    _keep(cache, b"a", 5)
    cache.memory.put(MODEL, "m", weight=Weight(0, {1: 50}))
    cache.memory.hold("node", "m", weight=Weight(0, {1: 50}))
    assert (b"a" in cache, cache.get(b"a"), MODEL in cache.memory) == (False, None, True)
    cache.let_go("node")
    assert cache.memory.used_bytes == 0


@pytest.mark.parametrize(("mode", "kept"), [("classic", False), ("none", False), ("budget", True), ("lru", True)])
def test_a_model_that_no_result_needs_goes_with_the_results(mode: CacheMode, kept: bool) -> None:
    cache = _cache(100, mode, 10)
    cache.begin([])
    cache.memory.put(MODEL, "m", weight=Weight(0, {1: 50}))
    cache.end()
    assert (MODEL in cache.memory) is kept


def test_a_model_that_a_kept_result_needs_stays() -> None:
    memory = Memory(100, lambda outputs: Weight(0, {1: 50}))
    cache = OutputCache(memory, CacheSettings("classic"))
    for _ in range(3):
        cache.begin([b"load"])
        if cache.get(b"load") is None:
            memory.put(MODEL, "m")
            cache.keep((b"load", None), NodeResult((("m",),)), 0.0, "")
        cache.end()
    assert (MODEL in memory, b"load" in cache, memory.used_bytes) == (True, True, 50)
    cache.begin([b"other"])
    cache.end()
    assert (MODEL in memory, b"load" in cache, memory.used_bytes) == (False, False, 0)


def test_a_result_without_outputs_is_kept() -> None:
    cache = _cache(0)
    cache.keep((b"sink", None), NodeResult(()), 0.0, "")
    assert cache.get(b"sink") == NodeResult(())


def test_a_result_beyond_the_budget_is_not_kept_and_displaces_nothing() -> None:
    cache = _cache(10)
    _keep(cache, b"a", 5)
    _keep(cache, b"big", 11)
    assert (b"a" in cache, b"big" in cache, cache.memory.used_bytes) == (True, False, 5)


def test_putting_again_replaces() -> None:
    cache = _cache(10)
    _keep(cache, b"a", 5)
    _keep(cache, b"a", 7)
    assert (len(cache.memory), cache.memory.used_bytes) == (1, 7)
    _keep(cache, b"a", 11)
    assert (len(cache.memory), cache.memory.used_bytes) == (0, 0)


def test_what_has_no_key_is_not_kept() -> None:
    cache = _cache(10)
    _keep(cache, UNCACHED, 1)
    assert len(cache.memory) == 0
    assert cache.get(UNCACHED) is None


def test_forgetting() -> None:
    cache = _cache(10)
    _keep(cache, b"a", 5)
    cache.clear()
    assert (len(cache.memory), cache.memory.used_bytes, cache.get(b"a")) == (0, 0, None)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.integers(0, 12))), st.integers(0, 20))
def test_the_books_are_right_whatever_comes(puts: list[tuple[bytes, int]], budget: int) -> None:
    cache = _cache(budget)
    for key, size in puts:
        _keep(cache, key, size)
        kept = [len(result.outputs[0][0]) for name in (b"a", b"b", b"c", b"d") if (result := cache.get(name))]
        assert sum(kept) == cache.memory.used_bytes <= budget
        if not size:
            assert key in cache
