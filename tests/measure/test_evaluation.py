"""Every figure against scikit-learn; what is not defined is None and says why; what cannot be judged is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

import cowise as cw
from cowise.core.errors import InputError
from cowise.measure.meanings import FIGURES, INTERVALS, NOTES, WORDS

FAST = cw.Terms(resamples=100)
LABELS = ["billing", "bug", "praise", "其他"]


def world(n: int = 300, k: int = 4, seed: int = 0, digits: int = 2) -> tuple[Any, Any]:
    """(labels (n,), probabilities (n, k)) with ties, of a model that is right now and then."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.ones(k) * 0.7, n).round(digits)
    p[:, -1] += 1 - p.sum(axis=1)
    p = np.abs(p) / np.abs(p).sum(axis=1, keepdims=True)
    true = (p.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, k - 1)
    return np.array(LABELS[:k])[true], p


def said(p: Any, k: int = 4) -> Any:
    return np.array(LABELS[:k])[p.argmax(axis=1)]


@pytest.mark.parametrize("k", [2, 3, 4])
def test_figures_of_labels_are_those_of_scikit_learn(k: int) -> None:
    true, p = world(k=k)
    pred = said(p, k)
    found = cw.evaluate(true, pred, terms=FAST)
    expected = {
        "accuracy": metrics.accuracy_score(true, pred),
        "balanced_accuracy": metrics.balanced_accuracy_score(true, pred),
        "mcc": metrics.matthews_corrcoef(true, pred),
    }
    for mean in ("micro", "macro", "weighted"):
        of = metrics.precision_recall_fscore_support(true, pred, average=mean)
        expected |= {f"{mean}_{name}": of[at] for at, name in enumerate(("precision", "recall", "f1"))}
    assert {one.name: one.value for one in found.scores} == pytest.approx(expected)
    each = metrics.precision_recall_fscore_support(true, pred, labels=LABELS[:k])
    for at, label in enumerate(found.labels):
        row = LABELS.index(label)
        told = [found[name, label].value for name in ("precision", "recall", "f1")]
        assert told == pytest.approx([column[row] for column in each[:3]])
        assert found.classes[at].true == each[3][row]
    counted = {(t, s): n for t, s, n in found.confusion}
    table = metrics.confusion_matrix(true, pred, labels=LABELS[:k])
    assert all(counted.get((LABELS[i], LABELS[j]), 0) == table[i, j] for i in range(k) for j in range(k))


@pytest.mark.parametrize("k", [2, 3, 4])
def test_figures_of_probabilities_are_those_of_scikit_learn(k: int) -> None:
    true, p = world(k=k, digits=6)
    p = 0.99 * p + 0.01 / k  # scikit-learn cuts probabilities off elsewhere
    found = cw.evaluate(true, probabilities=p, labels=LABELS[:k], terms=FAST)
    codes = np.array([LABELS.index(one) for one in true])
    assert found["accuracy"].value == pytest.approx((p.argmax(axis=1) == codes).mean())
    assert found["log_loss"].value == pytest.approx(metrics.log_loss(codes, p, labels=range(k)))
    two = {"scale_by_half": True} if k == 2 else {"scale_by_half": False}
    assert found["brier"].value == pytest.approx(metrics.brier_score_loss(codes, p, labels=range(k), **two))
    hot = codes[:, None] == np.arange(k)
    area = metrics.roc_auc_score(hot, p, average="macro")
    average = metrics.average_precision_score(hot, p, average="macro")
    if k == 2:
        average = metrics.average_precision_score(codes, p[:, 1])
    assert found["auroc"].value == pytest.approx(area)
    assert found["auprc"].value == pytest.approx(average)
    for top in (2, 3):
        if top < k:
            assert found[f"top_{top}"].value == pytest.approx(metrics.top_k_accuracy_score(codes, p, k=top))


def test_calibration_error_is_the_sum_of_the_bins() -> None:
    true, p = world(500, 3, 5)
    found = cw.evaluate(true, probabilities=p, labels=LABELS[:3], terms=cw.Terms(resamples=100, bins=10))
    sure, right = p.max(axis=1), said(p, 3) == true
    each = [(np.minimum(sure * 10, 9.999).astype(int) == b) for b in range(10)]
    assert found["ece"].value == pytest.approx(sum(abs((sure - right)[one].sum()) for one in each) / 500)
    assert found["ece_debiased"].value < found["ece_mass"].value


