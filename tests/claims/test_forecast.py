"""Claim 5: what is foretold when a walk begins is what its certificate grants. In full: `benchmarks/claims/forecast.py`."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.claims.forecast import IN, WITHIN, compared
from benchmarks.human_share import files_of
from cowise.core.settings import read as settings
from cowise.loop.simulating import embed, gold
from cowise.models import open_encoder

pytestmark = [pytest.mark.shared_data, pytest.mark.weights]


@pytest.mark.parametrize("alpha", [0.05, 0.02])
def test_foretold_automation_is_within_five_points_of_the_certificates(alpha: float) -> None:
    known = gold(files_of("crosswoz_zh"), "text", "label")
    vectors = embed(open_encoder("use-multilingual", settings().models), known.texts)
    found = compared(known, vectors, alpha, (5, 2000, 1))
    assert found["within_5_points"] >= IN
    assert found["granted"] > 0.2
    spread = np.asarray(found["off"])
    assert np.abs(spread.mean()) < WITHIN
