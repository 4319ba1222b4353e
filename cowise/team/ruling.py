"""Whether the machine was wrong about an audited item, when people may err: disagreement with it is looked at again.

One person's answer that differs from the machine's is no proof: at a reviewer error of 5 % and a machine error of 2 %,
most such differences are the reviewer's. So others are asked, blind, until two people differ from the machine, or two
agree with it. A person who gives the machine's own wrong answer hides the error; that is what `missed` in a walk's plan
allows for.
"""

from __future__ import annotations

from collections.abc import Sequence

from cowise.core.errors import InputError
from cowise.team.out import RIGHT, WRONG
from cowise.team.tails import binomial_cdf, check_rates

JURY = 3
"""People who are asked at most about one audit."""


def ruling(machine: int, said: Sequence[int], others: int) -> int | None:
    """RIGHT or WRONG for the machine's label, from people's labels in the order they came; None: ask one more.

    `others` people could still be asked; with none the answers there are decide, at a tie against the machine. -1 in
    `said` is "none of these".

    >>> ruling(1, [1], 4) == RIGHT, ruling(1, [0], 4), ruling(1, [0, 2], 4) == WRONG, ruling(1, [0, 1, 1], 4) == RIGHT
    (True, None, True, True)
    """
    if not said:
        return None
    agree = sum(label == machine for label in said)
    against = len(said) - agree
    if said[0] == machine and agree >= against:
        return RIGHT
    if others <= 0 or len(said) >= JURY or against >= 2:
        return RIGHT if agree > against else WRONG
    return None


def missed_by(error: float, n_labels: int) -> float:
    """Chance that an error of the machine passes a jury: the first names the same wrong label, or the two others do.

    For people who are wrong with probability at most `error`, each by themselves, in favour of all other labels alike.

    >>> round(missed_by(0.05, 2), 4), round(missed_by(0.05, 77), 5)
    (0.0524, 0.00066)
    """
    if not 0 <= error < 0.5:
        raise InputError(f"people's error: asked for {error}; give a share from 0 to below one half")
    same = error / (n_labels - 1)
    return same + (1 - same) * same**2


def false_alarm(error: float) -> float:
    """Chance that a jury finds a right answer wrong: the first differs, and so does the second or else the third.

    >>> round(false_alarm(0.1), 4)
    0.019
    """
    return error**2 * (2 - error)


def jurors(error: float) -> float:
    """Further people whom an audit of a right answer takes in the mean: one if the first differs, two if they split."""
    return error * (2 - error)


def error_bound(pairs: int, differ: int, delta: float) -> float:
    """Upper bound on people's mean error from `pairs` items that two answered, each by themselves; `differ` are not alike.

    Two people differ at least where one is right and the other wrong: with probability 2e(1 - e) or more at a mean error
    of e, so that the exact upper bound on that probability (Clopper & Pearson, Biometrika 1934) bounds e, which is taken
    to be below one half.

    >>> round(error_bound(200, 10, 0.05), 3)
    0.044
    """
    check_rates(0.5, delta)
    if not 0 <= differ <= pairs or pairs < 1:
        raise InputError(f"pairs: got {differ} that differ among {pairs}; give counts of pairs answered twice")
    low, high = differ / pairs, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if float(binomial_cdf(differ, pairs, middle)) <= delta else (middle, high)
    return 0.5 if high >= 0.5 else float((1 - (1 - 2 * high) ** 0.5) / 2)
