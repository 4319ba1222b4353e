"""Against published examples, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from cowise.core.errors import InputError
from cowise.measure.agreement import cohen, fleiss, krippendorff

KRIPPENDORFF = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
FLEISS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


def test_krippendorffs_own_example():
    columns = np.array([line.split() for line in KRIPPENDORFF.split("\n")[1:-1]]).T
    counts = [[list(column).count(str(label)) for label in range(1, 6)] for column in columns]
    assert krippendorff(counts) == pytest.approx(0.743, abs=5e-4)


def test_the_example_of_fleiss_kappa():
    assert fleiss(FLEISS) == pytest.approx(0.210, abs=5e-4)


def test_cohen_as_scikit_learn_has_it():
    rng = np.random.default_rng(0)
    for k in (2, 5):
        a = rng.integers(k, size=200)
        b = np.where(rng.random(200) < 0.6, a, rng.integers(k, size=200))
        assert cohen(a, b, k) == pytest.approx(cohen_kappa_score(a, b))


def test_always_and_never_and_nothing_to_tell():
    assert krippendorff([[2, 0], [0, 2]]) == 1
    assert krippendorff([[1, 1], [1, 1]]) < 0
    assert cohen([0, 1], [0, 1], 2) == 1
    assert np.isnan(cohen([0, 0], [0, 0], 2))
    assert np.isnan(krippendorff([[1, 0], [0, 1]]))
    assert np.isnan(krippendorff([[2, 0], [2, 0]]))


@pytest.mark.parametrize(
    ("work", "said"),
    [(lambda: cohen([0], [0, 1], 2), "two columns"), (lambda: cohen([], [], 2), "two columns"),
     (lambda: fleiss([[2, 0], [1, 0]]), "same number"), (lambda: fleiss([[1, 0]]), "same number"),
     (lambda: krippendorff([1, 2]), "shape"), (lambda: krippendorff([[-1, 2]]), "shape"),
     (lambda: krippendorff([[np.nan, 2]]), "shape")],
)  # fmt: skip
def test_what_is_no_table_is_refused(work, said):
    with pytest.raises(InputError, match=said):
        work()
