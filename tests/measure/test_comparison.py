"""Two models on the same items: exact tests against scipy, paired intervals, slices at a shared level."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import f1_score

import cowise as cw
from cowise.core.errors import InputError
from cowise.measure.comparison import holm, mcnemar

RNG = np.random.default_rng(2)
TRUE = RNG.integers(0, 3, 600)
HARD = RNG.random(600) < 0.3
A = np.where(HARD & (RNG.random(600) < 0.5), (TRUE + 1) % 3, TRUE)
B = np.where(HARD, (TRUE + 1) % 3, np.where(RNG.random(600) < 0.05, (TRUE + 2) % 3, TRUE))


@given(st.integers(0, 50), st.integers(0, 50))
def test_mcnemar_is_the_binomial_test(a: int, b: int) -> None:
    assert mcnemar(a, b) == pytest.approx(binomtest(a, a + b).pvalue if a + b else 1.0)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_no_smaller_keeps_the_order_and_stays_a_chance(p: list[float]) -> None:
    found = holm(p)
    assert all(one >= old for one, old in zip(found, p, strict=True))
    assert max(found, default=0) <= 1
    assert all(found[i] <= found[j] for i in range(len(p)) for j in range(len(p)) if p[i] < p[j])
    if p:
        assert min(found) == pytest.approx(min(1, len(p) * min(p)))


def test_differences_are_paired() -> None:
    found = cw.compare(TRUE, A, B)
    right = (A == TRUE, B == TRUE)
    assert (found.only_a, found.only_b) == ((right[0] & ~right[1]).sum(), (right[1] & ~right[0]).sum())
    assert found["difference_accuracy"].value == pytest.approx(right[0].mean() - right[1].mean())
    expected = f1_score(TRUE, A, average="macro") - f1_score(TRUE, B, average="macro")
    assert found["difference_macro_f1"].value == pytest.approx(expected)
    assert found["accuracy", "a"].value == right[0].mean()
    assert found["macro_f1", "b"].value == pytest.approx(f1_score(TRUE, B, average="macro"))
    each = [found["accuracy", who] for who in ("a", "b")]
    apart = sum(((one.high or 0) - (one.low or 0)) ** 2 for one in each) ** 0.5
    both = found["difference_accuracy"]
    assert 0 < (both.low or 0) < both.value < (both.high or 0)
    assert (both.high or 0) - (both.low or 0) < 0.9 * apart
    assert found.disagree.tolist() == np.flatnonzero(A != B).tolist()


def test_the_second_against_the_first_is_the_mirror() -> None:
    there, back = cw.compare(TRUE, A, B), cw.compare(TRUE, B, A)
    assert (there.p, there.only_a) == (back.p, back.only_b)
    assert there["difference_accuracy"].low == pytest.approx(-(back["difference_accuracy"].high or 0), abs=0.01)


def test_the_same_answers_twice() -> None:
    found = cw.compare(TRUE, A, A)
    assert (found.p, found.only_a, len(found.disagree)) == (1.0, 0, 0)
    one = found["difference_accuracy"]
    assert (one.value, one.interval) == (0, "union")
    assert one.low == -(one.high or 0) < 0
    assert found["difference_macro_f1"].note == "alike"
    few = cw.compare(TRUE, A, np.where(np.arange(600) < 2, 2 - A, A))
    assert few["difference_macro_f1"].note == "few"


def test_slices_at_a_level_shared_by_all() -> None:
    kind = np.where(HARD, "hard", "easy")
    found = cw.compare(TRUE, A, B, slices={"kind": kind, "third": np.arange(600) % 3})
    wins = {(one.column, one.value): one.wins for one in found.slices}
    assert (wins["kind", "hard"], wins["kind", "easy"]) == ("a", "a")
    assert [one.p_holm for one in found.slices] == holm([one.p for one in found.slices])
    assert {one.wins for one in cw.compare(TRUE, B, A, slices={"kind": kind}).slices} == {"b"}
    assert {one.wins for one in cw.compare(TRUE, A, A, slices={"kind": kind}).slices} == {""}
    assert "hard" in str(found)
    assert "胜者" in str(found.sheets("甲", "乙", zh=True))
    assert "仅 甲 答对" in found.lines("甲", "乙", zh=True)[0]


def test_a_document_of_it() -> None:
    told: dict[str, Any] = json.loads(json.dumps(cw.compare(TRUE, A, B).to_json(), allow_nan=False))
    assert told["mcnemar"]["p"] < 1e-6
    assert "< 0.0001" in str(cw.compare(TRUE, A, B))
    assert len(told["disagree"]) > 100
    assert told["scores"]["difference_accuracy"]["means_zh"].endswith("。")


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="b: 599 labels for 600 in y_true"):
        cw.compare(TRUE, A, B[1:])
    with pytest.raises(InputError, match="comparison: no figure 'mcc'"):
        cw.compare(TRUE, A, B)["mcc"]
