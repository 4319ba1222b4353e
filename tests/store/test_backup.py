"""Backup under load and restore, on both databases and from one to the other."""

import threading

import numpy as np
import pytest

from cowise.core.errors import ConflictError, StorageError, TrustError
from cowise.guard.ledger import verify
from cowise.store import backup, imports, items, ledger, load_items, open_store
from cowise.store.connect import FILE


def state(store, project):
    with store.read() as tx:
        texts = [t for c in items.chunks(tx, project) for t in c.texts]
        return texts, verify(ledger.rows(tx)).demand().root, ledger.head(tx).size


def test_a_backup_under_load_is_one_moment(tmp_path, make, store, address, project, add):
    add([f"row {i}" for i in range(2000)])
    digest = store.blobs.put(b"a model")
    store.vectors.put("enc", ["a" * 32], np.ones((1, 4), np.float32))
    stop, acknowledged = threading.Event(), []

    def load():
        while not stop.is_set():
            acknowledged.append(store.write(lambda tx: ledger.append(tx, project, "step", {})).seq)

    worker = threading.Thread(target=load)
    worker.start()
    while len(acknowledged) < 20:
        stop.wait(0.001)
    before = len(acknowledged)
    backup.save(store.home, tmp_path / "b", db=address)
    stop.set()
    worker.join()
    backup.restore(tmp_path / "b", tmp_path / "new")
    with open_store(tmp_path / "new") as copy:
        texts, _, size = state(copy, project)
        assert texts == [f"row {i}" for i in range(2000)]
        assert before <= size <= len(acknowledged)
        assert copy.blobs.get(digest) == b"a model"
        assert copy.vectors.get("enc", ["a" * 32])["a" * 32].tolist() == [1, 1, 1, 1]
        copy.write(lambda tx: ledger.append(tx, project, "goes on", {}))
        with pytest.raises(StorageError, match="append-only"):
            copy.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM ledger"))


@pytest.mark.postgres
def test_a_workspace_moves_from_sqlite_to_postgresql(tmp_path, new_database, clock):
    from cowise.core.types import Promise, classify
    from cowise.store import projects

    with open_store(tmp_path / "h", clock=clock) as store:
        for name in ("p", "q"):
            store.write(lambda tx, n=name: projects.create(tx, n, classify("a", "b"), Promise(), audit_key=("k", "c")))
        load_items(store, 2, "f", [imports.NewItem("a"), imports.NewItem("b\x00")])
        store.write(lambda tx: ledger.append(tx, 2, "x", {}))
        expected = state(store, 2)
        backup.save(store.home, tmp_path / "b")
    db = new_database()
    backup.restore(tmp_path / "b", tmp_path / "new", db=db)
    with open_store(tmp_path / "new", db=db, clock=clock) as store:
        assert state(store, 2) == expected
        made = store.write(lambda tx: projects.create(tx, "r", classify("a", "b"), Promise(), audit_key=("k", "c")))
        assert made.id == 3
    with pytest.raises(ConflictError, match="holds projects already"):
        backup.restore(tmp_path / "b", tmp_path / "other", db=db)


def test_an_encrypted_backup_stays_encrypted(tmp_path):
    key = b"\x01" * 32
    with open_store(tmp_path / "h", key=key) as store:
        store.write(lambda tx: ledger.append(tx, 1, "Secretary", {}))
        backup.save(store.home, tmp_path / "b", key=key)
    assert b"Secretary" not in (tmp_path / "b" / FILE).read_bytes()
    backup.restore(tmp_path / "b", tmp_path / "new", key=key)
    with open_store(tmp_path / "new", key=key) as store, store.read() as tx:
        assert ledger.head(tx).size == 1


def test_a_changed_backup_is_refused(tmp_path, make):
    open_store(tmp_path / "h").close()
    backup.save(tmp_path / "h", tmp_path / "b")
    with pytest.raises(ConflictError, match="exists already"):
        backup.save(tmp_path / "h", tmp_path / "b")
    with pytest.raises(ConflictError, match="holds a workspace"):
        backup.restore(tmp_path / "b", tmp_path / "h")
    with (tmp_path / "b" / FILE).open("r+b") as file:
        file.seek(5000)
        file.write(b"x")
    with pytest.raises(TrustError, match="changed since the backup"):
        backup.restore(tmp_path / "b", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "b" / backup.MANIFEST).write_text('{"files": {"../h/cowise.db": "00"}}')
    with pytest.raises(TrustError, match="lies outside"):
        backup.check(tmp_path / "b")
    (tmp_path / "b" / backup.MANIFEST).write_text("{")
    with pytest.raises(TrustError, match="cut short"):
        backup.check(tmp_path / "b")
