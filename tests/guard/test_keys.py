import pytest

from cowise.core.errors import ConflictError, InputError, MissingError, StorageError, TrustError
from cowise.guard.checkpoint import Checkpoint, verified
from cowise.guard.keys import LOSS, KeyFolder

POINT = Checkpoint("o", 1, bytes(32))


@pytest.fixture
def folder(tmp_path):
    return KeyFolder(tmp_path / "ws" / "keys")


def test_keys_are_kept_for_their_owner_alone(folder):
    folder.create_signing("w")
    folder.create_audit("tickets")
    folder.create_data()
    assert sorted(p.name for p in folder.path.iterdir()) == [
        "audit.tickets.key",
        "data.key",
        "signing.key",
        "verifiers.txt",
    ]
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in folder.path.iterdir())
    assert folder.path.stat().st_mode & 0o077 == 0


def test_keys_come_back_and_differ(folder):
    audit, data = folder.create_audit("a"), folder.create_data()
    assert folder.audit("a") == audit
    assert folder.data() == data
    assert len({audit, data, folder.create_audit("b")}) == 3
    assert folder.has_data()


def test_files_beside_the_database_have_a_key_only_where_they_are_encrypted(folder):
    folder.create_data()
    assert folder.files() is None
    key = folder.create_files()
    assert folder.files() == key != folder.data()
    (folder.path / "files.key").write_text("cowise-key-v1 data AAAA\n")
    with pytest.raises(TrustError, match="not a whole files key"):
        folder.files()


@pytest.mark.parametrize(
    "make",
    [
        lambda f: f.create_data(),
        lambda f: f.create_files(),
        lambda f: f.create_audit("a"),
        lambda f: f.create_signing("w"),
    ],
)
def test_a_key_in_use_is_never_overwritten(folder, make):
    make(folder)
    before = {p.name: p.read_bytes() for p in folder.path.iterdir()}
    with pytest.raises(ConflictError, match="never overwritten"):
        make(folder)
    assert {p.name: p.read_bytes() for p in folder.path.iterdir()} == before


@pytest.mark.parametrize(
    ("load", "kind"),
    [(lambda f: f.data(), "data"), (lambda f: f.audit("a"), "audit"), (lambda f: f.signing(), "signing")],
)
def test_a_lost_key_is_explained(folder, load, kind):
    with pytest.raises(MissingError) as caught:
        load(folder)
    assert LOSS[kind] in str(caught.value)
    assert "backup" in str(caught.value)


def test_missing_verifiers_are_explained(folder):
    with pytest.raises(MissingError, match=r"verifiers\.txt"):
        folder.verifiers()


def test_rotated_signing_keeps_old_checkpoints_checkable(folder):
    first = folder.create_signing("w").sign(POINT)
    second = folder.rotate_signing()
    assert folder.signing().verifier == second.verifier
    assert len(folder.verifiers()) == 2
    for note in (first, second.sign(POINT)):
        assert verified(note, folder.verifiers()) == POINT


def test_a_failed_rotation_of_the_signing_key_changes_nothing(folder, monkeypatch):
    old = folder.create_signing("w")

    def full(kind, key):
        raise StorageError("disk full")

    monkeypatch.setattr(folder, "_write", full)
    with pytest.raises(StorageError):
        folder.rotate_signing()
    assert folder.signing().verifier == old.verifier == folder.verifiers()[-1]


def test_rotated_data_key(folder):
    old = folder.create_data()
    seen = []
    new = folder.rotate_data(lambda a, b: seen.append((a, b)))
    assert seen == [(old, new)]
    assert folder.data() == new != old
    assert folder.pending_data() is None


def test_a_failed_rotation_keeps_the_old_data_key(folder):
    old = folder.create_data()

    def fails(a, b):
        assert folder.pending_data() == b
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        folder.rotate_data(fails)
    assert folder.data() == old
    assert folder.pending_data() is None


@pytest.mark.parametrize("pending", [True, False])
def test_a_rotation_cut_by_a_crash_can_be_settled(folder, pending):
    old = folder.create_data()

    def killed(a, b):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        folder.rotate_data(killed)
    new = folder.pending_data()
    folder.settle_data(pending=pending)
    assert folder.data() == (new if pending else old)
    assert folder.pending_data() is None


@pytest.mark.parametrize(
    "content", ["", "x", "cowise-key-v1 data !!\n", "cowise-key-v1 audit.a AAAA\n", "cowise-key-v1 data AAAA\n"]
)
def test_a_damaged_key_is_refused(folder, content):
    folder.create_data()
    (folder.path / "data.key").write_text(content)
    with pytest.raises(TrustError, match="not a whole data key"):
        folder.data()


def test_bytes_that_are_no_text_are_refused(folder):
    folder.create_data()
    (folder.path / "data.key").write_bytes(b"\xff\xfe")
    with pytest.raises(TrustError, match="damaged"):
        folder.data()


def test_a_key_that_others_can_read_is_refused(folder):
    folder.create_data()
    (folder.path / "data.key").chmod(0o644)
    with pytest.raises(TrustError, match="chmod 600"):
        folder.data()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 200, "a\x00"])
def test_project_names_cannot_leave_the_folder(folder, name):
    with pytest.raises(InputError, match="cannot name a file"):
        folder.create_audit(name)


def test_audit_keys_can_be_destroyed(folder):
    folder.create_audit("a")
    folder.remove_audit("a")
    folder.remove_audit("a")
    with pytest.raises(MissingError):
        folder.audit("a")


def test_a_folder_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "keys").write_text("a file is in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        KeyFolder(tmp_path / "keys").create_data()


def test_an_unreadable_key_is_explained(folder, monkeypatch):
    folder.create_data()

    def refuse(self, encoding):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder.path), "read_text", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        folder.data()


def test_no_draft_is_left_behind(folder):
    folder.create_signing("w")
    folder.rotate_signing()
    assert not [file for file in folder.path.iterdir() if file.name.startswith(".")]


def test_a_models_key_is_a_file_of_its_host_that_nobody_else_reads(tmp_path):
    keys = KeyFolder(tmp_path)
    assert keys.model("api.example.com") == ""
    file = tmp_path / "llm-api.example.com.key"
    file.write_text("s3cret\n")
    file.chmod(0o600)
    assert keys.model("api.example.com") == "s3cret"
    assert keys.model("other.example.com") == keys.model("../llm-api.example.com") == ""
    file.chmod(0o644)
    with pytest.raises(TrustError, match="chmod 600"):
        keys.model("api.example.com")
