"""The cache keeps what was used last, within its budget."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.cache import NodeResult, OutputCache
from ldm_nodes.engine.keys import UNCACHED


def _cache(budget: int) -> OutputCache:
    return OutputCache(budget, size_of=lambda outputs: sum(len(value) for value in outputs))


def _result(size: int) -> NodeResult:
    return NodeResult(("x" * size,))


def test_the_least_recently_used_goes_first() -> None:
    cache = _cache(10)
    for name in (b"a", b"b"):
        cache.put(name, _result(5))
    assert cache.get(b"a") == _result(5)
    cache.put(b"c", _result(5))
    assert (b"a" in cache, b"b" in cache, b"c" in cache) == (True, False, True)


def test_a_result_without_outputs_is_kept() -> None:
    cache = _cache(0)
    cache.put(b"sink", NodeResult(()))
    assert cache.get(b"sink") == NodeResult(())


def test_a_result_beyond_the_budget_is_not_kept_and_displaces_nothing() -> None:
    cache = _cache(10)
    cache.put(b"a", _result(5))
    cache.put(b"big", _result(11))
    assert (b"a" in cache, b"big" in cache, cache.used_bytes) == (True, False, 5)


def test_putting_again_replaces() -> None:
    cache = _cache(10)
    cache.put(b"a", _result(5))
    cache.put(b"a", _result(7))
    assert (len(cache), cache.used_bytes) == (1, 7)
    cache.put(b"a", _result(11))
    assert (len(cache), cache.used_bytes) == (0, 0)


def test_what_has_no_key_is_not_kept() -> None:
    cache = _cache(10)
    cache.put(UNCACHED, _result(1))
    assert len(cache) == 0
    assert cache.get(UNCACHED) is None


def test_forgetting() -> None:
    cache = _cache(10)
    cache.put(b"a", _result(5))
    cache.clear()
    assert (len(cache), cache.used_bytes, cache.get(b"a")) == (0, 0, None)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.integers(0, 12))), st.integers(0, 20))
def test_the_books_are_right_whatever_comes(puts: list[tuple[bytes, int]], budget: int) -> None:
    cache = _cache(budget)
    for key, size in puts:
        cache.put(key, _result(size))
        kept = [len(result.outputs[0]) for name in (b"a", b"b", b"c", b"d") if (result := cache.get(name))]
        assert sum(kept) == cache.used_bytes <= budget
        assert (key in cache) is (size <= budget)
