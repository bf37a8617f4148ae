"""The file of the queue: held by one process, sound after anything, and never lost without a word."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ldm_nodes.jobs.database import Database
from ldm_nodes.jobs.errors import StoreInUse, StoreNotOurs, StoreUnavailable
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.schema import APPLICATION_ID, MIGRATIONS, VERSION
from ldm_nodes.jobs.state import State
from ldm_nodes.jobs.store import JobStore
from ldm_nodes.jobs.updates import QueueChanged, Update

from .pack import ids, opened

OPEN = """
import sys
from pathlib import Path
from ldm_nodes.jobs.database import Database
Database.open(Path(sys.argv[1]))
"""


def test_a_second_process_is_refused(store: JobStore, path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True)
    assert "StoreInUse: The queue jobs.sqlite3 is in use by another process." in done.stderr
    store.put(Job("{}"))
    assert store.page().total == 1


def test_a_second_time_in_one_process_is_refused_too(store: JobStore, path: Path) -> None:
    with pytest.raises(StoreInUse):
        Database.open(path)


def test_a_closed_file_can_be_opened_again_and_not_used(path: Path) -> None:
    with opened(path) as store:
        store.put(Job("{}"))
    with pytest.raises(StoreUnavailable, match="closed"):
        store.page()
    with pytest.raises(StoreUnavailable, match="closed"):
        store.put(Job("{}"))
    with opened(path) as store:
        assert store.page().total == 1


def test_a_block_that_raises_changes_and_tells_nothing(store: JobStore) -> None:
    heard: list[Update] = []
    store.database.feed.subscribe(heard.append)

    def change_and_fail() -> None:
        with store.database.write() as transaction:
            transaction.execute("INSERT INTO facts VALUES ('a', 1)")
            transaction.tell(QueueChanged(paused=True))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with store.database.read() as connection:
        assert connection.execute("SELECT * FROM facts").fetchall() == []
    assert heard == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_the_file_is_its_owners_alone(store: JobStore, path: Path) -> None:
    store.put(Job("{}"))
    assert {file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {0}


def test_folders_are_made(tmp_path: Path) -> None:
    with opened(tmp_path / "user" / "deep" / "jobs.sqlite3") as store:
        assert store.page().total == 0


# damage


def _damage_start(data: bytearray) -> None:
    data[:100] = os.urandom(100)


def _damage_everything(data: bytearray) -> None:
    data[:] = b"this was never a database " * 400


def _damage_pages(data: bytearray) -> None:
    for start in range(4096, len(data), 4096):
        data[start : start + 64] = b"\xff" * 64


def _cut(data: bytearray) -> None:
    del data[len(data) // 2 :]


DAMAGES = [_damage_start, _damage_everything, _damage_pages, _cut]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_moved_aside_with_a_word(
    path: Path, damage: Callable[[bytearray], None], caplog: pytest.LogCaptureFixture
) -> None:
    with opened(path) as store:
        store.put(*(Job("{}" + " " * 5000) for _ in range(50)))
    data = bytearray(path.read_bytes())
    damage(data)
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING), opened(path) as store:
        assert store.page().total == 0
        store.put(Job("{}", id="new"))
        notice = store.database.notice
    (aside,) = path.parent.glob("jobs.sqlite3.damaged-*")
    assert aside.read_bytes() == bytes(data)
    assert aside.name in notice
    assert "damaged" in notice
    assert notice in caplog.messages
    with opened(path) as store:
        assert ids(store.page()) == ["new"]
        assert store.database.notice == ""


def test_two_damaged_files_are_both_kept(path: Path) -> None:
    for content in (b"first " * 100, b"second" * 100):
        path.write_bytes(content)
        with opened(path):
            pass
    kept = {file.read_bytes()[:6] for file in path.parent.glob("jobs.sqlite3.damaged-*")}
    assert kept == {b"first ", b"second"}


def test_damage_that_shows_while_running_is_told(path: Path) -> None:
    with opened(path) as store:
        store.put(*(Job("{}" + " " * 5000) for _ in range(800)))  # more than SQLite keeps in memory
    with opened(path) as store:
        data = bytearray(path.read_bytes())
        _damage_pages(data)
        path.write_bytes(data)
        with pytest.raises(StoreUnavailable, match=r"(?s)cannot be used: .*(malformed|decode).*Restart the program"):
            store.waiting()


def test_an_empty_file_is_a_new_queue(path: Path) -> None:
    path.touch()
    with opened(path) as store:
        store.put(Job("{}"))
        assert store.database.notice == ""


@pytest.mark.parametrize("torn", [0, 7, 40, 1000, 4200])
def test_a_torn_journal_costs_the_last_change_at_most(path: Path, tmp_path: Path, torn: int) -> None:
    """A copy of the file and its journal, the journal cut short, is what a power cut may leave."""
    copy = tmp_path / "copy.sqlite3"
    with opened(path) as store:
        store.put(*(Job("{}", id=str(number)) for number in range(3)))
        copy.write_bytes(path.read_bytes())
        journal = path.with_name(path.name + "-wal").read_bytes()
        store.put(Job("{}", id="last"))
        longer = path.with_name(path.name + "-wal").read_bytes()
    copy.with_name(copy.name + "-wal").write_bytes(longer[: len(journal) + torn])
    with opened(copy) as store:
        assert {"0", "1", "2"} <= set(ids(store.page())) <= {"0", "1", "2", "last"}
        assert store.database.notice == ""


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_file_of_an_older_version_is_brought_to_this_one(path: Path, version: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.executescript("".join(f"{script};" for script in MIGRATIONS[:version]))
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(
            "INSERT INTO jobs (id, state, kind, priority, number, rank, owner, client_id, batch_id, item, retry_of,"
            " created) VALUES ('old', 'queued', 'graph', 0, 0, 0, '', '', '', 0, '', 1.0)"
        )
        connection.execute("INSERT INTO requests VALUES (1, '{}', 'null', '{}', '{}')")
    connection.close()
    with opened(path) as store:
        store.put(Job("{}", id="new", foreseen=True))
        assert [store.get(name).job.foreseen for name in ("old", "new")] == [False, True]


# files of others


def test_a_newer_file_is_left_alone(path: Path) -> None:
    with opened(path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreNotOurs, match=f"version {VERSION + 1}, this one knows {VERSION}"):
        Database.open(path)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE jobs (x)")
    connection.close()
    with pytest.raises(StoreNotOurs, match="of another program"):
        Database.open(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("jobs",)]
    connection.close()


def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match=r"cannot be used: .*Check that its folder exists"):
        Database.open(tmp_path / "file" / "jobs.sqlite3")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        Database.open(tmp_path)


# a disk that is full or cannot be written


def _fill(store: JobStore) -> None:
    """Let the file not grow any more, as if the disk were full."""
    with store.database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")


def _empty(store: JobStore) -> None:
    with store.database.read() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_refuses_jobs_and_spoils_nothing(store: JobStore) -> None:
    heard: list[Update] = []
    store.put(Job("{}", id="before"))
    store.database.feed.subscribe(heard.append)
    _fill(store)
    with pytest.raises(StoreUnavailable, match=r"disk is full.*has space left"):
        store.put(Job("{}", id="small"), Job("{}" + " " * 100_000, id="large"))
    assert ids(store.page()) == ["before"]
    assert heard == []
    _empty(store)
    store.put(Job("{}" + " " * 100_000, id="after"))
    assert ids(store.page()) == ["after", "before"]


def test_a_disk_that_cannot_be_written_can_still_be_read(store: JobStore) -> None:
    store.put(Job("{}", id="before"))
    with store.database.read() as connection:
        connection.execute("PRAGMA query_only = 1")
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.put(Job("{}"))
    with pytest.raises(StoreUnavailable, match="readonly"):
        store.take()
    assert store.get("before").state is State.QUEUED
