import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError, TrustError
from cowise.guard.sealing import FileSeal

SEAL = FileSeal(bytes(range(32)))


@given(st.binary(max_size=300))
def test_what_was_sealed_opens(data):
    sealed = SEAL.seal(data)
    assert SEAL.open(sealed) == data
    assert len(sealed) == len(data) + 28
    assert len(data) < 8 or data not in sealed


@given(st.binary(min_size=1, max_size=80), st.data())
def test_any_change_is_noticed(data, draw):
    sealed = bytearray(SEAL.seal(data))
    sealed[draw.draw(st.integers(0, len(sealed) - 1))] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(TrustError):
        SEAL.open(bytes(sealed))


def test_another_key_and_cut_files_are_refused():
    with pytest.raises(TrustError):
        FileSeal(bytes(32)).open(SEAL.seal(b"text"))
    for cut in (b"", b"short", SEAL.seal(b"text")[:20]):
        with pytest.raises(TrustError):
            SEAL.open(cut)
    with pytest.raises(InputError):
        FileSeal(b"short")


def test_names_are_stable_and_differ_by_key():
    digest = "a" * 64
    assert SEAL.name(digest) == FileSeal(bytes(range(32))).name(digest) != FileSeal(bytes(32)).name(digest)
    assert len(SEAL.name(digest)) == 64