def test_confidence_is_the_probability_of_what_was_said() -> None:
    found = cw.evaluate(["a", "b"], ["b", "b"], probabilities=[[0.9, 0.1], [0.9, 0.1]], labels=["a", "b"], terms=FAST)
    assert found["ece"].value == pytest.approx(0.4)


def test_risk_and_coverage() -> None:
    found = cw.evaluate([0, 0, 1, 1], probabilities=[[0.9, 0.1], [0.7, 0.3], [0.6, 0.4], [0.2, 0.8]], terms=FAST)
    assert np.array(found.curve) == pytest.approx(
        np.array([(0.25, 0, 0.9), (0.5, 0, 0.8), (0.75, 0, 0.7), (1, 0.25, 0.6)])
    )
    assert found["aurc"].value == pytest.approx(0.25 / 4)


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_lies_in_its_interval_and_says_which(seed: int) -> None:
    true, p = world(seed=seed)
    found = cw.evaluate(true, probabilities=p, labels=LABELS, slices={"half": np.arange(300) % 2}, terms=FAST)
    for one in [*found.scores, *(s for each in (*found.classes, *found.slices) for s in each.scores.values())]:
        assert one.value is not None
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.value <= one.high
        assert one.interval in INTERVALS
        assert one.means.endswith(".")
        assert one.means_zh.endswith("。")
        assert one.about


def test_surer_intervals_are_wider_and_a_seed_fixes_them() -> None:
    true, p = world()
    sure, unsure = (
        cw.evaluate(true, probabilities=p, labels=LABELS, terms=cw.Terms(confidence=c, resamples=300))
        for c in (0.99, 0.8)
    )
    for one, other in zip(sure.scores, unsure.scores, strict=True):
        assert one.value == other.value
        assert (one.high or 0) - (one.low or 0) > (other.high or 0) - (other.low or 0)
    again = cw.evaluate(true, probabilities=p, labels=LABELS, terms=cw.Terms(confidence=0.8, resamples=300))
    assert again.scores == unsure.scores


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), st.randoms())
def test_order_changes_nothing_and_nothing_is_a_silent_nan(pairs: list[tuple[int, int]], random: Any) -> None:
    found = cw.evaluate(*zip(*pairs, strict=True), terms=FAST)
    random.shuffle(pairs)
    again = cw.evaluate(*zip(*pairs, strict=True), terms=FAST)
    assert again.scores == found.scores
    text = json.dumps(found.to_json(), allow_nan=False)
    assert json.loads(text)["items"] == len(pairs)
    for one in found.scores:
        assert (one.value is not None) or one.note
        assert (one.low is not None) or one.note


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(2, 4), st.integers(0, 10_000))
def test_however_few_items_with_probabilities(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(k, 0.3), n).round(1)
    p[:, 0] += 1 - p.sum(axis=1)
    p = np.abs(p) / np.abs(p).sum(axis=1, keepdims=True)
    found = cw.evaluate(rng.integers(0, k, n), probabilities=p, terms=FAST)
    json.dumps(found.to_json(), allow_nan=False)
    for one in found.scores:
        assert one.note or (one.value is not None and one.low is not None and one.high is not None)
        if one.interval not in ("", "bootstrap"):
            assert (one.low or 0) - 1e-9 <= (one.value or 0) <= (one.high or 0) + 1e-9, one


def test_one_label_alone() -> None:
    found = cw.evaluate(["a"] * 5, probabilities=[[0.8, 0.2]] * 5, labels=["a", "b"])
    assert {one.name: one.note for one in found.scores if one.value is None} == {
        "mcc": "one-label", "auroc": "one-true", "auprc": "one-true",
    }  # fmt: skip
    assert (found["recall", "b"].value, found["recall", "b"].note) == (None, "never-true")
    assert found["precision", "b"].note == "never-said"
    assert found["f1", "b"].note == "never-true"
    assert found["log_loss"].note == "no-spread"
    assert "only one label is true" in str(found)
    assert "真实标签只有一种" in str(found.sheets(zh=True))


