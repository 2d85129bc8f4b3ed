"""Store: finished points on disk, by the hash of all that determines them.

An SQLite file in WAL mode with one writer, the sweep's main process; workers open it read-only.
Each row is a transaction of its own, so that a killed run loses nothing that had come back: WAL
needs no fsync for that, and the 60 µs it costs are far below any simulation. Every row carries a
checksum of its content: bits that rot are never taken for a result.

A second table leads from fingerprints, which are cheap, to the keys of results (see `fingerprint`). It needs no
checksum, for a hash with a flipped bit finds nothing. A file of an older bitline has no such table, and an older
bitline does not see it: the schema is the same for both.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from bitline.errors import StorageError
from bitline.sweep.outcome import Outcome

SCHEMA = 1
# Marks the file as bitline's in SQLite's own header, so that no other database is written into.
_APPLICATION = int.from_bytes(b"btln")
_COLUMNS = ("key", "status", '"values"', "rung", "log", "seconds", "versions", "checksum")
_TABLE = f"CREATE TABLE results ({' NOT NULL, '.join(_COLUMNS)} NOT NULL, PRIMARY KEY (key)) WITHOUT ROWID"
_FINGERPRINTS = (
    "CREATE TABLE IF NOT EXISTS fingerprints (fingerprint NOT NULL, key NOT NULL, PRIMARY KEY (fingerprint))"
    " WITHOUT ROWID"
)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM results WHERE key IN "
_RECALL = (
    f"SELECT fingerprint, {', '.join(f'results.{column}' for column in _COLUMNS)} FROM fingerprints"
    " JOIN results ON results.key = fingerprints.key WHERE fingerprint IN "
)
_INSERT = f"INSERT OR REPLACE INTO results VALUES ({', '.join('?' * len(_COLUMNS))})"
# SQLite takes only so many values in one query, 999 in its older versions.
_KEYS_PER_QUERY = 500
# Another run on the same file holds it for moments only, so after this time something is wrong.
_LOCK_SECONDS = 30.0

_NOT_WRITABLE = "it cannot be written: make the file and its folder writable, or give another file"
_BUSY = "another process holds it: wait for that run, or give another file"
# SQLite's primary result codes, and what to do about them.
_ADVICE = {
    sqlite3.SQLITE_NOTADB: "it is not a bitline store: give another file",
    sqlite3.SQLITE_CORRUPT: "it is damaged: move it away and run again",
    sqlite3.SQLITE_READONLY: _NOT_WRITABLE,
    sqlite3.SQLITE_PERM: _NOT_WRITABLE,
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or made: check that its folder exists and is writable",
    sqlite3.SQLITE_FULL: "the disk is full: make room and run again; what is stored stays",
    sqlite3.SQLITE_IOERR: "reading or writing failed: check the disk and run again; what is stored stays",
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}


class Store:
    """Finished outcomes by key.

    Parameters
    ----------
    path : str or Path
        The SQLite file; made with its folder if missing, unless `read_only`.
    read_only : bool
        For workers.
    versions : mapping of str to str
        Recorded with every row written: bitline, ngspice, PDK.

    Raises
    ------
    StorageError
        From any method, if the file is no bitline store, damaged, of a newer schema, not
        writable, or the disk is full.

    Notes
    -----
    An object serves the thread that made it.
    """

    def __init__(self, path: str | Path, *, read_only: bool = False, versions: Mapping[str, str] | None = None) -> None:
        self.path = Path(path)
        self.read_only = read_only
        self._versions = _json(versions or {})
        self._connection = self._connect()
        try:
            with self._translated():
                self._check_file()
        except BaseException:
            self._connection.close()
            raise

    def get(self, key: str, index: int = 0) -> Outcome | None:
        """Return the outcome stored under `key`, marked as cached and numbered `index`."""
        return self.get_many({key: index}).get(key)

    def get_many(self, keys: Iterable[str] | Mapping[str, int]) -> dict[str, Outcome]:
        """Return those of `keys` that are stored, in that order; a mapping gives each its index."""
        indices = dict(keys) if isinstance(keys, Mapping) else dict.fromkeys(keys, 0)
        outcomes: dict[str, Outcome] = {}
        with self._translated():
            for first in range(0, len(indices), _KEYS_PER_QUERY):
                batch = list(indices)[first : first + _KEYS_PER_QUERY]
                rows = self._connection.execute(f"{_SELECT}({', '.join('?' * len(batch))})", batch)
                outcomes |= {row[0]: self._outcome(row, indices.get(row[0], 0)) for row in rows}
        return {key: outcomes[key] for key in indices if key in outcomes}

    def recall(self, fingerprints: Iterable[str]) -> dict[str, Outcome]:
        """Return the outcomes that `note` led these fingerprints to, as far as they are stored, each marked as cached.

        A file of an older bitline, opened read-only, leads to none.
        """
        wanted = list(fingerprints)
        outcomes: dict[str, Outcome] = {}
        with self._translated():
            if not self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'fingerprints'").fetchone():
                return {}
            for first in range(0, len(wanted), _KEYS_PER_QUERY):
                batch = wanted[first : first + _KEYS_PER_QUERY]
                rows = self._connection.execute(f"{_RECALL}({', '.join('?' * len(batch))})", batch)
                outcomes |= {row[0]: self._outcome(row[1:], 0) for row in rows}
        return outcomes

    def note(self, keys: Mapping[str, str]) -> None:
        """Keep to which key each fingerprint leads."""
        with self._transaction():
            self._connection.executemany("INSERT OR REPLACE INTO fingerprints VALUES (?, ?)", keys.items())

    def keys(self) -> frozenset[str]:
        """Return the keys of all that is stored."""
        with self._translated():
            return frozenset(key for (key,) in self._connection.execute("SELECT key FROM results"))

    def put(self, outcome: Outcome) -> None:
        """Store a final outcome; when this returns, it survives the end of this process."""
        if not outcome.final or not outcome.key:
            raise ValueError(f"only final outcomes with a key are stored, not {outcome.status!r}")
        with self._translated():
            # A statement outside a transaction is one of its own, and is in the write-ahead log when this returns.
            self._connection.execute(_INSERT, self._row(outcome))

    def close(self) -> None:
        """Close the file."""
        with self._translated():
            self._connection.close()

    def __len__(self) -> int:
        with self._translated():
            return int(self._connection.execute("SELECT count(*) FROM results").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection:
        if not self.read_only:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StorageError(f"store {self.path}: its folder cannot be made: {error.strerror}") from None
        mode = "rwc"
        if self.read_only:
            mode = "ro"
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        with self._translated():
            # Without this, Python's module opens a transaction by itself and leaves the commit to us.
            return sqlite3.connect(uri, timeout=_LOCK_SECONDS, isolation_level=None, uri=True)

    def _check_file(self) -> None:
        new = self._pragma("schema_version") == 0
        if not new or self.read_only:
            # The file may be somebody else's, so this comes before anything is written.
            self._check_owner()
        if self.read_only:
            return
        # With NORMAL a killed process loses nothing and a power cut at most the last commits.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        with self._transaction():
            # The question is asked again now that the file is held, because another process may have been faster.
            if self._pragma("schema_version") == 0:
                self._connection.execute(_TABLE)
                self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._connection.execute(f"PRAGMA user_version = {SCHEMA}")
            self._connection.execute(_FINGERPRINTS)
        # A damaged page may lie where only a later run would read it.
        if self._pragma("quick_check(1)") != "ok":
            raise StorageError(f"store {self.path}: {_ADVICE[sqlite3.SQLITE_CORRUPT]}")

    def _check_owner(self) -> None:
        if self._pragma("application_id") != _APPLICATION:
            raise StorageError(f"store {self.path}: {_ADVICE[sqlite3.SQLITE_NOTADB]}")
        if (schema := self._pragma("user_version")) > SCHEMA:
            raise StorageError(
                f"store {self.path}: written by a newer bitline (store schema {schema}, this one reads"
                f" {SCHEMA}): update bitline or give another file"
            )

    def _pragma(self, name: str) -> Any:
        return self._connection.execute(f"PRAGMA {name}").fetchone()[0]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # On a full disk SQLite itself may have rolled back.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            # The upper bits only refine the code, and the advice is the same for all refinements.
            primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            advice = _ADVICE.get(primary, str(error))
            raise StorageError(f"store {self.path}: {advice} ({error})") from error

    def _row(self, outcome: Outcome) -> tuple[Any, ...]:
        values = _json({name: float(value) for name, value in outcome.values.items()})
        # A simulator may print anything, and SQLite takes no lone surrogates.
        log = outcome.log.encode("utf-8", "replace").decode()
        fields = (outcome.key, outcome.status, values, outcome.rung, log, float(outcome.seconds))
        return (*fields, self._versions, _checksum((*fields, self._versions)))

    def _outcome(self, row: tuple[Any, ...], index: int) -> Outcome:
        key, status, values, rung, log, seconds, _, checksum = row
        # SQLite has no checksums of its own, and a number with a flipped bit is still a number.
        if _checksum(row[:-1]) != checksum:
            raise StorageError(f"store {self.path}: {_ADVICE[sqlite3.SQLITE_CORRUPT]} (row {key!r} fails its checksum)")
        return Outcome(index, key, status, json.loads(values), rung, log, cached=True, seconds=seconds)


class Claims:
    """Which points are being simulated, by any run on the same store.

    A claim is a lock of the operating system on one byte of a file beside the store, at a place that the key says.
    It ends with its process, however that ends, so that no claim outlives a killed worker.

    Parameters
    ----------
    store : Path
    """

    def __init__(self, store: Path) -> None:
        # Open as long as the process: to close it would end every claim of this process on it.
        self._file = os.open(f"{store}-claims", os.O_RDWR | os.O_CREAT, 0o644)

    @contextmanager
    def claim(self, key: str) -> Iterator[bool]:
        """Claim a key for the block, and say whether it is ours: else another process is at work on it."""
        # Two keys share a place once in 2^60, and then one of them waits in vain.
        with self._locked(1, int(key[:15], 16)) as ours:
            yield ours

    @contextmanager
    def claim_all(self) -> Iterator[bool]:
        """Claim every key for the block, and say whether they are ours: for a run whose workers cannot claim."""
        # A length of 0 reaches to the end, wherever that is.
        with self._locked(0, 0) as ours:
            yield ours

    @contextmanager
    def _locked(self, length: int, place: int) -> Iterator[bool]:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, place)
        except OSError as error:
            # Some file systems have no locks: there, runs do not know of each other, which costs time only.
            yield error.errno not in (errno.EAGAIN, errno.EACCES)
            return
        try:
            yield True
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, length, place)


def _json(value: Mapping[str, Any]) -> str:
    """Return JSON with floats by `repr`: exact to the last bit."""
    return json.dumps(value, separators=(",", ":"))


def _checksum(fields: tuple[Any, ...]) -> str:
    return hashlib.sha256(repr(fields).encode()).hexdigest()[:16]
