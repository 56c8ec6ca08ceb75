"""The store: one SQLite file, one row per finished case, written the moment the case ends."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from oracles import InputError

APPLICATION = 0x0C0DE5  # marks the file as one of ours
SCHEMA = """
CREATE TABLE IF NOT EXISTS cases (
    key TEXT PRIMARY KEY,
    study TEXT NOT NULL,
    status TEXT NOT NULL,
    result TEXT NOT NULL,
    finished TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""


class StoreError(RuntimeError):
    """The store failed while it was written (a full disk, say). What was stored before is safe."""


class Store:
    """Results by the key of their case. Any number of readers; one writer at a time, see `writing`.

    Errors: `InputError` names a path that cannot be used: not writable, not a store, or written by another process.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def results(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The stored results of these cases, by key."""
        if not self.path.exists():
            return {}
        wanted = set(keys)
        with self._connection() as connection:
            rows = connection.execute("SELECT key, result FROM cases").fetchall()
        return {key: json.loads(result) for key, result in rows if key in wanted}

    @contextmanager
    def writing(self) -> Iterator["Writer"]:
        """Be the one writer while open. The lock is a lock of SQLite's, which ends with the process."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"the store {self.path} cannot be made: {error.strerror}") from None
        lock = self._lock()
        try:
            with self._connection() as connection:
                yield Writer(connection, self.path)
        finally:
            lock.close()

    def _lock(self) -> sqlite3.Connection:
        lock = _connect(Path(f"{self.path}.lock"), self.path)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            lock.close()
            if "locked" in str(error):
                raise InputError(f"another process is writing the store {self.path}") from None
            raise InputError(f"the store {self.path} cannot be written: {error}") from None
        return lock

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = _connect(self.path, self.path)
        try:
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if mark != APPLICATION:
                if tables:
                    raise InputError(f"{self.path} is a database of something else, not a store of results")
                connection.execute("PRAGMA journal_mode=WAL")  # stays as it is where the file system has no WAL
                connection.execute(SCHEMA)
                connection.execute(f"PRAGMA application_id={APPLICATION}")
            connection.execute("PRAGMA synchronous=NORMAL")  # with WAL: safe when the process is killed
            yield connection
        except sqlite3.DatabaseError as error:
            raise InputError(f"the store {self.path} cannot be used: {error}; move it away or name another") from None
        finally:
            connection.close()


class Writer:
    """Writes finished cases. Each is on disk when `add` returns."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection, self._path = connection, path

    def add(self, key: str, study: str, result: dict[str, Any]) -> None:
        """Store the result of one case, in place of an older one of the same key."""
        row = (key, study, result["status"], json.dumps(result))
        try:
            self._connection.execute("INSERT OR REPLACE INTO cases (key, study, status, result) VALUES (?,?,?,?)", row)
        except sqlite3.Error as error:
            raise StoreError(f"the store {self._path} cannot be written: {error}; what it holds is safe") from None


def _connect(file: Path, store: Path) -> sqlite3.Connection:
    """A connection in autocommit: every statement is a transaction of its own."""
    try:
        return sqlite3.connect(file, timeout=0 if file != store else 10, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise InputError(f"the store {store} cannot be opened: {error}") from None
