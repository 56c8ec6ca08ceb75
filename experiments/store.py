"""The store: one SQLite file, one row per finished case, written the moment the case ends."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
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
        self.path = Path(path).resolve()

    def results(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The stored results of these cases, by key. Needs no right to write."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return {}
        wanted = set(keys)
        with self._named_errors(), closing(self._reader()) as connection:
            self._check_mark(connection)
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
        lock = _connect(f"{self.path}.lock", timeout=0)
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            lock.close()
            if "locked" in str(error):
                raise InputError(f"another process is writing the store {self.path}") from None
            raise InputError(f"the store {self.path} cannot be locked by {self.path}.lock: {error}") from None
        return lock

    def _reader(self) -> sqlite3.Connection:
        """A connection that writes nothing; where the folder cannot be written, the file is taken to be at rest."""
        for options in ("mode=ro", "mode=ro&immutable=1"):
            connection = _connect(f"{self.path.as_uri()}?{options}", uri=True)
            try:
                connection.execute("SELECT count(*) FROM sqlite_master")
                return connection
            except sqlite3.OperationalError:
                connection.close()
            except sqlite3.DatabaseError:
                connection.close()
                raise
        return _connect(str(self.path))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._named_errors(), closing(_connect(str(self.path))) as connection:
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                connection.execute("PRAGMA journal_mode=WAL")  # stays as it is where the file system has no WAL
                connection.execute(f"PRAGMA application_id={APPLICATION}")  # first, so that a kill leaves no stranger
                connection.execute(SCHEMA)
            self._check_mark(connection)
            connection.execute("PRAGMA synchronous=NORMAL")  # with WAL: safe when the process is killed
            yield connection

    def _check_mark(self, connection: sqlite3.Connection) -> None:
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
            raise InputError(f"{self.path} is a database of something else, not a store of results")

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, json.JSONDecodeError) as error:
            raise InputError(f"the store {self.path} cannot be used: {error}; move it away or name another") from None


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


def _connect(file: str, *, timeout: float = 10, uri: bool = False) -> sqlite3.Connection:
    """A connection in autocommit: every statement is a transaction of its own."""
    try:
        return sqlite3.connect(file, timeout=timeout, isolation_level=None, uri=uri)
    except sqlite3.OperationalError as error:
        raise InputError(f"the store {file} cannot be used: {error}; move it away or name another") from None
