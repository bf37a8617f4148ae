"""What is stored as JSON is told as it was stored, and read by nobody who does not look into it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.errors import BadJob
from ldm_nodes.jobs.history import prompt_item_text
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.json_value import StoredObject, dump_in_parts, text_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.integers(0, 5))
def test_parts_come_to_the_same_text(value: Any, depth: int) -> None:
    assert dump_in_parts(value, depth) == json.dumps(value)


@pytest.mark.parametrize("value", [{1: "a"}, {(1, 2): 3}, {"a": {None: 1}}, {"a": (1, 2)}, {"a": {3}}])
def test_what_is_no_json_is_written_as_elsewhere(value: Any) -> None:
    assert json.loads(dump_in_parts(value, 3)) == json.loads(dump_in_parts(value, 0))


def test_a_stored_object_is_the_object() -> None:
    stored = StoredObject('{"a": [1, 2], "b": null}')
    assert stored == {"a": [1, 2], "b": None}
    assert (len(stored), list(stored), stored["a"]) == (2, ["a", "b"], [1, 2])
    assert text_of(stored) is stored.text


def test_a_job_that_is_only_told_is_not_read(desk: JobDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.store.put(Job('{"1": {}}', id="a", extra_data={"extra_pnginfo": {"workflow": {"nodes": [1]}}}, client_id="c"))

    def read(*_: object) -> None:
        raise AssertionError("nobody looked into it")

    record = desk.store.get("a")
    expected = ["extra_pnginfo", "client_id"]
    with monkeypatch.context() as patched:
        patched.setattr(StoredObject, "__getitem__", read)
        patched.setattr(StoredObject, "__iter__", read)
        text = prompt_item_text(record)
    assert list(json.loads(text)[3]) == expected


@pytest.mark.parametrize(
    ("extra", "client_id", "told"),
    [
        ({}, "", {}),
        ({}, "c", {"client_id": "c"}),
        ({"a": 1}, "", {"a": 1}),
        ({"a": 1}, "c", {"a": 1, "client_id": "c"}),
        ({"client_id": "other"}, "c", {"client_id": "c"}),
        ({"a": {"client_id": "deep"}}, "c", {"a": {"client_id": "deep"}, "client_id": "c"}),
    ],
)
def test_extra_data_tells_which_socket_sent_it(
    desk: JobDesk, extra: dict[str, Any], client_id: str, told: dict[str, Any]
) -> None:
    desk.store.put(Job("{}", id="a", extra_data=extra, client_id=client_id))
    assert json.loads(prompt_item_text(desk.store.get("a")))[3] == told


def test_the_brief_of_a_job_is_what_the_table_holds(desk: JobDesk) -> None:
    desk.store.put(Job("{}", id="a", owner="me", batch_id="b", item=3, client_id="c", priority=2, number=1.5))
    record = desk.store.get("a")
    assert desk.store.brief("a") == record.brief == next(iter(desk.store.page()))
    assert (record.brief.owner, record.brief.item, record.brief.number) == ("me", 3, 1.5)


@pytest.mark.parametrize("prompt", ['{"1": {}, "1": {}}', "[1]", "{", "5"])
def test_a_graph_that_is_no_object_is_refused(desk: JobDesk, prompt: str) -> None:
    with pytest.raises(BadJob):
        desk.store.put(Job(prompt))
