"""What a promise costs: the least number is exact, and the quoted figures are those that were measured."""

from __future__ import annotations

import json

import pytest

from benchmarks import shipped
from cowise.core.errors import InputError
from cowise.core.types import Promise
from cowise.loop import promising
from cowise.loop.promising import cost, measured
from cowise.team.out import break_chance
from cowise.team.tails import binomial_cdf


def test_the_shipped_figures_are_the_measured_ones():
    assert promising.FIGURES.read_text("utf-8") == shipped.document()


def test_every_measured_set_is_named():
    cases = json.loads(shipped.SOURCE.read_text("utf-8"))["cases"]
    for max_error in (0.02, 0.05):
        names = {case.rsplit(" ", 1)[0] for case in cases if case.endswith(f" {max_error}")}
        found = measured(max_error)
        assert {one["name"] for one in found.sets} == names
        assert found.low == min(one["human_share"] for one in found.sets)
        assert found.high == max(one["human_share"] for one in found.sets)


@pytest.mark.parametrize("items", [300, 2_407, 6_000, 1_000_000])
@pytest.mark.parametrize("max_error", [0.01, 0.02, 0.05, 0.2])
def test_one_answer_fewer_would_not_do(items, max_error):
    promise = Promise(max_error, 0.95)
    found = cost(items, promise)
    delta, breaking = 0.8 * promise.delta, found.errors_tolerated + 1
    if found.possible:
        assert break_chance(items, breaking, 0, found.minimum) <= delta
        assert break_chance(items, breaking, 0, found.minimum - 1) > delta
    else:
        assert found.minimum == items


def test_the_least_number_of_a_selective_promise():
    found = cost(100_000, Promise(0.02, 0.95, "selective"))
    delta = 0.8 * Promise(0.02, 0.95).delta
    assert binomial_cdf(0, found.minimum, 0.02) <= delta < binomial_cdf(0, found.minimum - 1, 0.02)


def test_small_projects_are_answered_by_people():
    assert cost(0, Promise()).minimum == 0
    assert not cost(10, Promise(0.05, 0.95)).possible
    with pytest.raises(InputError, match="items"):
        cost(-1, Promise())