def test_a_model_without_an_error_is_not_told_to_be_perfect() -> None:
    true = np.repeat([0, 1, 2], 40)
    p = np.full((120, 3), 0.1)
    p[np.arange(120), true] = 0.8
    found = cw.evaluate(true, probabilities=p, terms=FAST)
    for name in ("accuracy", "macro_f1", "balanced_accuracy", "macro_precision", "auroc"):
        assert found[name].value == pytest.approx(1)
        assert 0.85 < (found[name].low or 0) < 0.98
    assert (found["mcc"].low, found["mcc"].note) == (None, "few")
    assert (found["auprc"].low, found["auprc"].note) == (None, "no-spread")
    assert found["aurc"].value == 0
    assert 0 < (found["aurc"].high or 0) < 0.2


def test_labels_that_no_item_has_are_left_out_of_means_over_labels() -> None:
    true, p = world(k=3)
    wide = np.concatenate([p, np.zeros((300, 1))], axis=1)
    found = cw.evaluate(true, probabilities=wide, labels=LABELS, terms=FAST)
    assert (found["auroc"].note, found["auroc"].interval) == ("left-out", "log-odds")
    assert found["auroc"].value == cw.evaluate(true, probabilities=p, labels=LABELS[:3], terms=FAST)["auroc"].value
    assert found["macro_f1"].value == cw.evaluate(true, said(p), terms=FAST)["macro_f1"].value
    assert found["f1", "其他"].value is None


def test_slices_are_judged_apart() -> None:
    true, p = world()
    pred = said(p)
    length = np.arange(300)
    found = cw.evaluate(true, pred, slices={"language": ["en", "zh"] * 150, "length": length}, terms=FAST)
    assert [(one.column, one.value, one.n) for one in found.slices] == [
        ("language", "en", 150), ("language", "zh", 150),
        ("length", "0–74", 75), ("length", "75–149", 75), ("length", "150–224", 75), ("length", "225–299", 75),
    ]  # fmt: skip
    assert found.slices[0].scores["accuracy"].value == (true == pred)[::2].mean()
    part = length < 75
    assert found.slices[2].scores["macro_f1"].value == pytest.approx(
        metrics.f1_score(true[part], pred[part], average="macro")
    )


def test_gaps_of_a_slice_are_a_part_of_their_own() -> None:
    column = [float("nan"), *range(19)]
    found = cw.evaluate([0] * 20, [0] * 20, slices={"n": column, "who": [None, ""] * 10}, terms=FAST)
    assert [one.value for one in found.slices] == ["–", "0–4", "5–9", "10–13", "14–18", "–"]


@pytest.mark.parametrize(
    ("slices", "what"),
    [({"x": [1]}, "slice 'x': 1 values for 300 items"), ({"x": [f"t{i}" for i in range(300)]}, "300 different values")],
)
def test_slices_that_do_not_fit(slices: Any, what: str) -> None:
    true, p = world()
    with pytest.raises(InputError, match=what):
        cw.evaluate(true, said(p), slices=slices)


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ({"confidence": 1.0}, "confidence: asked for 1.0"),
        ({"resamples": 99}, "resamples: asked for 99"),
        ({"bins": 0}, "bins and top"),
        ({"top": (0,)}, "bins and top"),
    ],
)
def test_terms_that_cannot_be(terms: Any, what: str) -> None:
    with pytest.raises(InputError, match=what):
        cw.Terms(**terms)


def test_what_is_asked_for_and_not_there() -> None:
    with pytest.raises(InputError, match="nothing to judge"):
        cw.evaluate(["a"])
    found = cw.evaluate(["a", "b"], ["a", "a"], terms=FAST)
    for name, what in (
        ("auroc", "no figure 'auroc'; there are accuracy"),
        (("f1", "c"), "of label 'c'"),
        (("f2", "a"), "'f2'"),
    ):
        with pytest.raises(InputError, match=what):
            found[name]


def test_many_labels_are_cut_where_they_are_written() -> None:
    labels = [f"label {i}" for i in range(60)]
    found = cw.evaluate(labels, labels[::-1], terms=FAST)
    assert "… 10 more" in str(found)
    assert len(found.to_json()["classes"]) == 60
    assert found["mcc"].value == pytest.approx(metrics.matthews_corrcoef(labels, labels[::-1]))


def test_every_sentence_stands_in_both_languages() -> None:
    pairs = [*INTERVALS.values(), *NOTES.values(), *(one for each in FIGURES.values() for one in each)]
    for english, chinese in pairs:
        assert english
        assert english in ("F1", "AUROC", "AUPRC", "AURC") or any("\u4e00" <= c <= "\u9fff" for c in chinese)
    assert set(INTERVALS) <= set(WORDS)
