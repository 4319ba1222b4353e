"""The kernel head against its formula."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.models import kernel
from cowise.models.head_files import from_bytes, to_bytes
from cowise.models.kernel import KernelHead, WordAnchors, gaussian
from cowise.models.words import count_words, rarity, take_rows, weigh


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_gaussian_is_the_formula():
    rng = np.random.default_rng(0)
    a, b = unit(rng.normal(size=(6, 4))), unit(rng.normal(size=(5, 4)))
    expected = np.exp(-1.5 * ((a[:, None] - b[None]) ** 2).sum(axis=2))
    assert np.allclose(gaussian(a, b, 1.5), expected, atol=1e-6)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    head = KernelHead(
        anchors=unit(rng.normal(size=(9, 4))),
        weights=rng.normal(size=(9, 3)).astype(np.float32),
        bias=np.zeros(3, np.float32),
        seen=np.ones(3, dtype=bool),
        gamma=1.0,
    )
    rows = unit(rng.normal(size=(50, 4)))
    whole = head.predict(rows)
    monkeypatch.setattr(kernel, "BLOCK_ROWS", 7)
    assert np.allclose(head.predict(rows), whole, atol=1e-6)
    assert np.allclose(whole.sum(axis=1), 1)


TEXTS = ["lost card", "my card is lost", "exchange rate", "卡丢了", "", "rate of euros", "card card card"]


def worded(rng):
    counts = count_words(TEXTS)
    rare = rarity(counts)
    return KernelHead(
        anchors=unit(rng.normal(size=(5, 4))),
        weights=rng.normal(size=(5, 3)).astype(np.float32),
        bias=rng.normal(size=3).astype(np.float32),
        seen=np.ones(3, dtype=bool),
        gamma=1.0,
        words=WordAnchors(take_rows(weigh(counts, rare), np.arange(5)), rare, 0.4),
    )


def test_words_add_their_cosine():
    rng = np.random.default_rng(2)
    head, rows = worded(rng), unit(rng.normal(size=(len(TEXTS), 4)))
    counts = count_words(TEXTS)
    cosine = (weigh(counts, head.words.rare) @ head.words.rows.T).toarray()
    scores = (gaussian(rows, head.anchors, 1.0) + 0.4 * cosine) @ head.weights + head.bias
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert np.allclose(head.predict(rows, counts), expected, atol=1e-6)
    with pytest.raises(InputError, match="word counts"):
        head.predict(rows)


def test_what_is_kept_between_calls_changes_nothing():
    rng = np.random.default_rng(3)
    head, rows, counts = worded(rng), unit(rng.normal(size=(len(TEXTS), 4))), count_words(TEXTS)
    first = head.predict(rows, counts)
    assert np.array_equal(head.predict(rows, counts), first)
    assert np.array_equal(pickle.loads(pickle.dumps(head)).predict(rows, counts), first)
    assert np.array_equal(from_bytes(to_bytes(head)).predict(rows, counts), first)
    hotter = replace(head, weights=head.weights * 2)
    assert not np.array_equal(hotter.predict(rows, counts), first)


def test_anchors_without_words():
    rng = np.random.default_rng(4)
    empty = count_words([""] * 5)
    head = replace(worded(rng), words=WordAnchors(empty, rarity(empty), 0.4))
    rows = unit(rng.normal(size=(len(TEXTS), 4)))
    plain = replace(head, words=None)
    assert np.array_equal(head.predict(rows, count_words(TEXTS)), plain.predict(rows))
