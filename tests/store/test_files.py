"""Blobs and vectors: whole or absent, checked on reading, sealed where a cipher is given."""

import errno
import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.core.errors import InputError, MissingError, StorageError, TrustError
from cowise.core.roles import Vectors
from cowise.store import Blobs, SegmentVectors
from cowise.store.faults import disk


class Xor:
    """A cipher for tests: anything but safe, but not the identity."""

    def seal(self, plain: bytes) -> bytes:
        return b"X" + bytes(b ^ 90 for b in plain)

    def open(self, sealed: bytes) -> bytes:
        return bytes(b ^ 90 for b in sealed[1:])

    def name(self, digest: str) -> str:
        return hashlib.sha256(b"key" + digest.encode()).hexdigest()


@pytest.mark.parametrize("cipher", [None, Xor()])
def test_a_blob_comes_back_and_a_changed_one_is_refused(tmp_path, cipher):
    blobs = Blobs(tmp_path, cipher)
    digest = blobs.put(b"secret")
    assert blobs.put(b"secret") == digest
    assert blobs.get(digest) == b"secret"
    assert blobs.has(digest)
    (path,) = blobs
    assert (path.name == digest) is (cipher is None)
    assert (b"secret" in path.read_bytes()) is (cipher is None)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(TrustError, match="damaged or changed"):
        blobs.get(digest)
    blobs.delete(digest)
    blobs.delete(digest)
    with pytest.raises(MissingError, match="restore it from a backup"):
        blobs.get(digest)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "a" * 63, "A" * 64])
def test_a_name_that_is_no_digest_reaches_no_file(tmp_path, digest):
    with pytest.raises(MissingError, match="not a SHA-256 digest"):
        Blobs(tmp_path).get(digest)


def test_a_blob_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "blobs").write_text("a file where a folder should be")
    with pytest.raises(StorageError):
        Blobs(tmp_path / "blobs").put(b"x")
    for number, said in (
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EIO, "check the disk"),
    ):
        assert said in str(disk(OSError(number, "odd", "file")))


def ids_of(*names: str) -> list[str]:
    return [hashlib.sha256(n.encode()).hexdigest()[:32] for n in names]


@pytest.mark.parametrize("cipher", [None, Xor()])
def test_vectors_are_kept_between_runs(tmp_path, cipher):
    vectors = SegmentVectors(tmp_path, cipher)
    role: Vectors = vectors
    a, b, c = ids_of("a", "b", "c")
    role.put("enc", [a, b], np.array([[1, 0.5], [0, 0.25]], np.float32))
    other = SegmentVectors(tmp_path, cipher)
    assert {k: v.tolist() for k, v in other.get("enc", [b, c, a]).items()} == {b: [0, 0.25], a: [1, 0.5]}
    assert other.get("another encoder", [a]) == {}
    vectors.put("enc", [c], np.ones((1, 2), np.float32))
    found, rows = other.rows("enc", [c, c, "0" * 32, a])
    assert found.tolist() == [True, True, False, True]
    assert rows.tolist() == [[1, 1], [1, 1], [1, 0.5]]
    assert rows.dtype == np.float32
    vectors.compact("enc")
    vectors.compact("enc")
    assert len(list(tmp_path.rglob("*.seg"))) == 1
    assert set(other.get("enc", [a, b, c])) == {a, b, c}
    assert vectors.forget([a, c]) == 2
    assert set(other.get("enc", [a, b, c])) == {b}
    assert vectors.forget([b], "enc") == 1
    assert other.get("enc", [b]) == {}


def test_a_stopped_write_is_no_segment(tmp_path):
    vectors = SegmentVectors(tmp_path)
    vectors.put("enc", ids_of("a"), np.ones((1, 2), np.float32))
    (segment,) = tmp_path.rglob("*.seg")
    segment.with_name("torn.seg.1.part").write_bytes(b"half")
    assert len(SegmentVectors(tmp_path).get("enc", ids_of("a"))) == 1
    segment.write_bytes(segment.read_bytes()[:-1])
    with pytest.raises(TrustError, match="damaged"):
        SegmentVectors(tmp_path).get("enc", ids_of("a"))


def test_vectors_that_cannot_be_are_refused(tmp_path):
    vectors = SegmentVectors(tmp_path)
    with pytest.raises(InputError, match="as many rows"):
        vectors.put("enc", ids_of("a"), np.ones((2, 2), np.float32))
    with pytest.raises(InputError, match="NaN"):
        vectors.put("enc", ids_of("a"), np.full((1, 2), np.nan, np.float32))
    with pytest.raises(InputError, match="at most 32"):
        vectors.get("enc", ["x" * 33])
    vectors.put("enc", [], np.empty((0, 2), np.float32))
    assert vectors.get("enc", []) == {}
    vectors.put("enc", ids_of("a"), np.ones((1, 2), np.float32))
    vectors.put("enc", ids_of("b"), np.ones((1, 3), np.float32))
    with pytest.raises(TrustError, match="among others"):
        vectors.get("enc", ids_of("a"))


