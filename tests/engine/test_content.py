"""Equal hashes mean equal values; what cannot be hashed cheaply has the key of its maker."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.content import MOST_ITEMS, combined, digest, slot_identities, text_identity

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip


def _strict(value: Any) -> str:
    """Return a text that tells apart whatever is not the same value of the same type in the same order."""
    return f"{type(value).__name__} {value!r}"


@settings(deadline=None, max_examples=300)
@given(VALUES, VALUES)
def test_values_share_a_hash_exactly_if_they_are_the_same(one: Any, other: Any) -> None:
    assert (digest(one) == digest(other)) is (_strict(one) == _strict(other))


def test_neighbours_that_print_alike_differ() -> None:
    values = [
        1, 1.0, True, "1", b"1", 0.0, -0.0, "", None, (), [], {}, [[]], ([],), ["ab"], ["a", "b"], [1, [2]], [[1], 2],
        {"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": {"b": 1}}, {"a": "b"}, "\ud800", float("nan"),
    ]  # fmt: skip
    for one, other in itertools.combinations(values, 2):
        assert digest(one) != digest(other), (one, other)


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize("value", [object(), [object()], {"a": {1}}, Text("x"), {2.5: object()}])
def test_what_is_not_plain_has_no_hash(value: Any) -> None:
    assert digest(value) is None


def test_a_value_that_contains_itself_or_is_endless_has_no_hash() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert digest(endless) is None
    assert digest([1] * MOST_ITEMS) is None
    assert digest([1] * (MOST_ITEMS // 2)) is not None


def test_leaves_are_hashed_by_who_knows_them() -> None:
    assert digest([1j], lambda value: b"one") == digest([2j], lambda value: b"one")
    assert digest([1j], lambda value: b"one") != digest([b"one"], lambda value: None)


def test_the_identity_of_a_wire() -> None:
    (one, several, foreign, nothing) = slot_identities(
        [("x",), ("x", "x"), (object(),), ()], b"key", lambda value: None
    )
    assert one == text_identity("x")
    assert len({one, several, foreign, nothing}) == 4
    again = slot_identities([("x",), ("x", "x"), (object(),), ()], b"other key", lambda value: None)
    assert [a == b for a, b in zip((one, several, foreign, nothing), again, strict=True)] == [True, True, False, True]
    assert slot_identities([(object(),)], None, lambda value: None) == (None,)
    by_key = slot_identities([(1,), (1,)], b"key", None)
    assert by_key[0] != by_key[1]
    assert None not in by_key


def test_a_list_on_a_wire_is_no_wire_with_several_values() -> None:
    (value, values) = slot_identities([((1, 2),), (1, 2)], b"key", lambda value: None)
    assert value != values


def test_the_order_of_inputs_plays_no_part() -> None:
    assert combined("own", [("a", b"1"), ("b", b"2")]) == combined("own", [("b", b"2"), ("a", b"1")])
    keys = [
        combined("own", [("a", b"1")]),
        combined("own", [("b", b"1")]),
        combined("own2", [("a", b"1")]),
        combined("own", []),
    ]
    assert len(set(keys)) == 4
