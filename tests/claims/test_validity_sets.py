"""Claim 1, sets of labels: walks over the same audits break any label's promise no more often than stated, with delta undivided."""

from __future__ import annotations

import pytest

from benchmarks.claims.sets import CELLS, PATTERNS, audits, trials

TRIALS = 250


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("cell", CELLS[:2])
def test_every_label_keeps_its_promise_at_once(cell: tuple[int, int, float, float], pattern: str) -> None:
    delta = cell[3]
    share, automated = trials(pattern, cell, TRIALS)
    assert share <= delta + 3 * (delta * (1 - delta) / TRIALS) ** 0.5, (pattern, share)
    assert automated > 0.005, (pattern, automated)


def test_the_level_is_no_matter_of_slack() -> None:
    """One label's errors break nearly as often as a plan for one lets them."""
    assert trials("one", CELLS[0], TRIALS)[0] >= 0.3 * CELLS[0][3]


def test_a_promise_for_every_label_costs_hardly_more_than_one_for_one() -> None:
    for cell in CELLS:
        for row in audits(cell):
            assert row["one"] <= row["shared"] <= row["delta_shared_out"]
        assert audits(cell)[0]["shared"] == audits(cell)[0]["one"]
    assert audits(CELLS[1])[1]["shared"] < 0.8 * audits(CELLS[1])[1]["delta_shared_out"]
