"""A thread does one thing after the other with what it owns, and survives whatever it is given."""

from __future__ import annotations

import threading

import pytest

from ldm_nodes.jobs.worker import Worker

from .pack import wait_for


class _Owned:
    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.done: list[int] = []


def test_everything_happens_on_one_thread_in_order() -> None:
    worker = Worker(_Owned)
    futures = [worker.submit(lambda owned, n=n: (owned.done.append(n), threading.get_ident())[1]) for n in range(20)]  # type: ignore[misc]
    owned = worker.submit(lambda owned: owned).result(5)
    assert {future.result(5) for future in futures} == {owned.thread} != {threading.get_ident()}
    assert owned.done == list(range(20))
    worker.close()


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit("x"), KeyboardInterrupt()])
def test_whatever_a_task_raises_is_told_and_the_next_one_runs(error: BaseException) -> None:
    def fail(owned: object) -> None:
        raise error

    worker = Worker(object)
    assert type(worker.submit(fail).exception(5)) is type(error)
    assert worker.submit(lambda _: 7).result(5) == 7
    worker.close()


def test_what_cannot_be_made_is_told_and_tried_again() -> None:
    tries: list[int] = []

    def make() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("not yet")
        return 5

    worker = Worker(make)
    assert isinstance(worker.submit(lambda owned: owned).exception(5), OSError)
    assert worker.submit(lambda owned: owned).result(5) == 5
    worker.close()


def test_a_thread_that_is_left_behind_in_a_loop_ends() -> None:
    started = threading.Event()

    def forever(owned: object) -> None:
        started.set()
        while True:
            pass

    before = set(threading.enumerate())
    worker = Worker(object, "left behind")
    future = worker.submit(forever)
    assert started.wait(5)
    worker.abandon(patience=0.0)
    wait_for(lambda: not set(threading.enumerate()) - before, "the end of the thread")
    assert isinstance(future.exception(5), SystemExit)


def test_a_thread_that_is_left_behind_may_end_by_itself() -> None:
    gate = threading.Event()
    worker = Worker(object)
    future = worker.submit(lambda _: gate.wait(5))
    worker.abandon(patience=60.0)
    gate.set()
    assert future.result(5) is True


def test_a_closed_worker_does_what_it_was_given_and_ends() -> None:
    before = set(threading.enumerate())
    worker = Worker(object)
    future = worker.submit(lambda _: 1)
    worker.close()
    assert future.result(5) == 1
    wait_for(lambda: not set(threading.enumerate()) - before, "the end of the thread")
