"""The file behind the queue: one SQLite database in WAL mode, one connection, one lock, held by one process.

A transaction is on the disk, or it did not happen, whenever the process is killed. `synchronous=NORMAL` keeps the file
sound through a power cut too, which may cost the last moments.
"""

from __future__ import annotations

import itertools
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import BadJob, StoreInUse, StoreNotOurs, StoreUnavailable
from .schema import APPLICATION_ID, MIGRATIONS, VERSION
from .updates import Feed, Update

log = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
"""How long opening may look for damage; 200 MB take a tenth of a second."""
JOURNAL_BYTES = 16 << 20
"""How large the journal grows before it goes into the file, which is when the disk is waited for."""
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
UNFIT = (OverflowError, UnicodeEncodeError)
"""What is raised for numbers of more than 64 bits and for halves of surrogate pairs."""
PARTS = ("", "-wal", "-shm", "-journal")


class Transaction:
    """Changes that are made together, and what is told once they are on the disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.updates: list[Update] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(sql, parameters)

    def tell(self, update: Update) -> None:
        """Tell the feed, once the change is on the disk."""
        self.updates.append(update)


class Database:
    """Use `open`. Every method may be called from any thread.

    Attributes:
        path: the file.
        feed: hears what transactions tell.
        clock: seconds since 1970.
        notice: what the user must know about how the file was found; empty where all was well.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, feed: Feed, clock: Callable[[], float]) -> None:
        self.path = path
        self.feed = feed
        self.clock = clock
        self.notice = ""
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def open(cls, path: Path, feed: Feed | None = None, clock: Callable[[], float] = time.time) -> Database:
        """Open the queue's file, or begin one. A damaged file is moved aside, with a word in `notice` and in the log.

        Raises:
            StoreInUse: another process has it open.
            StoreNotOurs: it belongs to a newer version or to another program.
            StoreUnavailable: it cannot be read or written.
        """
        notice = ""
        try:
            _create(path)
            try:
                connection = _connect(path)
            except sqlite3.DatabaseError as error:
                if not _is(error, DAMAGE):
                    raise
                notice = _move_aside(path, error)
                log.warning(notice)
                _create(path)
                connection = _connect(path)
        except (sqlite3.Error, OSError) as error:
            raise _told(path, error) from error
        database = cls(path, connection, feed or Feed(), clock)
        database.notice = notice
        return database

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Make changes together: all of them are on the disk when the block ends well, none if it raises.

        Raises:
            StoreUnavailable: they could not be written; nothing has changed.
            BadJob: a value is none that the file could hold.
        """
        with self._lock:
            transaction = Transaction(self._connection)
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield transaction
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise _told(self.path, error) from error
            except UNFIT as error:
                raise _refused(error) from error
            finally:
                self._leave()
            for update in transaction.updates:
                self.feed.tell(update)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Look at one state of things: nothing changes while the block lasts.

        Raises:
            StoreUnavailable: the file cannot be read.
            BadJob: what is asked for is nothing that the file could hold.
        """
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise _told(self.path, error) from error
            except UNFIT as error:
                raise _refused(error) from error

    def close(self) -> None:
        """Close the file; whatever is asked afterwards raises `StoreUnavailable`."""
        with self._lock:
            self._connection.close()

    def _leave(self) -> None:
        """Undo what did not come to its end."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("A change of the queue could not be undone; SQLite undoes it when the file is next opened.")


def _create(path: Path) -> None:
    """Make the file readable by its owner alone, for prompts are private."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # one process at a time, and quicker for it
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {JOURNAL_BYTES // 4096}")
        connection.execute("BEGIN EXCLUSIVE")
        _look_for_damage(connection)
        _migrate(connection, path)
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables to this version, within the caller's transaction."""
    version = _number(connection, "PRAGMA user_version")
    program = _number(connection, "PRAGMA application_id")
    empty = _number(connection, "SELECT count(*) FROM sqlite_master") == 0
    if not empty and program != APPLICATION_ID:
        raise StoreNotOurs(f"{path.name} is the database of another program. Choose another file for the queue.")
    if version > VERSION:
        raise StoreNotOurs(
            f"{path.name} was written by a newer version of this program: its tables are of version {version}, this "
            f"one knows {VERSION}. Use that version, or choose another file for the queue."
        )
    if version == VERSION:
        return
    for script in MIGRATIONS[version:]:
        for statement in script.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _look_for_damage(connection: sqlite3.Connection) -> None:
    """Read the file through, but not for long: a large queue must not hold up the start.

    Raises:
        sqlite3.DatabaseError: there is damage.
    """
    end = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        connection.set_progress_handler(None, 0)
    if found != "ok":
        damage = sqlite3.DatabaseError(" ".join(found.split()))
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage


def _move_aside(path: Path, error: sqlite3.Error) -> str:
    """Rename a damaged file and what belongs to it, so that it can be looked at; return what to tell the user."""
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (f"{stem}-{number}" for number in itertools.count(1))
    aside = next(free for name in names if not (free := path.with_name(name)).exists())
    for part in PARTS:
        found = path.with_name(path.name + part)
        if found.exists():
            found.rename(path.with_name(aside.name + part))
    return (
        f"The queue's file {path.name} is damaged ({error}). It was moved to {aside.name}, and an empty queue was "
        f"begun: what waited and the history are in the moved file only (try `sqlite3 {aside.name} .recover`)."
    )


def _number(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0])


def _is(error: sqlite3.Error, codes: tuple[int, ...]) -> bool:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in codes


def _refused(error: OverflowError | UnicodeEncodeError) -> BadJob:
    return BadJob(f"A number is too large, or a text is not valid: {error}.")


def _told(path: Path, error: sqlite3.Error | OSError) -> StoreUnavailable:
    if isinstance(error, sqlite3.Error) and _is(error, BUSY):
        return StoreInUse(f"The queue {path.name} is in use by another process. Stop that one, or choose another file.")
    unreadable = "Could not decode" in str(error)  # the module's own error, without a code, at a text that is none
    if unreadable or (isinstance(error, sqlite3.Error) and _is(error, DAMAGE)):
        remedy = "Restart the program: it will move the file aside and begin a new one."
    else:
        remedy = "Check that its folder exists, can be written and has space left."
    return StoreUnavailable(f"The queue {path.name} cannot be used: {error}. {remedy}")
