from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import TrustError
from cowise.guard import merkle
from cowise.guard.canonical import canonical
from cowise.guard.checkpoint import Checkpoint
from cowise.guard.ledger import GENESIS, seal, verify


def rows_of(n, word="r"):
    head, rows = GENESIS, []
    for i in range(n):
        body, head = seal(head, {"n": i, "event": word})
        rows.append((i + 1, body, head))
    return rows


def mark_at(rows, size):
    report = verify(rows[:size])
    return Checkpoint("t", size, report.root, report.head)


def test_seal_is_the_stated_hash():
    body, head = seal(GENESIS, {"b": 1, "a": 2})
    assert body == b'{"a":2,"b":1}'
    assert head == sha256(GENESIS + body).digest()


def test_whole_ledger_fits_and_reports_its_root():
    rows = rows_of(37)
    report = verify(iter(rows), marks=[mark_at(rows, 0), mark_at(rows, 5), mark_at(rows, 37)])
    assert report.ok
    assert report.demand() is report
    assert (report.checked, report.head, report.marks) == (37, rows[-1][2], 2)
    assert report.root == merkle.batch_root(body for _, body, _ in rows) == merkle.root(report.peaks)


def test_empty_ledger_fits():
    report = verify([])
    assert (report.ok, report.checked, report.head) == (True, 0, GENESIS)


@pytest.mark.parametrize("at", range(8))
def test_every_edit_is_found_at_its_row(at):
    rows = rows_of(8)
    rows[at] = (at + 1, rows[at][1] + b" ", rows[at][2])
    report = verify(rows)
    assert report.fault is not None
    assert (report.fault.kind, report.fault.seq, report.checked) == ("edited", at + 1, at)
    with pytest.raises(TrustError, match=f"record {at + 1} does not follow"):
        report.demand()


def test_an_edit_with_its_own_hash_made_fitting_shows_at_the_next_row():
    rows = rows_of(8)
    body = canonical({"n": 3, "event": "forged"})
    rows[3] = (4, body, sha256(rows[2][2] + body).digest())
    fault = verify(rows).fault
    assert (fault.kind, fault.seq) == ("edited", 5)


@pytest.mark.parametrize("at", range(7))
def test_deletion_is_found(at):
    rows = rows_of(8)
    del rows[at]
    assert (verify(rows).fault.kind, verify(rows).fault.seq) == ("deleted", at + 1)
    assert f"record {at + 1} is missing" in verify(rows).fault.message


def test_deletion_of_several_is_counted():
    rows = rows_of(8)
    assert "records 3 to 5 are missing" in verify(rows[:2] + rows[5:]).fault.message


def test_deletion_hidden_by_renumbering_is_found():
    rows = rows_of(8)
    del rows[3]
    hidden = [(i + 1, body, kept) for i, (_, body, kept) in enumerate(rows)]
    fault = verify(hidden).fault
    assert (fault.kind, fault.seq) == ("edited", 4)
    assert "removed and the rest renumbered" in fault.message


@pytest.mark.parametrize("number", [0, 2, 9])
def test_renumbering_is_found(number):
    rows = rows_of(8)
    rows[4] = (number, *rows[4][1:])
    assert (verify(rows).fault.kind, verify(rows).fault.seq) == ("renumbered", 5)


def test_a_repeated_row_is_found():
    rows = rows_of(4)
    fault = verify([*rows[:2], rows[1], *rows[2:]]).fault
    assert (fault.kind, fault.seq) == ("renumbered", 3)


@pytest.mark.parametrize("hashes_too", [True, False])
@pytest.mark.parametrize("numbers_too", [True, False])
def test_a_swap_is_found(hashes_too, numbers_too):
    rows = rows_of(8)
    (i, a, ha), (j, b, hb) = rows[2], rows[3]
    if not hashes_too:
        ha, hb = hb, ha
    rows[2], rows[3] = ((j, b, hb), (i, a, ha)) if numbers_too else ((i, b, hb), (j, a, ha))
    assert (verify(rows).fault.kind, verify(rows).fault.seq) == ("swapped", 3)


def test_a_cut_tail_shows_with_a_mark_only():
    rows = rows_of(10)
    assert verify(rows[:6]).ok
    report = verify(rows[:6], marks=[mark_at(rows, 4), mark_at(rows, 10)])
    assert (report.fault.kind, report.fault.seq, report.checked, report.marks) == ("cut", 7, 6, 1)
    assert "the last 4 were cut off" in report.fault.message


def test_a_ledger_written_anew_shows_with_a_mark_only():
    rows, forged = rows_of(10), rows_of(10, "forged")
    assert verify(forged).ok
    assert verify(forged, marks=[mark_at(rows, 4)]).fault.kind == "rewritten"
    assert verify(forged, marks=[Checkpoint("t", 4, verify(forged[:4]).root, rows[3][2])]).fault.kind == "rewritten"
    assert verify(forged, marks=[Checkpoint("t", 0, bytes(32))]).fault.kind == "rewritten"


@given(st.data())
def test_no_single_change_of_a_byte_passes(data):
    rows = rows_of(6)
    at = data.draw(st.integers(0, 5))
    part = data.draw(st.integers(1, 2))
    place = data.draw(st.integers(0, len(rows[at][part]) - 1))
    value = bytearray(rows[at][part])
    value[place] ^= data.draw(st.integers(1, 255))
    row = list(rows[at])
    row[part] = bytes(value)
    rows[at] = tuple(row)
    assert not verify(rows).ok
