"""Runs of the headline benchmark add up: ours and the peers may be measured apart, and some peers may be missing."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import human_share
from benchmarks.human_share import means, merged, missing, save

CASE = "sst2 0.05"


def part(share: float, seeds: int = 20) -> dict[str, Any]:
    return {"human_share": share, "se": 0.01, "broken": 0.0, "seeds": seeds}


def test_ours_and_peers_meet_in_one_case() -> None:
    half = merged({}, {"ours": part(0.3)}, CASE, 6000)
    assert "ratio_to_fixed" not in half
    whole = merged(half, {"fixed": part(0.6), "pac": part(0.7)}, CASE, 6000)
    assert list(whole) == ["ours", "fixed", "pac", "seeds", "pool", "ratio_to_fixed", "fixed_reference"]
    assert (whole["ratio_to_fixed"], whole["fixed_reference"], whole["seeds"]) == (0.5, 0.69, 20)
    more = merged(whole, {"small_text": part(0.4, seeds=3)}, CASE, 6000)
    assert (more["ratio_to_small_text"], more["seeds"], more["ours"]) == (0.75, 3, whole["ours"])


def test_figures_from_before_parts_had_seeds_keep_theirs() -> None:
    old = {"ours": {"human_share": 0.3, "broken": 0.0}, "seeds": 6}
    assert merged(old, {"fixed": part(0.6)}, CASE, 6000)["ours"]["seeds"] == 6


def test_means_over_the_cases_that_have_the_figure() -> None:
    cases = [
        merged({}, {"ours": part(0.3), "fixed": part(0.6)}, CASE, 6000),
        merged({}, {"pac": part(0.5)}, CASE, 6000),
    ]
    assert means(cases) == {
        "ours": 0.3, "fixed": 0.6, "pac": 0.5, "ratio_to_fixed": 0.5, "broken_ours": 0.0, "worst_ratio": 0.5
    }  # fmt: skip
    assert means([]) == {}


def test_a_run_is_taken_up_where_it_stopped(tmp_path: Path) -> None:
    asked = argparse.Namespace(who="all", resume=True, out=tmp_path / "share.json", seeds=20)
    everyone = {"ours", *human_share.PEERS}
    assert missing(asked, CASE) == everyone
    save(asked.out, CASE, {who: part(0.5) for who in human_share.PEERS}, 6000)
    assert missing(asked, CASE) == {"ours"}
    save(asked.out, CASE, {"ours": part(0.5, seeds=6)}, 6000)
    assert missing(asked, CASE) == {"ours"}, "six seeds are not twenty"
    assert missing(argparse.Namespace(**{**vars(asked), "resume": False}), CASE) == everyone
    assert json.loads(asked.out.read_text("utf-8"))["cases"][CASE]["seeds"] == 6


@pytest.mark.parametrize("jobs", [1, 2])
def test_peers_do_not_depend_on_the_number_of_processes(jobs: int) -> None:
    made = np.random.default_rng(3)
    y = made.integers(0, 2, 1800)
    x = (np.eye(2)[y] + 0.3 * made.normal(size=(1800, 2))).astype(np.float32)
    known = human_share.Gold([str(i) for i in range(1800)], y, ("a", "b"), 0)
    found = human_share.peers(known, x, (0.05,), 2, jobs)[0.05]
    assert set(found) == set(human_share.PEERS)
    assert found == human_share.peers(known, x, (0.05,), 2, 1)[0.05]
