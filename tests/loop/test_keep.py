"""Backup, keys, anchors, encoders, and the doctor."""

import shutil

import pytest
from sqlalchemy import text
from worlds import LABELS, PROMISE, answer, settings, texts, world

from cowise import loop
from cowise.core.errors import ConflictError, InputError, MissingError, StorageError, TrustError
from cowise.core.settings import Settings
from cowise.core.types import Answer, classify
from cowise.guard.keys import KeyFolder
from cowise.loop import walks
from cowise.loop.board import read
from cowise.store import ledger, projects, timeline
from cowise.store.connect import rekey
from cowise.store.values import item_key


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
    assert (bare.ok, bare.entries, bare.marks) == (True, entries + 1, 0), "that it was read back is on record"
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
        assert loop.checkpoint(ws) == loop.checkpoint(ws), "nothing came since"
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
        # More than are answered: a lot may reserve some for texts to come, and those are not asked now.
        loop.add(ws, "p", ["a secret text", "another one", "a third", *(f"text {i}" for i in range(30))])
        with loop.session(ws, "p", "ann") as review:
            for question, label in zip(review.ask(3), LABELS, strict=True):
                review.take(question, Answer.of(label))
        loop.learn(ws, "p")
        first = loop.key_show(ws)
        assert first.encrypted
        assert len(first.fingerprint) == 16
        assert loop.key_rotate(ws, "data").fingerprint != first.fingerprint
        assert loop.get(ws, "p").items == 33
    files = [file for part in ("blobs", "vectors") for file in (home / part).rglob("*") if file.is_file()]
    assert len(files) > 3
    for file in (home / "cowise.db", *files):
        assert not any(sign in file.read_bytes() for sign in (b"secret", b"billing", b"cowisev1", b"safetensors"))
    with loop.open_workspace(settings(home)) as ws:
        assert loop.get(ws, "p").items == 33
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
    assert found["workspace"].ok
    assert not found["keys"].ok
    assert "chmod 600" in found["keys"].what


@pytest.mark.parametrize("encrypt", [False, True])
def test_the_doctor_finds_a_damaged_file(tmp_path, encrypt):
    with loop.open_workspace(settings(tmp_path / "home"), create=True, encrypt=encrypt) as ws:
        ws.store.blobs.put(b"a model")
        (file,) = ws.store.blobs
    checks = {c.name: c for c in loop.doctor(settings(tmp_path / "home"))}
    assert checks["files"].ok
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    found = {c.name: c for c in loop.doctor(settings(tmp_path / "home"))}["files"]
    assert not found.ok
    assert file.name in found.what


def test_what_cannot_be_signed_is_done_all_the_same_and_told(tmp_path):
    with world(tmp_path / "home", texts(5)):
        pass
    key = tmp_path / "home" / "keys" / "signing.key"
    key.chmod(0o644)
    ws = loop.open_workspace(settings(tmp_path / "home"))
    (name,) = [each.name for each in loop.listing(ws)]
    loop.rename(ws, name, "other")
    with pytest.raises(TrustError, match=r"the work is done, but the end of the ledger is not signed: .*chmod 600"):
        ws.close()
    with pytest.raises(MissingError, match="'nothing'"), loop.open_workspace(settings(tmp_path / "home")) as ws:
        loop.rename(ws, "nothing", "more")  # the first fault is the one to hear of
    key.chmod(0o600)
    with loop.open_workspace(settings(tmp_path / "home")) as ws:
        assert [each.name for each in loop.listing(ws)] == ["other"]
    with loop.open_workspace(settings(tmp_path / "home")) as ws, ws.store.read() as tx:
        assert ledger.unsigned(tx, ledger.head(tx)) == 0


def test_a_deletion_that_was_cut_short_is_finished_by_the_next(tmp_path, monkeypatch):
    with world(tmp_path / "home", texts(5)) as ws:
        (name,) = [each.name for each in loop.listing(ws)]
        with ws.store.read() as tx:
            key_ref = projects.get(tx, name).key_ref

        def full(tx, project):
            raise StorageError("the disk is full")

        with monkeypatch.context() as broken:
            broken.setattr(projects, "sweep", full)
            with pytest.raises(StorageError):
                loop.delete(ws, name)
        assert loop.listing(ws) == []
        with ws.store.read() as tx:
            ((number, _),) = projects.closed(tx)
        loop.sweep_deleted(ws)
        with ws.store.read() as tx:
            assert projects.closed(tx) == []
            assert tx.value(text("SELECT count(*) FROM items WHERE id >= :low"), {"low": item_key(number, 0)}) == 0
        with pytest.raises(MissingError):
            ws.keys.audit(key_ref)


def test_checkpoints_are_signed_on_the_way(tmp_path, monkeypatch):
    gold = texts(40)
    with world(tmp_path, gold) as ws:
        monkeypatch.setattr("cowise.loop.plan.EVERY", 10)
        answer(ws, gold)
        with ws.store.read() as tx:
            assert len(ledger.checkpoints(tx)) >= 1


