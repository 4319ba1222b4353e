import pytest

from cowise.core.errors import MissingError, StorageError, TrustError
from cowise.guard.anchor import read_anchor, write_anchor
from cowise.guard.checkpoint import Checkpoint, Signer
from cowise.guard.ledger import GENESIS, seal, verify

SIGNER = Signer("w", bytes(32))


@pytest.fixture
def ledger():
    head, rows = GENESIS, []
    for i in range(20):
        body, head = seal(head, {"n": i})
        rows.append((i + 1, body, head))
    return rows


def note_at(rows, size, signer=SIGNER):
    report = verify(rows[:size])
    return signer.sign(Checkpoint("ws", size, report.root, report.head))


def test_an_anchor_finds_a_cut_tail(tmp_path, ledger):
    file = tmp_path / "elsewhere" / "anchor.txt"
    for size in (5, 12, 20):
        write_anchor(file, note_at(ledger, size))
    marks = read_anchor(file, [SIGNER.verifier], origin="ws")
    assert [mark.size for mark in marks] == [5, 12, 20]
    assert verify(ledger, marks=marks).marks == 3
    assert verify(ledger[:12]).ok
    assert verify(ledger[:12], marks=marks).fault.kind == "cut"


def test_an_anchor_survives_windows_line_ends(tmp_path, ledger):
    file = tmp_path / "a"
    write_anchor(file, note_at(ledger, 5))
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_anchor(file, [SIGNER.verifier])[0].size == 5


def test_anchors_of_other_ledgers_and_keys_are_refused(tmp_path, ledger):
    file = tmp_path / "a"
    write_anchor(file, note_at(ledger, 5))
    with pytest.raises(TrustError, match="of ledger 'ws'"):
        read_anchor(file, [SIGNER.verifier], origin="other")
    with pytest.raises(TrustError, match="by no key"):
        read_anchor(file, [Signer("w", bytes(range(32))).verifier])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello\n", b"\xff\xff"])
def test_what_is_no_anchor_is_refused(tmp_path, content):
    file = tmp_path / "a"
    file.write_bytes(content)
    with pytest.raises(TrustError):
        read_anchor(file, [SIGNER.verifier])


def test_missing_and_unusable_places_are_explained(tmp_path, ledger):
    with pytest.raises(MissingError, match="is not here"):
        read_anchor(tmp_path / "no", [SIGNER.verifier])
    with pytest.raises(StorageError, match="cannot be read"):
        read_anchor(tmp_path, [SIGNER.verifier])
    with pytest.raises(StorageError, match="cannot be written"):
        write_anchor(tmp_path, note_at(ledger, 1))
