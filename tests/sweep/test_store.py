from __future__ import annotations

import errno
import random
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitline.errors import StorageError
from bitline.sweep.outcome import Outcome
from bitline.sweep.pool import LocalExecutor
from bitline.sweep.store import Claims, Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "points.sqlite"


def outcome(index: int, status: str = "ok") -> Outcome:
    return Outcome(index, f"{index:064x}", status, {"v": index / 3, "i": -1e-300}, "gear", "a\nlog", seconds=0.125)


def filled(path: Path, count: int = 100) -> list[Outcome]:
    made = [outcome(index) for index in range(count)]
    with Store(path) as store:
        for one in made:
            store.put(one)
    return made


def test_what_was_put_comes_back(path: Path) -> None:
    made = filled(path)
    with Store(path) as store, Store(path, read_only=True) as reader:
        assert len(store) == len(reader) == 100
        for one in (store, reader):
            found = one.get_many({item.key: item.index for item in made})
            assert list(found.values()) == made
        again = reader.get(made[7].key, index=3)
        assert again is not None
        assert (again.index, again.cached, again.log, again.seconds) == (3, True, "a\nlog", 0.125)
        assert store.get("0" * 63 + "x") is None


def test_what_was_put_is_there_at_once(path: Path) -> None:
    with Store(path) as store, Store(path, read_only=True) as reader:
        for index in range(3):
            store.put(outcome(index))
            assert len(reader) == index + 1


@settings(max_examples=50)
@given(st.dictionaries(st.text(max_size=5), st.floats()), st.text(st.characters(), max_size=20))
def test_floats_are_exact_and_any_log_is_taken(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, float], log: str
) -> None:
    path = tmp_path_factory.mktemp("store") / "s.sqlite"
    values = {name.encode("utf-8", "replace").decode(): value for name, value in values.items()}
    with Store(path) as store:
        store.put(Outcome(0, "k", "ok", values, log=log))
    with Store(path) as store:
        found = store.get("k")
    assert found is not None
    wanted = {name: struct.pack("d", value) for name, value in values.items() if value == value}
    assert {n: struct.pack("d", v) for n, v in found.values.items() if v == v} == wanted
    assert found.values.keys() == values.keys()


@pytest.mark.parametrize("status", ["timeout", "crashed"])
def test_only_final_outcomes_are_taken(path: Path, status: str) -> None:
    with Store(path) as store:
        with pytest.raises(ValueError, match=f"not '{status}'"):
            store.put(outcome(0, status))
        with pytest.raises(ValueError, match="with a key"):
            store.put(Outcome(0, "", "ok"))


def test_versions_are_recorded(path: Path) -> None:
    with Store(path, versions={"ngspice": "39"}) as store:
        store.put(outcome(0))
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT versions FROM results").fetchone()[0] == '{"ngspice":"39"}'


def test_another_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a store, but long enough to look like something " * 100)
    foreign = tmp_path / "photos.sqlite"
    with closing(sqlite3.connect(foreign)) as file:
        file.execute("CREATE TABLE photos (name)")
        file.commit()
    for path in (text, foreign):
        before = path.read_bytes()
        for read_only in (False, True):
            with pytest.raises(StorageError, match=f"store .*{path.name}: it is not a bitline store"):
                Store(path, read_only=read_only)
        assert path.read_bytes() == before


def test_a_newer_schema_is_refused(path: Path) -> None:
    filled(path, 1)
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version = 2")
    with pytest.raises(StorageError, match=r"written by a newer bitline \(store schema 2, this one reads 1\)"):
        Store(path)


def test_a_changed_row_is_noticed(path: Path) -> None:
    made = filled(path)
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE results SET \"values\" = replace(\"values\", '1.0', '1.5') WHERE key = ?", (made[3].key,))
        file.commit()
    with Store(path) as store:
        assert store.get(made[4].key, 4) == made[4]
        with pytest.raises(StorageError, match=r"it is damaged: .* \(row '0.*3' fails its checksum\)"):
            store.get(made[3].key)


def test_a_cut_file_is_damaged(path: Path) -> None:
    filled(path, 500)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(StorageError, match="it is damaged: move it away and run again"):
        Store(path)


