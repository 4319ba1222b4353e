"""Labels of every kind in, or a refusal that says what is wrong and where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cowise.core.chinese import chinese
from cowise.core.errors import InputError
from cowise.measure.coded import coded

P = np.array([[0.7, 0.3], [0.2, 0.8]])


@pytest.mark.parametrize(
    ("true", "labels"),
    [
        (["b", "a"], ("a", "b")),
        (np.array(["b", "a"]), ("a", "b")),
        (np.array([10, 9]), ("9", "10")),
        ([np.int64(10), np.int8(9)], ("9", "10")),
        ([2.0, 1.0], ("1", "2")),
        ([True, False], ("0", "1")),
        (("乙", "甲"), ("乙", "甲")),
        ((x for x in "ba"), ("a", "b")),
    ],
)
def test_labels_of_every_kind(true: Any, labels: tuple[str, ...]) -> None:
    true = list(true) if not hasattr(true, "tolist") else true
    found = coded(true, {"y_pred": true})
    assert found.labels == labels
    assert found.true.tolist() == found.said[0].tolist()
    assert sorted(found.true.tolist()) == [0, 1]


def test_labels_keep_their_order_and_may_be_unseen() -> None:
    found = coded(["a"], {"y_pred": ["b"]}, ["c", "b", "a"])
    assert (found.labels, found.true.tolist(), found.said[0].tolist()) == (("c", "b", "a"), [2], [1])


def test_numbers_from_0_need_no_names_beside_probabilities() -> None:
    found = coded([1, 1], {}, None, P)
    assert (found.labels, found.said[0].tolist()) == (("0", "1"), [0, 1])


@pytest.mark.parametrize(
    ("true", "pred", "labels", "p", "said"),
    [
        (["a"], ["a", "b"], None, None, "y_pred: 2 labels for 1 in y_true"),
        ([], [], None, None, "y_true: no labels"),
        ("ab", ["a"], None, None, "y_true: got str"),
        (3, ["a"], None, None, "y_true: got int"),
        (np.array(3), ["a"], None, None, "y_true: got ndarray"),
        ({"a": 1}, ["a"], None, None, "y_true: got dict"),
        (["a", None], ["a", "a"], None, None, "y_true: item 1 has no label"),
        ([1.0, float("nan")], [1, 1], None, None, "y_true: item 1 has no label"),
        ([0.5], [1], None, None, "y_true: item 0 is '0.5'"),
        ([["a"]], ["a"], None, None, "y_true: item 0 is"),
        (["a"], [1], None, None, "some are texts and some numbers"),
        (["a"], ["b"], ["a"], None, "y_pred: item 0 has label 'b', and the labels are a$"),
        (["a"], ["z"], list("abcdefghi"), None, "the labels are a, b, c, d, e, f, g, h …"),
        (["a"], ["a"], ["a", "a"], None, "named twice"),
        (list(range(2001)), list(range(2001)), None, None, "2,001, more than 2,000"),
        (["a", "b"], ["a", "b"], None, P, "which label has which of the 2 columns"),
        (["a", "b"], ["a", "b"], ["a", "b", "c"], P, "2 columns for 3 labels"),
        (["a", "b"], ["a", "b"], ["a", "b"], P[:1], r"of shape \(1, 2\) for 2 items"),
        (["a", "b"], ["a", "b"], ["a", "b"], [0.1, 0.2], r"of shape \(2,\)"),
        (["a"], ["a"], ["a", "b"], [["x", "y"]], "not a table of numbers"),
        (["a"], ["a"], ["a", "b"], [[0.1, 0.2, 0.7], [1]], "not a table of numbers"),
        (["a", "b"], ["a", "b"], ["a", "b"], [[0.5, 0.5], [0.5, 0.6]], "item 1 lie between 0.5 and 0.6 and sum to 1.1"),
        (["a"], ["a"], ["a", "b"], [[-0.5, 1.5]], "sum to 1; give shares"),
        (["a"], ["a"], ["a", "b"], [[float("nan"), 0.5]], "sum to nan"),
        (["a"], ["a"], ["a", "b"], [[float("inf"), 0.5]], "sum to inf"),
    ],
)
def test_what_is_refused(true: Any, pred: Any, labels: Any, p: Any, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        coded(true, {"y_pred": pred}, labels, p)
    assert chinese(str(caught.value)) != str(caught.value)
