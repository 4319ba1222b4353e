"""SCIENCE section 9: each naive rule is broken well above delta, ours on the same draws is not. In full: `benchmarks/claims/naive_rules.py`."""

from __future__ import annotations

import pytest

from benchmarks.claims.naive_rules import DELTA, RULES, Naive, play, slack

TRIALS = 120


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name.replace(" ", "-"))
def test_naive_breaks_and_ours_keeps(rule: Naive) -> None:
    seen = play(rule, TRIALS)
    assert seen["naive"] > slack(TRIALS), seen
    assert seen["ours_broken"] <= slack(TRIALS), seen
    assert seen["ours_automated"] > 0.02, "what grants nothing keeps any promise"


def test_every_rule_of_the_section_is_shown() -> None:
    assert {rule.number for rule in RULES} == set(range(1, 18))
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert DELTA == 0.1
