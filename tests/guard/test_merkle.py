from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowise.core.errors import InputError
from cowise.guard import merkle
from cowise.guard.proof import consistency, consistent, included, inclusion


def naive(entries):
    """RFC 6962 section 2.1, word by word."""
    n = len(entries)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + naive(entries[:k]) + naive(entries[k:])).digest()


def naive_path(m, entries):
    n = len(entries)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*naive_path(m, entries[:k]), naive(entries[k:])]
    return [*naive_path(m - k, entries[k:]), naive(entries[:k])]


def naive_subproof(m, entries, whole):
    n = len(entries)
    if m == n:
        return [] if whole else [naive(entries)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*naive_subproof(m, entries[:k], whole), naive(entries[k:])]
    return [*naive_subproof(m - k, entries[k:], False), naive(entries[:k])]


ENTRIES = [f"entry {i}".encode() for i in range(70)]
LEAVES = [merkle.leaf(entry) for entry in ENTRIES]


def test_known_roots_of_the_certificate_transparency_reference():
    data = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    assert merkle.batch_root(data[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.batch_root(data[:2]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert merkle.batch_root(data[:6]).hex() == "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"


def test_peaks_equal_the_definition_at_every_size():
    peaks: tuple[bytes, ...] = ()
    for size, entry in enumerate(ENTRIES):
        assert merkle.root(peaks) == naive(ENTRIES[:size]) == merkle.batch_root(ENTRIES[:size])
        before = tuple(peaks)
        peaks, old = merkle.append(peaks, size, merkle.leaf(entry)), peaks
        assert old == before
        assert len(peaks) == (size + 1).bit_count()


def test_texts_count_as_utf8():
    assert merkle.batch_root(["你好"]) == merkle.batch_root(["你好".encode()])


def test_wrong_number_of_peaks_is_refused():
    with pytest.raises(ValueError, match="3 leaves has 2 peaks"):
        merkle.append((bytes(32),), 3, bytes(32))


def test_inclusion_paths_equal_the_definition_and_prove():
    for size in range(1, 40):
        root = naive(ENTRIES[:size])
        for index in range(size):
            path = inclusion(LEAVES[:size], index)
            assert path == naive_path(index, ENTRIES[:size])
            assert included(LEAVES[index], index, size, path, root)


def test_consistency_paths_equal_the_definition_and_prove():
    for size in range(1, 40):
        for earlier in range(1, size + 1):
            path = consistency(LEAVES[:size], earlier)
            assert path == naive_subproof(earlier, ENTRIES[:size], True)
            assert consistent(earlier, naive(ENTRIES[:earlier]), size, naive(ENTRIES[:size]), path)


@given(st.integers(1, 60), st.data())
def test_no_wrong_inclusion_proof_passes(size, data):
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion(LEAVES[:size], index), naive(ENTRIES[:size])
    assert not included(LEAVES[69], index, size, path, root)
    assert not included(LEAVES[index], index, size, [*path, bytes(32)], root)
    assert not included(LEAVES[index], size, size, path, root)
    assert not included(LEAVES[index], -1, size, path, root)
    assert not included(LEAVES[index], index, size, path, bytes(32))
    if path:
        assert not included(LEAVES[index], index, size, path[:-1], root)
        assert not included(LEAVES[index], (index + 1) % size, size, path, root)


@given(st.integers(2, 60), st.data())
def test_no_wrong_consistency_proof_passes(size, data):
    earlier = data.draw(st.integers(1, size - 1))
    path = consistency(LEAVES[:size], earlier)
    old, new = naive(ENTRIES[:earlier]), naive(ENTRIES[:size])
    assert not consistent(earlier, bytes(32), size, new, path)
    assert not consistent(earlier, old, size, bytes(32), path)
    assert not consistent(earlier, old, size, new, path[:-1])
    assert not consistent(earlier, old, size, new, [*path, bytes(32)])
    assert not consistent(earlier, old, size, new, [])
    assert not consistent(size + 1, old, size, new, path)
    assert not consistent(0, old, size, new, path)


def test_equal_sizes_need_equal_roots_and_no_path():
    root = naive(ENTRIES[:5])
    assert consistent(5, root, 5, root, [])
    assert not consistent(5, root, 5, bytes(32), [])
    assert not consistent(5, root, 5, root, [root])


@pytest.mark.parametrize("index", [-1, 5])
def test_no_proof_for_entries_that_are_not_there(index):
    with pytest.raises(InputError, match="the tree has 5"):
        inclusion(LEAVES[:5], index)


@pytest.mark.parametrize("earlier", [0, 6])
def test_no_proof_from_sizes_that_were_never_there(earlier):
    with pytest.raises(InputError, match="the tree has 5"):
        consistency(LEAVES[:5], earlier)
