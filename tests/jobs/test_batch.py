"""One graph with many values becomes one job per item, all accepted or none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ldm_nodes.jobs.batch import MAX_ITEMS, Batch
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.errors import BadJob
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.state import State

from .pack import run_one

GRAPH = {
    "3": {"class_type": "K", "inputs": {"seed": 0, "cfg": 8.0}},
    "a.b": {"class_type": "T", "inputs": {"text": ""}},
}


def _values(batch: Batch) -> list[tuple[Any, Any, Any]]:
    jobs = batch.jobs(Job(json.dumps(GRAPH)), range(100))
    graphs = [json.loads(job.prompt) for job in jobs]
    return [
        (graph["3"]["inputs"]["seed"], graph["3"]["inputs"]["cfg"], graph["a.b"]["inputs"]["text"]) for graph in graphs
    ]


def test_mapped_items_each_replace_what_they_name() -> None:
    batch = Batch.mapped([{"3.seed": 1}, {"3.cfg": 2.0, "a.b.text": "x"}, {}])
    assert _values(batch) == [(1, 8.0, ""), (0, 2.0, "x"), (0, 8.0, "")]


def test_zipped_inputs_go_in_step() -> None:
    assert _values(Batch.zipped({"3.seed": [1, 2], "3.cfg": [5, 6]})) == [(1, 5, ""), (2, 6, "")]


def test_a_product_has_every_combination_the_last_input_fastest() -> None:
    batch = Batch.product({"3.seed": [1, 2], "a.b.text": ["x", "y"]})
    assert [(seed, text) for seed, _, text in _values(batch)] == [(1, "x"), (1, "y"), (2, "x"), (2, "y")]


def test_items_know_their_batch_and_their_place() -> None:
    jobs = Batch.zipped({"3.seed": [5, 6, 7]}).jobs(Job(json.dumps(GRAPH), client_id="c", owner="me"), [3, 4, 5])
    assert len({job.batch_id for job in jobs}) == 1
    assert jobs[0].batch_id
    assert [(job.item, job.number, job.client_id, job.owner) for job in jobs] == [
        (0, 3, "c", "me"),
        (1, 4, "c", "me"),
        (2, 5, "c", "me"),
    ]
    assert len({job.id for job in jobs}) == 3


@pytest.mark.parametrize(
    ("mode", "inputs"),
    [
        ("zip", {"3.seed": [1, 2], "3.cfg": [1]}),
        ("zip", {}),
        ("map", []),
        ("product", {"3.seed": []}),
        ("product", {"3.seed": list(range(101)), "3.cfg": list(range(100))}),
        ("map", {"3.seed": [1]}),
        ("map", [1]),
        ("zip", [{"3.seed": 1}]),
        ("zip", {"3.seed": 1}),
        ("product", None),
        ("shuffle", {"3.seed": [1]}),
    ],
)
def test_what_is_no_batch_is_refused(mode: str, inputs: Any) -> None:
    with pytest.raises(BadJob):
        Batch.parse(mode, inputs)


def test_a_batch_is_read_as_clients_send_it() -> None:
    assert Batch.parse("map", [{"3.seed": 1}]) == Batch.mapped([{"3.seed": 1}])
    assert Batch.parse("zip", {"3.seed": [1]}) == Batch.zipped({"3.seed": [1]})
    assert len(Batch.parse("product", {"3.seed": list(range(100)), "3.cfg": list(range(100))}).items) == MAX_ITEMS


@pytest.mark.parametrize("name", ["4.seed", "3.sead", "seed", "3.", ".seed", ""])
def test_an_input_that_is_not_there_is_refused_and_nothing_is_accepted(desk: JobDesk, name: str) -> None:
    with pytest.raises(BadJob, match="which the graph does not have"):
        desk.submit_batch(Job(json.dumps(GRAPH)), Batch.mapped([{"3.seed": 1}, {name: 1}]))
    assert desk.store.page().total == 0


def test_every_item_has_its_own_state(desk: JobDesk) -> None:
    records = desk.submit_batch(Job(json.dumps(GRAPH)), Batch.zipped({"3.seed": [1, 2, 3]}))
    run_one(desk.store, State.FAILED)
    desk.store.take()
    items = desk.store.batch(records[0].job.batch_id)
    assert [record.state for record in items] == [State.FAILED, State.RUNNING, State.QUEUED]
    assert [record.job.number for record in items] == [0, 1, 2]
    assert desk.store.next_number() == 3


def test_secrets_of_a_batch_are_kept_in_memory(desk: JobDesk) -> None:
    base = Job(json.dumps(GRAPH), extra_data={"api_key_comfy_org": "k"})
    (record,) = desk.submit_batch(base, Batch.zipped({"3.seed": [1]}))
    assert desk.secrets.of(record.id) == {"api_key_comfy_org": "k"}