def test_no_flipped_byte_ever_becomes_a_result(path: Path) -> None:
    made = {one.key: one for one in filled(path, 200)}
    good = path.read_bytes()
    draw = random.Random(1)
    noticed = 0
    for _ in range(150):
        place = draw.randrange(len(good))
        bad = bytearray(good)
        bad[place] ^= 1 << draw.randrange(8)
        for side in ("-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
        path.write_bytes(bad)
        try:
            with Store(path) as store:
                found = store.get_many({key: one.index for key, one in made.items()})
        except StorageError:
            noticed += 1
        else:
            assert all(made[key] == one for key, one in found.items())
    assert noticed > 50


@pytest.fixture
def blocked(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "file").write_text("")
    return tmp_path / "file"


def test_a_folder_that_cannot_be_made(blocked: Path) -> None:
    with pytest.raises(StorageError, match="its folder cannot be made: Not a directory"):
        Store(blocked / "below" / "points.sqlite")


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="it cannot be opened or made"):
        Store(tmp_path)


def test_a_missing_file_is_not_made_by_a_reader(path: Path) -> None:
    path.parent.mkdir()
    with pytest.raises(StorageError, match="it cannot be opened or made"):
        Store(path, read_only=True)
    assert not path.exists()


def test_a_read_only_file(path: Path) -> None:
    # a read-only connection meets the error that a read-only file system gives
    filled(path, 1)
    told = "it cannot be written: make the file and its folder writable"
    with pytest.raises(StorageError, match=told), Store(path, read_only=True) as store:
        store.put(outcome(2))


def test_a_full_disk_loses_nothing_that_was_stored(path: Path) -> None:
    made = filled(path, 50)
    with Store(path) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(
            StorageError, match=r"the disk is full: .*what is stored stays \(database or disk is full\)"
        ):
            for index in range(50, 2000):
                store.put(outcome(index))
        with Store(path, read_only=True) as reader:
            assert reader.get_many({one.key: one.index for one in made}) == {one.key: one for one in made}
        store._connection.execute("PRAGMA max_page_count = 100000")
        store.put(outcome(2000))  # room was made
        assert store.get(outcome(2000).key, 2000) == outcome(2000)


def test_a_held_store_is_not_waited_for_for_ever(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, 1)
    monkeypatch.setattr("bitline.sweep.store._LOCK_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="another process holds it"):
            Store(path)


def claimed(path: Path, key: str) -> bool:
    with Claims(path).claim(key) as ours:
        return ours


def test_a_claim_holds_against_other_processes_and_ends_with_its_own(tmp_path: Path) -> None:
    key, other = "ab" * 32, "cd" * 32
    with LocalExecutor() as executor:
        with Claims(tmp_path / "store").claim(key) as ours:
            assert ours
            assert not executor.submit(claimed, tmp_path / "store", key).result()
            assert executor.submit(claimed, tmp_path / "store", other).result()
        assert executor.submit(claimed, tmp_path / "store", key).result()


def test_without_locks_every_claim_is_granted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("bitline.sweep.store.fcntl.lockf", no_locks)
    assert claimed(tmp_path / "store", "ab" * 32)


def test_a_fingerprint_leads_to_what_is_stored_under_its_key(path: Path) -> None:
    made = filled(path, 1200)
    keys = {f"f{one.index}": one.key for one in made}
    with Store(path) as store, Store(path, read_only=True) as reader:
        store.note({**keys, "shared": made[0].key, "early": "no such key"})
        for one in (store, reader):
            found = one.recall(["unknown", "shared", "early", *keys])
            assert found.keys() == {"shared", *keys}
            assert found["shared"] == made[0]
            assert [replace(found[name], index=k) for k, name in enumerate(keys)] == made
            assert all(outcome.cached for outcome in found.values())
        store.note({"shared": made[1].key})
        assert store.recall(["shared"])["shared"].key == made[1].key


def test_a_store_without_fingerprints_is_read_and_gets_them_when_it_is_written(path: Path) -> None:
    made = filled(path, 3)
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TABLE fingerprints")
    with Store(path, read_only=True) as reader:
        assert reader.recall(["f"]) == {}
        assert reader.get(made[2].key, 2) == made[2]
    with Store(path) as store:
        store.note({"f": made[2].key})
        assert len(store) == 3
    with Store(path, read_only=True) as reader:
        assert reader.recall(["f"])["f"].key == made[2].key


def test_a_store_with_fingerprints_is_of_the_schema_that_an_older_bitline_reads(path: Path) -> None:
    filled(path, 1)
    with Store(path) as store, closing(sqlite3.connect(path)) as file:
        store.note({"f": outcome(0).key})
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
        columns = [row[1] for row in file.execute("PRAGMA table_info(results)")]
    assert columns == ["key", "status", "values", "rung", "log", "seconds", "versions", "checksum"]
