"""Estimates for dashboards hold the truth as often as they say. In full: `benchmarks/claims/estimates.py`."""

from __future__ import annotations

import pytest

from benchmarks.claims.estimates import AT, compared
from benchmarks.human_share import files_of
from cowise.core.settings import read as settings
from cowise.loop.estimating import CONFIDENCE
from cowise.loop.simulating import embed, gold
from cowise.models import open_encoder

pytestmark = [pytest.mark.shared_data, pytest.mark.weights]


def test_intervals_hold_the_truth_and_are_narrower_than_lots_alone() -> None:
    known = gold(files_of("trec6"), "text", "label")
    found = compared(known, embed(open_encoder("use-multilingual", settings().models), known.texts), (12, 1500))
    for answers in AT:
        labels, right = found[f"labels, {answers} answers"], found[f"model right, {answers} answers"]
        assert labels["covered"] >= CONFIDENCE - 2 * (0.09 / 72) ** 0.5
        assert right["covered"] >= CONFIDENCE - 2 * (0.09 / 12) ** 0.5
        assert labels["width"] < 0.9 * labels["width_lots"]
        assert answers == AT[0] or right["off"] < 0.5 * right["off_answered"], (
            "questions chosen by doubt say nothing of the whole"
        )
