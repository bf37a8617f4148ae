"""Jobs are accepted, taken in order, finished once, and found again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ldm_nodes.engine.errors import Problem
from ldm_nodes.jobs.errors import BadJob, UnknownJob
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.page import JobFilter
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.store import JobStore
from ldm_nodes.jobs.updates import JobChanged, Update

from .pack import ids, opened, run_one

WHOLE = Job(
    '{"1": {}}',
    id="a",
    number=2.5,
    targets=("9", "8"),
    kind="graph",
    priority=3,
    client_id="c",
    owner="me",
    extra_data={"extra_pnginfo": {"workflow": {"ä": [1, None]}}},
    hashes={"x.safetensors": "ff"},
    batch_id="b",
    item=4,
    retry_of="z",
)


def test_a_job_comes_back_as_it_was(path: Path) -> None:
    with opened(path) as store:
        accepted = store.put(WHOLE)[0]
        assert accepted.job == WHOLE
        assert accepted.state is State.QUEUED
    with opened(path) as store:
        assert store.get("a") == accepted


def test_a_whole_number_stays_one(store: JobStore) -> None:
    store.put(Job("{}", id="int", number=7), Job("{}", id="float", number=7.0))
    assert [type(store.get(name).job.number) for name in ("int", "float")] == [int, float]


def test_secrets_reach_no_file(path: Path) -> None:
    extra = {"auth_token_comfy_org": "CANARY", "api_key_comfy_org": "CANARY", "Password": "CANARY", "client_id": "c"}
    with opened(path) as store:
        assert store.put(Job("{}", extra_data=extra))[0].job.extra_data == {"client_id": "c"}
    assert not [file for file in path.parent.iterdir() if b"CANARY" in file.read_bytes()]


def test_numbers_grow_over_restarts(path: Path) -> None:
    with opened(path) as store:
        first = [store.next_number() for _ in range(3)]
    with opened(path) as store:
        assert [*first, store.next_number()] == [0, 1, 2, 3]


def test_jobs_are_taken_by_priority_then_number_then_as_they_came(store: JobStore) -> None:
    plan = {"late": (0, 5), "first": (9, 7), "front": (0, -3.5), "twin1": (0, 5), "twin2": (0, 5.0), "low": (-1, -99)}
    store.put(*(Job("{}", id=name, priority=priority, number=number) for name, (priority, number) in plan.items()))
    expected = ["first", "front", "late", "twin1", "twin2", "low"]
    assert ids(store.waiting()) == expected
    assert [run_one(store).id for _ in plan] == expected
    assert store.take() is None


def test_each_kind_has_its_own_queue(store: JobStore) -> None:
    store.put(Job("{}", id="g"), Job("url", id="d", kind="download"))
    assert store.take("download").id == "d"  # type: ignore[union-attr]
    assert store.take("download") is None
    assert ids(store.waiting()) == ["g"]
    assert store.remaining() == 1


def test_a_run_is_told_from_its_start_to_its_end(store: JobStore) -> None:
    store.put(Job("{}", id="a"))
    taken = store.take()
    assert taken is not None
    assert (taken.state, taken.attempts) == (State.RUNNING, 1)
    assert taken.started is not None
    problem = Problem("node_failed", "Too bad")
    ended = store.finish(taken, JobResult(State.FAILED, {"9": {"text": ["x"]}}, problem), [("execution_start", {})])
    assert ended == store.get("a")
    assert (ended.state, ended.reason, ended.outputs) == (State.FAILED, "Too bad.", {"9": {"text": ["x"]}})
    assert ended.messages == (("execution_start", {}),)


def test_the_end_of_a_run_that_no_longer_counts_is_ignored(store: JobStore) -> None:
    store.put(Job("{}", id="a"))
    stale = store.take()
    assert stale is not None
    store.requeue(stale, "again")
    assert store.finish(stale, JobResult(State.DONE)) is None
    current = store.take()
    assert current is not None
    assert store.finish(stale, JobResult(State.DONE)) is None
    assert store.requeue(stale, "again") is None
    assert store.get("a").state is State.RUNNING
    assert store.finish(current, JobResult(State.DONE)) is not None
    assert store.finish(current, JobResult(State.FAILED)) is None
    assert store.get("a").state is State.DONE


def test_a_requeued_job_keeps_its_place(store: JobStore) -> None:
    store.put(*(Job("{}", id=name) for name in "abc"))
    taken = store.take()
    assert taken is not None
    store.requeue(taken, "the program was stopped")
    assert ids(store.waiting()) == ["a", "b", "c"]
    assert store.get("a").reason == "the program was stopped"


def test_an_id_in_use_is_refused_and_nothing_of_the_call_is_accepted(store: JobStore) -> None:
    store.put(Job("{}", id="a"))
    with pytest.raises(BadJob, match="'a' is taken"):
        store.put(Job("{}", id="b"), Job("{}", id="a"))
    assert ids(store.page()) == ["a"]


def test_the_id_of_a_finished_job_may_be_used_again_by_its_owner_only(store: JobStore) -> None:
    store.put(Job("{}", id="a", owner="me"))
    run_one(store)
    with pytest.raises(BadJob, match="taken"):
        store.put(Job("{}", id="a", owner="you"))
    assert store.put(Job('{"1": {}}', id="a", owner="me"))[0].state is State.QUEUED
    assert store.page().total == 1


@pytest.mark.parametrize("prompt", ["", "{", "[]", "null", '"text"', "[" * 100_000])
def test_a_graph_that_is_no_json_object_is_refused(store: JobStore, prompt: str) -> None:
    with pytest.raises(BadJob, match="must be"):
        store.put(Job("{}"), Job(prompt))
    assert store.page().total == 0
    assert store.put(Job("https://example.org/a.safetensors", kind="download"))[0].state is State.QUEUED


def test_an_unknown_job_is_not_done_but_unknown(store: JobStore) -> None:
    with pytest.raises(UnknownJob, match="no job 'x'"):
        store.get("x")


def test_another_users_job_is_unknown(store: JobStore) -> None:
    store.put(Job("{}", id="a", owner="me"))
    assert store.get("a", owner="me").id == "a"
    with pytest.raises(UnknownJob):
        store.get("a", owner="you")
    assert store.waiting("you") == ()
    assert store.remaining("you") == 0
    assert store.remaining("me") == store.remaining() == 1


def test_pages_hold_every_job_once_the_newest_first(store: JobStore) -> None:
    store.put(*(Job("{}", id=str(number)) for number in range(25)))
    seen, before = list[str](), None
    while True:
        page = store.page(limit=10, before=before)
        seen += ids(page)
        store.put(Job("{}"))  # what comes in meanwhile shifts nothing
        if (before := page.before) is None:
            break
    assert seen == [str(number) for number in reversed(range(25))]
    assert page.total == 27


def test_a_page_can_be_of_some_states_a_batch_an_owner(store: JobStore) -> None:
    store.put(Job("{}", id="a"), Job("{}", id="b", owner="me"), Job("{}", id="c", batch_id="x"))
    run_one(store)
    assert ids(store.page(JobFilter(states=(State.DONE,)))) == ["a"]
    assert ids(store.page(JobFilter(states=(State.QUEUED, State.DONE)))) == ["c", "b", "a"]
    assert ids(store.page(JobFilter(owner="me"))) == ["b"]
    assert ids(store.page(JobFilter(batch_id="x", kind="graph"))) == ["c"]
    assert ids(store.page(JobFilter(states=()))) == []


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_a_size(store: JobStore, limit: int) -> None:
    with pytest.raises(BadJob, match="1 to 1000"):
        store.page(limit=limit)


def test_what_no_file_can_hold_is_refused_wherever_it_is_asked_for(store: JobStore) -> None:
    with pytest.raises(BadJob, match="too large"):
        store.page(before=10**30)
    with pytest.raises(BadJob, match="not valid"):
        store.get("\ud800")
    with pytest.raises(BadJob, match="not valid"):
        store.remove(["\ud800"])


def test_counts_tell_every_state(store: JobStore) -> None:
    store.put(Job("{}"), Job("{}", owner="me"), Job("{}"))
    run_one(store, State.FAILED)
    store.take()
    counts = dict.fromkeys(State, 0)
    assert store.counts() == counts | {State.QUEUED: 1, State.RUNNING: 1, State.FAILED: 1}
    assert store.counts("me") == counts | {State.RUNNING: 1}


def test_only_finished_jobs_are_removed(store: JobStore) -> None:
    store.put(*(Job("{}", id=name, owner="me") for name in "abc"))
    run_one(store)
    store.take()
    store.remove(["a"], owner="you")
    assert store.page().total == 3
    store.remove(["a", "b", "c", "x"], owner="me")
    assert ids(store.page()) == ["c", "b"]


def test_changes_are_told_after_they_are_made_and_in_their_order(store: JobStore) -> None:
    heard: list[State] = []

    def listen(update: Update) -> None:
        if isinstance(update, JobChanged):
            assert store.get(update.record.id).state is update.record.state
            heard.append(update.record.state)

    store.database.feed.subscribe(listen)
    store.put(Job("{}"))
    run_one(store)
    assert heard == [State.QUEUED, State.RUNNING, State.DONE]


def test_many_threads_lose_nothing_and_take_nothing_twice(store: JobStore) -> None:
    taken: list[str] = []

    def put() -> None:
        for _ in range(50):
            store.put(Job("{}"))

    def take() -> None:
        while len(taken) < 200:
            if record := store.take():
                taken.append(record.id)
                store.finish(record, JobResult(State.DONE))

    threads = [threading.Thread(target=target) for target in (put, put, put, put, take, take)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 200
    assert store.counts()[State.DONE] == 200