def test_small_segments_are_joined_and_large_ones_left(tmp_path):
    """None is joined below `least`; each joined one is of about `most` bytes, and every vector is where it was."""
    vectors = SegmentVectors(tmp_path)
    for i in range(12):
        vectors.put("enc", ids_of(*(f"{i}-{j}" for j in range(50))), np.full((50, 64), i, np.float32))
    size = max(path.stat().st_size for path in tmp_path.rglob("*.seg"))
    assert vectors.compact("enc", least=13) == 0
    assert vectors.compact("enc", most=4 * size - 1, least=12) == 9
    assert len(list(tmp_path.rglob("*.seg"))) == 3
    assert vectors.compact("enc", most=3 * size) == 0, "what is large enough stays"
    for i in range(12):
        found = vectors.get("enc", ids_of(f"{i}-49"))
        assert [row[0] for row in found.values()] == [i]


def test_one_process_joins_while_another_reads(tmp_path, monkeypatch):
    """A segment that is listed and gone when it is read was joined: the shelf is read anew."""
    writer, reader = SegmentVectors(tmp_path), SegmentVectors(tmp_path)
    for name in "abcd":
        writer.put("enc", ids_of(name), np.full((1, 2), ord(name), np.float32))
    load, joined = SegmentVectors._load, []

    def late(self, path):
        if self is reader and not joined:
            joined.append(writer.compact("enc"))
        return load(self, path)

    monkeypatch.setattr(SegmentVectors, "_load", late)
    found = reader.get("enc", ids_of(*"abcd"))
    assert joined == [3]
    assert sorted(row[0] for row in found.values()) == [97, 98, 99, 100]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1), max_size=5), st.data())
def test_every_vector_put_is_found_with_its_own_row(tmp_path_factory, puts, data):
    folder = tmp_path_factory.mktemp("v")
    vectors = SegmentVectors(folder, dtype="float32")
    for part in puts:
        vectors.put("enc", ids_of(*part), np.array([[ord(c), 1] for c in part], np.float32))
        if data.draw(st.booleans()):
            vectors.compact("enc")
    found = vectors.get("enc", ids_of(*"abcdefgh"))
    assert {k: v.tolist() for k, v in found.items()} == {
        i: [ord(c), 1] for p in puts for c, i in zip(p, ids_of(*p), strict=True)
    }


def test_forgetting_leaves_segments_without_the_ids_as_they_are(tmp_path):
    vectors = SegmentVectors(tmp_path)
    vectors.put("enc", ids_of("a"), np.ones((1, 2), np.float32))
    (kept,) = tmp_path.rglob("*.seg")
    vectors.put("enc", ids_of("b"), np.zeros((1, 2), np.float32))
    assert vectors.forget(ids_of("b", "x")) == 1
    assert list(tmp_path.rglob("*.seg")) == [kept]


@pytest.mark.parametrize("cipher", [None, Xor()])
def test_damaged_blobs_are_listed(tmp_path, cipher):
    blobs = Blobs(tmp_path, cipher)
    digests = [blobs.put(f"text {i}".encode()) for i in range(3)]
    assert blobs.damaged() == []
    bad = next(iter(blobs))
    bad.write_bytes(bad.read_bytes()[:-1] + b"!")
    assert blobs.damaged() == [bad]
    refused = 0
    for digest in digests:
        try:
            blobs.get(digest)
        except TrustError:
            refused += 1
    assert refused == 1


def test_a_disk_that_fails_while_reading_is_told(tmp_path, monkeypatch):
    blobs, vectors = Blobs(tmp_path / "b"), SegmentVectors(tmp_path / "v")
    digest = blobs.put(b"secret")
    vectors.put("enc", ids_of("a"), np.ones((1, 2), np.float32))

    def fails(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(type(tmp_path), "read_bytes", fails)
    with pytest.raises(StorageError, match="check the disk"):
        blobs.get(digest)
    with pytest.raises(StorageError, match="check the disk"):
        SegmentVectors(tmp_path / "v").get("enc", ids_of("a"))
    monkeypatch.setattr("os.scandir", fails)
    with pytest.raises(StorageError, match="check the disk"):
        SegmentVectors(tmp_path / "v").get("enc", ids_of("a"))