def test_an_anchor_needs_something_to_hold(tmp_path):
    made = loop.open_workspace(settings(tmp_path / "home"), create=True)
    with made as ws, pytest.raises(TrustError, match="checkpoint: the ledger is empty; make a project first"):
        loop.write_anchor(ws, tmp_path / "anchor.txt")
    assert not (tmp_path / "anchor.txt").exists()


def test_a_checkpoint_whose_row_was_meddled_with_is_found(tmp_path):
    with world(tmp_path / "home", texts(5)) as ws:
        loop.write_anchor(ws, tmp_path / "anchor.txt")
        assert loop.verify(ws).ok
        ws.store.write(lambda tx: meddle(tx, "UPDATE checkpoints SET root = zeroblob(32)"))
        found = loop.verify(ws)
    assert not found.ok
    assert "its row and its signed note differ" in found.fault


def meddle(tx, statement):
    """What somebody with the file in hand can do: the triggers that guard the ledger are theirs to drop."""
    for (name,) in tx.connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        tx.connection.exec_driver_sql(f"DROP TRIGGER {name}").close()
    tx.connection.exec_driver_sql(statement).close()


def test_the_doctor_tells_of_a_full_disk_and_of_a_library_that_loses_commits(tmp_path, monkeypatch):
    monkeypatch.setattr("cowise.loop.health.LEAST_FREE", 2**70)
    monkeypatch.setattr("cowise.store.connect.affected", lambda version: True)
    found = {c.name: c for c in loop.doctor(settings(tmp_path / "none"))}
    assert (found["disk"].ok, found["disk"].todo) == (False, "free at least 1 GB")
    assert not found["sqlite"].ok
    assert "can lose commits" in found["sqlite"].what


def test_the_doctor_tells_what_keeps_a_workspace_shut(tmp_path):
    with world(tmp_path / "home", texts(5)):
        pass
    (tmp_path / "home" / "cowise.db").write_bytes(b"no database at all" * 400)
    found = {c.name: c for c in loop.doctor(settings(tmp_path / "home"))}
    assert not found["workspace"].ok
    assert found["workspace"].todo == "see the message"


@pytest.mark.parametrize("done", [False, True], ids=["before the database", "after the database"])
def test_a_change_of_key_that_was_cut_short_opens_all_the_same(tmp_path, done):
    home = tmp_path / "home"
    loop.open_workspace(settings(home), create=True, encrypt=True).close()
    keys = KeyFolder(home / "keys")

    def killed(old, new):
        if done:
            rekey(home, old, new)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keys.rotate_data(killed)
    old, new = keys.data(), keys.pending_data()
    loop.open_workspace(settings(home)).close()
    assert keys.pending_data() is None
    assert keys.data() == (new if done else old)


def test_an_encrypted_copy_comes_back_with_its_key(tmp_path):
    home, copy = tmp_path / "home", tmp_path / "copy"
    with loop.open_workspace(settings(home), create=True, encrypt=True) as ws:
        loop.create(ws, "p", classify(*LABELS), PROMISE, encoder="hashing")
        loop.backup(ws, copy)
    shutil.copytree(home / "keys", tmp_path / "again" / "keys")
    assert loop.restore(settings(tmp_path / "again"), copy).ok
    with loop.open_workspace(settings(tmp_path / "again")) as ws:
        assert [each.name for each in loop.listing(ws)] == ["p"]


def test_a_workspace_that_was_read_back_draws_other_lots_and_counts_a_look(tmp_path):
    """Looks may have begun since the copy was made: nobody gets the same lots, or the same share of delta, a second time."""
    gold = texts(600, noise=0.02)
    with world(tmp_path / "home", gold) as ws:
        answer(ws, gold, limit=60)
        loop.backup(ws, tmp_path / "copy")
        designed = [first_look(ws, gold)]
    for number in range(2):
        home = tmp_path / f"again{number}"
        shutil.copytree(tmp_path / "home" / "keys", home / "keys")
        assert loop.restore(settings(home), tmp_path / "copy").ok
        with loop.open_workspace(settings(home)) as ws:
            designed.append(first_look(ws, gold))
            answer(ws, gold)
            assert all(one.outcome == "same" for one in loop.replay(ws, "p"))
            assert loop.status(ws, "p").automated > 0
    assert [look for look, _, _ in designed] == [0, 1, 1]
    assert designed[0][1] > designed[1][1]
    lots = [dict(zip(ids, drawn, strict=True)) for _, _, (ids, drawn) in designed]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        both = lots[one].keys() & lots[other].keys()
        assert len(both) > 100
        assert not any(lots[one][item] == lots[other][item] for item in both)


def first_look(ws, gold):
    """Number, share of delta, and lots of the look that begins next."""
    before = len(designs(ws))
    while len(designs(ws)) == before:
        assert answer(ws, gold, limit=1)
    entry = designs(ws)[-1]
    layout, ids = walks.kept(ws, entry["blob"]), read(ws, "p").ids
    return entry["look"], entry["delta"], ([ids[o] for o in layout.ordinals.tolist()], layout.lot.tolist())


def designs(ws):
    with ws.store.read() as tx:
        return [one.record for one in timeline.events(tx, projects.get(tx, "p").id, ("designed",))]
