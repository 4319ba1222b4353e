"""Backup, keys, anchors, encoders, and the doctor."""

import shutil

import pytest
from worlds import LABELS, PROMISE, answer, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, InputError, MissingError, StorageError
from cowise.core.settings import Settings
from cowise.core.types import Answer, classify
from cowise.store import ledger


def test_backup_and_restore(tmp_path):
    gold = texts(40)
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, limit=10)
        loop.backup(ws, tmp_path / "copy")
        entries = loop.verify(ws).entries
        with pytest.raises(ConflictError, match="exists already"):
            loop.backup(ws, tmp_path / "copy")
    assert not (tmp_path / "copy" / "keys").exists()
    bare = loop.restore(settings(tmp_path / "bare"), tmp_path / "copy")
    assert (bare.ok, bare.entries, bare.marks) == (True, entries, 0)
    with pytest.raises(MissingError, match="put the keys folder back"):
        loop.open_workspace(settings(tmp_path / "bare"))
    shutil.copytree(tmp_path / "home" / "keys", tmp_path / "again" / "keys")
    whole = loop.restore(settings(tmp_path / "again"), tmp_path / "copy")
    assert (whole.ok, whole.marks) == (True, 1)
    with loop.open_workspace(settings(tmp_path / "again")) as ws:
        assert loop.status(ws, "p").human.answers == 10
        answer(ws, gold, limit=5)


def test_anchor_and_meddling(tmp_path):
    gold = texts(20)
    with world(tmp_path / "home", gold) as ws:
        assert "head" in loop.write_anchor(ws, tmp_path / "anchor.txt")
        assert loop.checkpoint(ws) == ""
        assert loop.verify(ws, tmp_path / "anchor.txt").marks == 2
        ws.store.write(lambda tx: tx.connection.exec_driver_sql("DROP TRIGGER ledger_no_delete"))
        ws.store.write(lambda tx: tx.connection.exec_driver_sql("DELETE FROM ledger WHERE seq = 2"))
        report = loop.verify(ws, tmp_path / "anchor.txt")
        assert not report.ok
        assert "cut off" in report.fault
        with pytest.raises(MissingError):
            loop.verify(ws, tmp_path / "none.txt")


def test_keys_are_shown_and_rotated(tmp_path):
    with loop.open_workspace(settings(tmp_path), create=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        before = loop.key_show(ws)
        assert not before.encrypted
        after = loop.key_rotate(ws)
        assert after.signing != before.signing
        loop.rename(ws, "p", "q")
        assert loop.checkpoint(ws)
        assert loop.verify(ws).marks == 2
        with pytest.raises(MissingError, match="no encryption key"):
            loop.key_rotate(ws, "data")
        with pytest.raises(InputError, match="audit key is never replaced"):
            loop.key_rotate(ws, "audit")


def test_an_encrypted_workspace(tmp_path):
    home = tmp_path / "home"
    with loop.open_workspace(settings(home), create=True, encrypt=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        loop.add(ws, "p", ["a secret text", "another one", "a third"])
        with loop.session(ws, "p", "ann") as review:
            for question, label in zip(review.ask(3), LABELS, strict=True):
                review.take(question, Answer.of(label))
        loop.learn(ws, "p")
        first = loop.key_show(ws)
        assert first.encrypted
        assert len(first.fingerprint) == 16
        assert loop.key_rotate(ws, "data").fingerprint != first.fingerprint
        assert loop.get(ws, "p").items == 3
    files = [file for part in ("blobs", "vectors") for file in (home / part).rglob("*") if file.is_file()]
    assert len(files) > 3
    for file in (home / "cowise.db", *files):
        assert not any(sign in file.read_bytes() for sign in (b"secret", b"billing", b"cowisev1", b"safetensors"))
    with loop.open_workspace(settings(home)) as ws:
        assert loop.get(ws, "p").items == 3
        assert loop.learn(ws, "p").state == "candidate"
    (home / "keys" / "data.key").unlink()
    with pytest.raises(StorageError, match="another key"):
        loop.open_workspace(settings(home))


def test_a_workspace_in_the_clear_is_not_said_to_be_encrypted(tmp_path):
    with loop.open_workspace(settings(tmp_path), create=True):
        pass
    with pytest.raises(ConflictError, match="in the clear"):
        loop.open_workspace(settings(tmp_path), encrypt=True)
    with pytest.raises(InputError, match="PostgreSQL"):
        loop.open_workspace(Settings(home=tmp_path / "x", db="postgresql://x"), create=True, encrypt=True)


def test_encoders(tmp_path):
    where = settings(tmp_path)
    names = [each["name"] for each in loop.models_list(where)]
    assert names[0] == "use-multilingual"
    assert not any(each["here"] for each in loop.models_list(where))
    assert loop.models_show(where, names[0])["files"][0]["sha256"]
    assert loop.models_remove(where, names[0]) is False
    with pytest.raises(MissingError):
        loop.models_show(where, "nothing")


def test_the_doctor(tmp_path):
    checks = {c.name: c for c in loop.doctor(settings(tmp_path / "none"))}
    assert checks["workspace"].ok
    assert checks["encoder"].todo == "cowise models pull use-multilingual"
    with world(tmp_path / "home", texts(5)):
        pass
    checks = {c.name: c for c in loop.doctor(settings(tmp_path / "home"))}
    assert checks["ledger"].ok
    assert "1 project" in checks["workspace"].what
    (tmp_path / "home" / "keys" / "signing.key").chmod(0o644)
    found = {c.name: c for c in loop.doctor(settings(tmp_path / "home"))}
    assert not found["workspace"].ok
    assert "chmod 600" in found["workspace"].what


def test_checkpoints_are_signed_on_the_way(tmp_path, monkeypatch):
    gold = texts(40)
    with world(tmp_path, gold) as ws:
        monkeypatch.setattr("cowise.loop.plan.EVERY", 10)
        answer(ws, gold)
        with ws.store.read() as tx:
            assert len(ledger.checkpoints(tx)) >= 1
