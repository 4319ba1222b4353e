from __future__ import annotations

import numpy as np

from cowise.team.verdict import Verdict


def test_ties_at_the_cut_follow_their_rank() -> None:
    cut = Verdict("b1", "delivered", 0.02, 0.1, 100, 50, 10, 0, 0.5, 0.7, 0.05, 0.1, "", tie=3.0)
    scores = np.array([0.9, 0.7, 0.7, 0.5])
    assert cut.accepts(scores, np.array([9.0, 3.0, 4.0, 0.0])).tolist() == [True, True, False, False]
    assert cut.accepts(scores).tolist() == [True, False, False, False]


def test_a_delivered_promise_allows_more_among_the_automated() -> None:
    half = Verdict("out", "delivered", 0.02, 0.1, 100, 50, 10, 0, 0.5, 0.7, 0.05, 0.1, "")
    assert half.max_automated_error == 0.04
    none = Verdict("out", "delivered", 0.02, 0.1, 100, 0, 10, 0, 0.0, np.inf, 0.05, 0.1, "")
    assert (none.granted, none.max_automated_error) == (False, 0.02)
