"""Words as sparse rows, against the formulas spelled out."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowise.models.words import (
    BUCKETS,
    MOST_CHARACTERS,
    Rarity,
    count_words,
    features,
    rarity,
    rows_of,
    take_rows,
    tokens,
    weigh,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \n\t", []),
        ("Don't pay 3.50€!", ["don", "'", "t", "pay", "3", ".", "50", "€", "!"]),
        ("我要去北京 hotel", ["我", "要", "去", "北", "京", "hotel"]),
        ("ＡＢＣ", ["abc"]),
        ("abc中def", ["abc", "中", "def"]),
        ("Ünïcode страна", ["ünïcode", "страна"]),
        ("ok👍🏽", ["ok", "👍", "🏽"]),
        ("a\x00b", ["a", "\x00", "b"]),
    ],
)
def test_tokens(text, found):
    assert tokens(text) == found


def test_only_the_beginning_is_read():
    text = "a " * MOST_CHARACTERS
    assert len(tokens(text)) == MOST_CHARACTERS // 2
    assert len(tokens("中" * 1_000_000)) == MOST_CHARACTERS


def test_features_count_words_and_pairs():
    found = sorted(features("a b a b c").values())
    assert found == pytest.approx(sorted([1 + math.log(2)] * 3 + [1.0] * 3))  # a, b, "a b"; c, "b a", "b c"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_text_gives_rows_of_unit_length_or_none(texts):
    counts = count_words(texts)
    assert counts.shape == (len(texts), BUCKETS)
    rows = weigh(counts, rarity(counts)) if texts else counts
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1)) if texts else np.zeros(0)
    wanted = [1.0 if tokens(text) else 0.0 for text in texts]
    assert np.allclose(lengths, wanted, atol=1e-5)


def test_lone_surrogates_do_not_fail():
    assert count_words(["\ud83d x"]).nnz > 0


def test_rarity_is_the_formula():
    texts = ["a b", "a c", "a b d"]
    counts = count_words(texts)
    rare = rarity(counts)
    of = Counter(key for text in texts for key in features(text))
    for key, n in of.items():
        weight = rare.of(np.array([key], np.int32))[0]
        assert weight == pytest.approx(math.log(4 / (1 + n)) + 1, rel=1e-6)
    assert rare.of(np.array([7], np.int32))[0] == pytest.approx(math.log(2) + 1)
    assert (np.diff(rare.keys) > 0).all()


def test_rarity_of_nothing():
    rare = Rarity(np.zeros(0, np.int32), np.zeros(0, np.float32), 1.5)
    assert rare.of(np.array([3, 4], np.int32)).tolist() == [1.5, 1.5]


def test_weights_are_cosines():
    texts = ["卡 丢 了", "", "卡 丢 了", "完全 不同 的 话"]
    counts = count_words(texts)
    rows = weigh(counts, rarity(counts))
    alike = (rows @ rows.T).toarray()
    assert alike[0, 2] == pytest.approx(1, abs=1e-6)
    assert alike[0, 3] == 0
    assert not alike[1].any()


def test_inputs_stay_untouched_and_rows_are_taken_in_order():
    counts = count_words(["a b", "c", "d e f"])
    before = counts.toarray()[:, counts.indices].copy()
    weigh(counts, rarity(counts))
    assert np.array_equal(counts.toarray()[:, counts.indices], before)
    taken = take_rows(counts, np.array([2, 0]))
    assert (taken != count_words(["d e f", "a b"])).nnz == 0


@pytest.mark.parametrize(
    ("columns", "starts"),
    [([0, BUCKETS], [0, 2]), ([-1, 0], [0, 2]), ([0, 1], [0, 3]), ([0, 1], [1, 2]), ([0, 1], [0, 2, 1])],
)
def test_arrays_that_are_no_rows_are_refused(columns, starts):
    with pytest.raises(ValueError, match=r".+"):
        rows_of(np.ones(2, np.float32), np.array(columns, np.int32), np.array(starts, np.int64))


def test_ten_thousand_texts():
    texts = [f"text {i} of {i % 7}" for i in range(10_000)]
    assert count_words(texts).shape[0] == 10_000
