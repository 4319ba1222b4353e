"""Heads survive a file exactly; a damaged file is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from cowise.core.errors import TrustError
from cowise.models.head_files import from_bytes, to_bytes
from cowise.models.heads import LinearHead
from cowise.models.kernel import KernelHead, WordAnchors
from cowise.models.words import BUCKETS, count_words, rarity, weigh

RNG = np.random.default_rng(0)


def linear():
    return LinearHead(
        weights=RNG.normal(size=(5, 2)).astype(np.float32),
        bias=RNG.normal(size=2).astype(np.float32),
        seen=np.array([True, False, True]),
        temperature=0.37,
        share=0.01,
        kind="ridge",
    )


def kernel():
    return KernelHead(
        anchors=RNG.normal(size=(7, 5)).astype(np.float32),
        weights=RNG.normal(size=(7, 3)).astype(np.float32),
        bias=RNG.normal(size=3).astype(np.float32),
        seen=np.ones(3, dtype=bool),
        gamma=1.0,
    )


@pytest.mark.parametrize("make", [linear, kernel])
def test_round_trip_is_exact(make):
    head = make()
    back = from_bytes(to_bytes(head))
    rows = RNG.normal(size=(11, 5)).astype(np.float32)
    assert np.array_equal(head.predict(rows), back.predict(rows))
    assert type(back) is type(head)
    assert back.kind == head.kind
    assert to_bytes(back) == to_bytes(head)


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:-9],
        lambda b: b"",
        lambda b: b"\x80\x04pickle",
        lambda b: b.replace(b"cowise-head/1", b"cowise-head/9"),
    ],
)
def test_damage_is_refused(damage):
    with pytest.raises(TrustError, match="no head"):
        from_bytes(damage(to_bytes(linear())))


def test_shapes_that_do_not_fit_are_refused():
    head = linear()
    off = LinearHead(weights=head.weights, bias=head.bias, seen=np.array([True, True, True]))
    with pytest.raises(TrustError):
        from_bytes(to_bytes(off))


TEXTS = ["card lost", "", "卡丢了", "card found 🙂", "money", "钱", "card card"]


def worded():
    counts = count_words(TEXTS)
    rare = rarity(counts)
    return replace(kernel(), words=WordAnchors(weigh(counts, rare), rare, 0.4))


def test_round_trip_with_words_is_exact():
    head = worded()
    data = to_bytes(head)
    back = from_bytes(data)
    rows, counts = RNG.normal(size=(3, 5)).astype(np.float32), count_words(["卡 lost", "new word", ""])
    assert np.array_equal(head.predict(rows, counts), back.predict(rows, counts))
    assert to_bytes(back) == data
    assert back.words.mix == 0.4
    assert np.array_equal(back.words.rare.keys, head.words.rare.keys)


def altered(**arrays):
    """The bytes of a head with words, some arrays replaced, or left out where None is given."""
    data = to_bytes(worded())
    size = int.from_bytes(data[:8], "little")
    meta = json.loads(data[8 : 8 + size])["__metadata__"]
    kept = {name: value for name, value in {**load(data), **arrays}.items() if value is not None}
    return save(kept, metadata=meta)


@pytest.mark.parametrize(
    "arrays",
    [
        {"words.mix": None},
        {"words.data": None},
        {"words.starts": None},
        {"words.rarity": None},
        {"words.data": np.ones(1, np.float32)},
        {"words.columns": np.full(3, BUCKETS, np.int32)},
        {"words.starts": np.array([0, 1], np.int64)},
        {"words.starts": np.arange(8, dtype=np.int64)[::-1].copy()},
        {"words.keys": np.arange(500, dtype=np.int32)},
        {"words.rarity": np.ones(0, np.float32)},
        {"words.keys": np.array([5, 5, 3], np.int32), "words.rarity": np.ones(3, np.float32)},
        {"words.mix": np.array([np.nan])},
        {"words.other": np.array([np.inf])},
        {"words.mix": np.zeros(0)},
    ],
)
def test_damaged_words_are_refused(arrays):
    with pytest.raises(TrustError, match="no head"):
        from_bytes(altered(**arrays))


def test_the_altering_itself_does_no_harm():
    assert from_bytes(altered()).words.mix == 0.4
