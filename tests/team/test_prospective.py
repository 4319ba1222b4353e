from __future__ import annotations

import numpy as np
import pytest

from cowise.core.errors import GuaranteeError, InputError
from cowise.team.prospective import p1


def test_accepts_down_to_the_error_too_many() -> None:
    scores = np.arange(100.0)[::-1]
    wrong = np.zeros(100, bool)
    wrong[[10, 20, 30]] = True  # with 100 answers, 1 error is allowed at 5 %, 10 %
    result = p1(scores, wrong, 0.05, 0.1)
    assert result.accepts(scores).sum() == 20
    assert (result.n_errors, result.n_audited) == (1, 100)
    assert result.p <= 0.1
    assert result.max_automated_error == pytest.approx(0.25)


def test_equal_scores_go_together_or_by_tie_rank() -> None:
    scores, wrong, tie = np.zeros(100), np.zeros(100, bool), np.arange(100.0)
    wrong[[10, 20, 30]] = True
    assert not p1(scores, wrong, 0.05, 0.1).granted
    result = p1(scores, wrong, 0.05, 0.1, tie)
    assert result.accepts(scores, tie).sum() == 20


def test_too_few_answers_are_refused() -> None:
    with pytest.raises(GuaranteeError, match="at least 149 audited items, got 80; audit 69 more or raise max_error"):
        p1(np.zeros(80), np.zeros(80, bool), 0.02, 0.05)


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="labelled items"):
        p1(np.zeros(80), np.zeros(79, bool), 0.05, 0.05)
    with pytest.raises(InputError, match="NaN"):
        p1(np.full(80, np.nan), np.zeros(80, bool), 0.05, 0.05)
