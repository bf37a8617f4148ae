"""The small parts: how fast it goes, and the lock."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ldm_nodes.server.downloads.errors import Busy
from ldm_nodes.server.downloads.lock import locked
from ldm_nodes.server.downloads.progress import Meter, Progress


def test_the_time_left_follows_the_speed_of_late() -> None:
    now, heard = [0.0], list[Progress]()
    meter = Meter(heard.append, lambda: now[0])
    for second in range(61):  # a hundred bytes a second, then ten
        now[0] = second
        meter.tell(100 * min(second, 30) + 10 * max(0, second - 30), 5000)
    assert heard[0] == Progress(0, 5000, 0.0, None)
    assert heard[30] == Progress(3000, 5000, 100.0, 20.0)
    assert heard[60] == Progress(3300, 5000, 10.0, 170.0)


def test_what_was_there_before_did_not_come_fast() -> None:
    now, heard = [0.0], list[Progress]()
    meter = Meter(heard.append, lambda: now[0])
    meter.tell(0, 10_000)
    meter.restart()
    now[0] = 1.0
    meter.tell(9000, 10_000)
    now[0] = 2.0
    meter.tell(9100, 10_000)
    assert [one.rate for one in heard] == [0.0, 0.0, 100.0]
    assert heard[-1].seconds_left == 9.0


def test_reports_are_few_but_the_last_one_is_made() -> None:
    heard = list[Progress]()
    meter = Meter(heard.append, lambda: 1.0)
    for received in range(1000):
        meter.tell(received, None)
    meter.tell(1000, None, last=True)
    assert [one.received for one in heard] == [0, 1000]
    assert heard[-1].seconds_left is None


def test_a_lock_is_for_one_and_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "x.safetensors"
    with locked(target):
        with pytest.raises(Busy, match=r"x\.safetensors is being downloaded already"), locked(target):
            pass
        with locked(tmp_path / "y.safetensors"):
            pass
    with locked(target):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_is_never_held_twice(tmp_path: Path) -> None:
    inside, most, got = [0], [0], [0]
    guard = threading.Lock()

    def work() -> None:
        for _ in range(200):
            try:
                with locked(tmp_path / "x"):
                    with guard:
                        inside[0] += 1
                        got[0] += 1
                        most[0] = max(most[0], inside[0])
                    with guard:
                        inside[0] -= 1
            except Busy:
                pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert got[0] > 0
