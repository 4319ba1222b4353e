import numpy as np
import pytest

from cowise.core.errors import InputError
from cowise.team.votes import votes


def test_shares_count_what_was_said_and_are_empty_where_nothing_was():
    said = votes([0, 0, 0, 2], [0, 1, 2, 0], [1, 1, 0, 2], (3, 3, 3))
    assert said.shares.round(4).tolist() == [[0.3333, 0.6667, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert len(said) == 4
    assert said.only(said.member == 0).shares.tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def test_nobody_said_anything():
    assert votes([], [], [], (2, 0, 2)).shares.tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    ("item", "member", "label", "said"),
    [([0, 1], [0], [0], "columns of 2, 1, 1 rows"), ([3], [0], [0], "item 3 to 3, asked for 0 to 2"),
     ([0], [-1], [0], "member -1 to -1"), ([0], [0], [2], "label 2 to 2, asked for 0 to 1")],
)  # fmt: skip
def test_what_cannot_be_is_refused(item, member, label, said):
    with pytest.raises(InputError, match=said):
        votes(item, member, label, (3, 2, 2))


def test_columns_of_any_kind_are_taken():
    assert votes(np.array([[0], [1]]), (0, 0), np.array([0, 1], np.uint8), (2, 1, 2)).label.tolist() == [0, 1]
