"""Changes reach everyone who listens, whatever others do."""

from __future__ import annotations

import logging

import pytest

from ldm_nodes.jobs.updates import Feed, QueueChanged, Update


def test_a_listener_that_fails_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    feed, heard = Feed(), list[Update]()

    def fail(update: Update) -> None:
        raise ZeroDivisionError

    feed.subscribe(fail)
    feed.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        feed.tell(QueueChanged(paused=True))
    assert heard == [QueueChanged(paused=True)]
    assert "ZeroDivisionError" in caplog.text


def test_who_left_hears_nothing() -> None:
    feed, stayed, left = Feed(), list[Update](), list[Update]()
    leave = feed.subscribe(left.append)
    feed.subscribe(stayed.append)
    leave()
    leave()
    feed.tell(QueueChanged(paused=False))
    assert (len(stayed), len(left)) == (1, 0)


def test_one_may_leave_while_being_told() -> None:
    feed, heard = Feed(), list[Update]()

    def once(update: Update) -> None:
        leave()
        heard.append(update)

    leave = feed.subscribe(once)
    feed.subscribe(heard.append)
    feed.tell(QueueChanged(paused=True))
    feed.tell(QueueChanged(paused=True))
    assert len(heard) == 3
