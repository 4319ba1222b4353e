"""Opening, encryption, two servers, faults of disk and database in plain words."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cowise.core.errors import ConflictError, InputError, MissingError, StorageError
from cowise.store import faults, open_store, projects, turn
from cowise.store.connect import FILE, affected, library, rekey


@pytest.mark.parametrize("key", [b"\x07" * 32, "x'" + "ab" * 32 + "'", "correct horse 好 \"' battery"])
def test_an_encrypted_workspace_opens_with_its_key_only(tmp_path, key):
    with open_store(tmp_path / "h", key=key) as store:
        store.write(
            lambda tx: tx.run(
                text("INSERT INTO members (project, name, kind, settings) VALUES (1, 'Secretary', 'person', '{}')")
            )
        )
    for path in (tmp_path / "h").glob("*"):
        assert b"Secretary" not in path.read_bytes()
        assert not path.read_bytes().startswith(b"SQLite format 3")
    with open_store(tmp_path / "h", key=key) as store, store.read() as tx:
        assert tx.value(text("SELECT name FROM members")) == "Secretary"
    for wrong in ("", "another", b"\x08" * 32):
        with pytest.raises(StorageError, match="another key"):
            open_store(tmp_path / "h", key=wrong)


def test_a_passphrase_opens_the_file_in_other_tools(tmp_path):
    open_store(tmp_path / "h", key="open sesame").close()
    other = sqlcipher.connect(tmp_path / "h" / FILE)
    other.execute("PRAGMA key = 'open sesame'")
    assert other.execute("SELECT version_num FROM alembic_version").fetchone() is not None
    other.close()


def test_a_key_can_be_changed_when_nobody_looks(tmp_path):
    old, new = b"\x01" * 32, b"\x02" * 32
    store = open_store(tmp_path / "h", key=old)
    with pytest.raises(ConflictError):
        rekey(tmp_path / "h", old, new)
    store.close()
    with pytest.raises(StorageError, match="another key"):
        rekey(tmp_path / "h", new, old)
    with pytest.raises(InputError, match="needs the present key"):
        rekey(tmp_path / "h", old, "")
    rekey(tmp_path / "h", old, new)
    open_store(tmp_path / "h", key=new).close()
    with pytest.raises(StorageError, match="another key"):
        open_store(tmp_path / "h", key=old)


def test_every_connection_is_as_safe_as_we_say(tmp_path):
    with open_store(tmp_path / "h") as store:
        expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        look = lambda tx: {n: tx.connection.exec_driver_sql(f"PRAGMA {n}").scalar() for n in expected}  # noqa: E731
        assert store.write(look) == expected
        with store.read() as tx:
            assert look(tx) == expected
    assert oct((tmp_path / "h" / FILE).stat().st_mode & 0o777) == "0o600"


def test_a_reader_cannot_write(store):
    with pytest.raises(StorageError, match="no permission to write"), store.read() as tx:
        tx.run(text("DELETE FROM members"))


@pytest.mark.parametrize(
    ("version", "bad"),
    [((3, 6, 23), False), ((3, 7, 0), True), ((3, 40, 1), True), ((3, 44, 5), True), ((3, 44, 6), False), ((3, 50, 6), True),
     ((3, 50, 7), False), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 4), False)],
)  # fmt: skip
def test_which_sqlite_is_affected(version, bad):
    assert affected(version) is bad


def test_an_affected_library_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(library(), "sqlite_version_info", (3, 40, 1))
    with pytest.raises(StorageError, match="lose commits"):
        open_store(tmp_path / "h")


def test_a_second_server_is_refused_while_the_command_line_is_not(tmp_path, address):
    with open_store(tmp_path / "h", db=address) as one, open_store(tmp_path / "h", db=address) as two:
        one.serve()
        one.serve()
        with pytest.raises(ConflictError, match="server runs on this"):
            two.serve()
        assert two.write(lambda tx: tx.value(text("SELECT 1"))) == 1
        one.close()
        two.serve()


def test_a_failing_write_takes_no_other_with_it(store, make):
    futures = []
    for i in range(30):

        def one(tx, i=i):
            projects.create(tx, f"p{i}", make_task(), make_promise(), audit_key=("k", "c"))
            if i % 3 == 0:
                raise ValueError(f"no {i}")

        futures.append(store.submit(one))
    failed = [i for i, f in enumerate(futures) if f.exception() is not None]
    assert failed == list(range(0, 30, 3))
    with store.read() as tx:
        assert {p.name for p in projects.all_of(tx)} == {f"p{i}" for i in range(30) if i % 3}


def make_task():
    from cowise.core.types import classify

    return classify("a", "b")


def make_promise():
    from cowise.core.types import Promise

    return Promise()


def test_what_follows_a_commit_runs_after_it_only(store):
    seen = []
    store.write(lambda tx: tx.after.append(lambda: seen.append("yes")))

    def fail(tx):
        tx.after.append(lambda: seen.append("no"))
        raise ValueError

    with pytest.raises(ValueError):
        store.write(fail)
    assert seen == ["yes"]


def test_a_write_inside_a_write_is_a_mistake_of_ours(store):
    with pytest.raises(AssertionError, match="inside a write"):
        store.write(lambda tx: store.write(lambda inner: None))


def test_a_closed_store_says_so(tmp_path):
    store = open_store(tmp_path / "h")
    store.close()
    store.close()
    with pytest.raises(StorageError, match="closed"):
        store.write(lambda tx: None)


def test_a_missing_workspace_is_not_made_unless_asked(tmp_path):
    with pytest.raises(MissingError, match="no workspace"):
        open_store(tmp_path / "nothing", create=False)
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingError, match="holds no workspace"):
        open_store(tmp_path / "empty", create=False)


def test_an_address_of_another_kind_is_refused(tmp_path):
    with pytest.raises(InputError, match="asked for 'mysql'"):
        open_store(tmp_path / "h", db="mysql://root:secret@host/x")


def test_a_server_that_is_not_there_is_a_clear_message(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StorageError, match="cannot be reached"):
        open_store(tmp_path / "h", db="postgresql+psycopg://nobody@127.0.0.1:1/nothing")


def test_a_damaged_database_is_a_clear_message(tmp_path):
    open_store(tmp_path / "h").close()
    path = tmp_path / "h" / FILE
    path.write_bytes(b"garbage" * 4096)
    with pytest.raises(StorageError, match="no cowise database"):
        open_store(tmp_path / "h")


def test_a_full_disk_is_a_clear_message_and_nothing_is_half_written(tmp_path, make_full):
    with open_store(tmp_path / "h") as store:
        make_full(store)
        with pytest.raises(StorageError, match="disk is full"):
            store.write(
                lambda tx: tx.run(
                    text("INSERT INTO members (project, name, kind, settings) VALUES (1, :n, 'person', '{}')"),
                    {"n": "x" * 9_000_000},
                )
            )
        with store.read() as tx:
            assert tx.value(text("SELECT count(*) FROM members")) == 0


@pytest.fixture
def make_full():
    def limit(store):
        def cap(tx):
            pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar()
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}").close()

        store.write(cap)

    return limit


def test_no_permission_is_a_clear_message(tmp_path):
    home = tmp_path / "h"
    open_store(home).close()
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(StorageError):
        open_store(blocked / "h")
    if os.geteuid() != 0:
        home.chmod(0o500)
        with pytest.raises(StorageError, match="no permission"):
            open_store(home)
        home.chmod(0o700)


def test_importing_the_store_loads_no_migration_library():
    code = "import sys, cowise.store; sys.exit(any(m.split('.')[0] in ('alembic', 'psycopg', 'torch', 'sklearn', 'scipy') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path.cwd()).returncode == 0


def test_reopening_loads_no_migration_library(tmp_path):
    open_store(tmp_path / "h").close()
    code = f"import sys; from pathlib import Path; from cowise.store import open_store; open_store(Path({str(tmp_path / 'h')!r})).close(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_folder_that_others_own_and_a_key_of_another_size_are_refused(tmp_path, monkeypatch):
    open_store(tmp_path / "h").close()
    with pytest.raises(InputError, match="database key: need 32 bytes, got 5"):
        open_store(tmp_path / "h", key=b"short")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, who may enter anywhere
    with pytest.raises(StorageError, match="no permission; check who owns the folder"):
        open_store(tmp_path / "h")


def test_too_many_readers_and_mistakes_of_ours_are_told_apart():
    assert isinstance(faults.explain(PoolTimeout("QueuePool limit")), ConflictError)
    assert str(faults.explain(OSError())) == "the database refuses: OSError"
    with pytest.raises(ZeroDivisionError), faults.plain():
        _ = 1 / 0


def test_where_files_cannot_be_locked_bulk_work_pauses(tmp_path, monkeypatch):
    """Windows has no such locks: a write waits for nobody, bulk work gives way, and one server is still the only one."""
    locked = []
    windows = SimpleNamespace(locking=lambda *said: locked.append(said), LK_NBLCK=2)
    monkeypatch.setattr(turn, "_fcntl", None)
    monkeypatch.setattr(turn, "PAUSE_S", 0.05)
    monkeypatch.setitem(sys.modules, "msvcrt", windows)
    began = time.monotonic()
    with open_store(tmp_path / "h") as store:
        assert store.write(lambda tx: tx.value(text("SELECT 1"))) == 1
        store.write(lambda tx: None, bulk=True)
        store.serve()
    assert time.monotonic() - began >= 0.05
    assert [said[1:] for said in locked] == [(2, 1)]
    alone = turn.Turn(tmp_path / "h")
    assert alone.awaited() is True
    alone.close()
    lock = turn.ServerLock(tmp_path / "h" / "again.lock")
    lock.close()
    lock.close()
