"""The crash procedure in its short form, and that it finds the two faults it is there for. `make torture` is the long one."""

import pytest
from torture import crashed, torture

from benchmarks import cluster
from cowise.core.settings import Settings

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [1])
def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path, seed):
    found = torture(Settings(home=tmp_path / "home"), kills=4, people=16, items=3000, seed=seed)
    assert found.clean, found
    assert found.acknowledged > 60


@pytest.mark.postgres
def test_nothing_acknowledged_is_lost_when_postgresql_dies_and_the_server_finds_it_again(tmp_path):
    with cluster.cluster() as database:
        settings = Settings(home=tmp_path / "home", db=database.address())
        found = torture(settings, kills=2, people=8, items=1000, strike=lambda: crashed(database))
    assert found.clean, found
    assert found.acknowledged > 30


def test_acknowledging_before_the_commit_is_found_out(tmp_path):
    lost = 0
    for seed in range(4):
        found = torture(
            Settings(home=tmp_path / f"home {seed}"), kills=4, people=16, items=3000, fault="early", seed=seed
        )
        lost += found.lost
        if lost:
            break
    assert lost > 0


def test_answers_without_a_fence_are_found_out(tmp_path):
    noticed = 0
    for seed in range(4):
        found = torture(
            Settings(home=tmp_path / f"home {seed}"), kills=2, people=16, items=1500, fault="unfenced", seed=seed
        )
        noticed += found.outside + found.double + found.overlapping
        if noticed:
            break
    assert noticed > 0, "nobody looked whether an answer came within its hold"
