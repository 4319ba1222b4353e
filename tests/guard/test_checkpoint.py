import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError, TrustError
from cowise.guard.checkpoint import Checkpoint, Signer, Verifier, verified

SIGNER = Signer("cowise.local/test", bytes(range(32)))
POINT = Checkpoint("cowise.local/ledger", 42, b"r" * 32, b"h" * 32)


def test_form_is_that_of_a_signed_note():
    lines = SIGNER.sign(POINT).split("\n")
    assert lines[:3] == ["cowise.local/ledger", "42", base64.b64encode(b"r" * 32).decode()]
    assert lines[3] == "head " + base64.b64encode(b"h" * 32).decode()
    assert lines[4] == ""
    assert lines[5].startswith("\u2014 cowise.local/test ")
    raw = base64.b64decode(lines[5].split(" ")[2])
    assert (raw[:4], len(raw)) == (SIGNER.verifier.id, 68)
    assert lines[6:] == [""]


def test_reads_a_published_verifier_key():
    # The example key of the signed-note specification's Go implementation.
    key = Verifier.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key.name == "PeterNeumann"
    assert key.id.hex() == "c74f20a3"
    body = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    raw = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    )
    assert key.accepts(body, raw[4:])


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32), st.sampled_from([b"", b"h" * 32]))
def test_round_trip(size, root, head):
    point = Checkpoint("o", size, root, head)
    assert verified(SIGNER.sign(point), [SIGNER.verifier]) == point


def test_unknown_signatures_are_passed_over():
    other = Signer("other", bytes(32))
    extra = other.sign(POINT).rsplit("\n\n", 1)[1]
    assert verified(SIGNER.sign(POINT) + extra, [SIGNER.verifier]) == POINT
    with pytest.raises(TrustError, match="by no key that is known"):
        verified(other.sign(POINT), [SIGNER.verifier])


@given(st.data())
def test_no_changed_body_passes(data):
    note = SIGNER.sign(POINT)
    end = note.index("\n\n")
    at = data.draw(st.integers(0, end - 1))
    new = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != note[at]))
    with pytest.raises(TrustError, match="does not fit"):
        verified(note[:at] + new + note[at + 1 :], [SIGNER.verifier])


@pytest.mark.parametrize(
    "note",
    ["", "a\nb\n", "a\n\n", "a\n\n\u2014 x\n", "a\n\n\u2014 x !!\n", "a\n\nno dash QUJDREVG\n", "a\n\n\u2014 x QUJD\n"],
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(TrustError):
        verified(note, [SIGNER.verifier])


@pytest.mark.parametrize(
    "body", ["o\n1\n", "o\nx\nAAAA\n", "o\n01\n" + base64.b64encode(bytes(32)).decode() + "\n", "o\n1\nAAAA\n"]
)
def test_a_signed_body_out_of_form_is_refused(body):
    raw = SIGNER.verifier.id + SIGNER._key.sign(body.encode())
    with pytest.raises(TrustError, match="checkpoint: its"):
        verified(f"{body}\n\u2014 cowise.local/test {base64.b64encode(raw).decode()}\n", [SIGNER.verifier])


@pytest.mark.parametrize(
    "point",
    [
        Checkpoint("", 1, bytes(32)),
        Checkpoint("a\nb", 1, bytes(32)),
        Checkpoint("a", -1, bytes(32)),
        Checkpoint("a", 1, b""),
    ],
)
def test_what_cannot_be_signed_is_refused(point):
    with pytest.raises(InputError, match="one line"):
        SIGNER.sign(point)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n"])
def test_names_fit_the_form(name):
    with pytest.raises(InputError, match="signing key name"):
        Signer(name, bytes(32))


@pytest.mark.parametrize("line", ["", "a+b", "a+00000000+QQ==", "a+00000000+!!", str(SIGNER.verifier)[:-5] + "AAAA="])
def test_damaged_verifier_lines_are_refused(line):
    with pytest.raises(InputError, match="verifier key"):
        Verifier.parse(line)


def test_a_signature_of_the_wrong_length_does_not_fit():
    assert not SIGNER.verifier.accepts(b"x", b"y")
