"""A walk that grants little may be left unused for a later look: the shares of all looks hold, a full delta for each does not.

The worst there is for it: the machine's errors are its surest answers, and walks are declined by somebody who knows
them and accepts only what breaks the promise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cowise.core.types import Promise
from cowise.loop.crew import Crew
from cowise.loop.rehearse import Case, play
from cowise.loop.shares import look_share
from cowise.team.out import PENDING, automated, begin, design
from cowise.team.out import play as walk_through

N, ERRORS, ALPHA, DELTA, LOOKS, TRIALS = 600, 60, 0.05, 0.1, 4, 600
Share = Callable[[float, int], float]


def broken(share: Share, trials: int) -> float:
    """How often a project ends with a broken promise when every walk that would keep it is declined."""
    rng = np.random.default_rng(11)
    wrong = np.arange(N) < ERRORS
    score = np.linspace(1, 0, N)
    lost = 0
    for _ in range(trials):
        open_items = np.ones(N, bool)
        for look in range(LOOKS):
            rest = np.flatnonzero(open_items)
            plan = design(N, len(rest), ALPHA, share(DELTA, look), 1)
            walk = walk_through(begin(plan, score[rest], rng.random(len(rest)), rng.random(len(rest))), wrong[rest])
            out = rest[automated(walk)]
            if wrong[out].sum() > ALPHA * N:
                lost += 1
                break
            asked = walk.order[walk.drawn][np.array(walk.answers) != PENDING]
            open_items[rest[asked]] = False
    return lost / trials


def test_shares_of_delta_hold_whatever_is_declined() -> None:
    assert broken(look_share, TRIALS) <= DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / TRIALS)


def test_a_full_delta_for_each_look_does_not() -> None:
    assert broken(lambda delta, _: delta, TRIALS) > DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / TRIALS)


def test_small_projects_that_look_again_keep_their_promise_and_still_automate() -> None:
    """60 small rehearsals of the economy that declines by itself; a few of them look more than once."""
    played = []
    for seed in range(60):
        rng = np.random.default_rng([seed, 5])
        y = rng.integers(3, size=300)
        x = np.eye(3, 12)[y] + 0.3 * rng.normal(size=(300, 12))
        lost = rng.random(300) < 0.07
        x[lost] = rng.normal(size=(int(lost.sum()), 12))
        x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
        played.append(play(Case(x, (), y, 3, Promise(ALPHA, 1 - DELTA), Crew(), seed)))
    assert np.mean([not one.promise_kept for one in played]) <= DELTA + 3 * np.sqrt(DELTA * (1 - DELTA) / 60)
    assert np.mean([one.certificate["automated"] for one in played]) > 0.2 * 300
    assert sum(one.certificate.get("look", 0) > 0 for one in played) >= 2
