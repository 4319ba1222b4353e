"""Whether a stream still keeps its promise: an alarm over audits, as they come, with a declared mean time to a false one.

Shiryaev-Roberts e-detector: for each rate q above the accepted one, W <- (W + 1) * likelihood ratio of the answer; the
alarm sounds when their mean reaches the run length. While every audit is wrong with probability at most the accepted
rate, the mean number of audits to an alarm is at least that length, whatever the pattern (Shin, Ramdas & Rinaldo 2022).
It is a mean, not a probability: at exactly the accepted rate many runs sound earlier.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Promise
from cowise.measure.intervals import clopper_pearson

RUN_LENGTH = 5000.0
"""Audits to a false alarm, in the mean."""
TIMES = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
"""Rates that are looked for, as multiples of the accepted one."""
_MOST = 0.99


@dataclass(frozen=True, slots=True)
class Alarm:
    """The accepted rate among audits, the run length, evidence `weights` for each higher rate, and what was seen.

    `sounded`: the number of audits after which it sounded, 0 for never; what comes later is counted and changes nothing.
    """

    accepted: float
    run_length: float
    weights: tuple[float, ...]
    audits: int = 0
    wrong: int = 0
    sounded: int = 0

    @property
    def evidence(self) -> float:
        """Mean evidence for a higher rate; the alarm sounds when it reaches the run length."""
        return float(np.mean(self.weights)) if self.weights else 0.0


def accepted_rate(promise: Promise, coverage: float) -> float:
    """The rate of errors among automated items that keeps a promise, when `coverage` of the texts are automated.

    A promise of everything delivered lets more of the automated ones be wrong: max_error ÷ coverage. 1 or more means
    that nothing could break it.

    >>> round(accepted_rate(Promise(0.02, 0.9), 0.7), 4), accepted_rate(Promise(0.02, 0.9, "selective"), 0.7)
    (0.0286, 0.02)
    """
    if not 0 <= coverage <= 1:
        raise InputError(f"coverage: asked for {coverage}; give a share from 0 to 1")
    if promise.of == "selective":
        return promise.max_error
    return promise.max_error / coverage if coverage > 0 else 1.0


def rates(accepted: float) -> tuple[float, ...]:
    """The higher rates that are looked for; () where there is none."""
    found = sorted({min(_MOST, times * accepted) for times in TIMES})
    return tuple(rate for rate in found if rate > accepted)


def begin(accepted: float, run_length: float = RUN_LENGTH) -> Alarm:
    """An alarm that has seen nothing. Never sounds where the accepted rate is too high to be passed.

    >>> alarm = begin(0.02)
    >>> see(alarm, [True] * 6).sounded
    5
    """
    if accepted <= 0 or run_length <= 1:
        raise InputError(
            f"alarm: asked for rate {accepted} and run length {run_length}; give a rate above 0 and a length above 1"
        )
    return Alarm(accepted, run_length, tuple(0.0 for _ in rates(accepted)))


def see(alarm: Alarm, wrong: Iterable[bool]) -> Alarm:
    """The alarm after more audits, in the order in which they were answered; True for a wrong or missing answer."""
    q = np.array(rates(alarm.accepted))
    if not len(q):
        seen = [bool(one) for one in wrong]
        return replace(alarm, audits=alarm.audits + len(seen), wrong=alarm.wrong + sum(seen))
    bad, good = q / alarm.accepted, (1 - q) / (1 - alarm.accepted)
    weights, audits, errors, sounded = np.array(alarm.weights), alarm.audits, alarm.wrong, alarm.sounded
    for one in wrong:
        audits, errors = audits + 1, errors + bool(one)
        if sounded:
            continue
        weights = (weights + 1) * (bad if one else good)
        if weights.mean() >= alarm.run_length:
            sounded = audits
    return replace(alarm, weights=tuple(weights.tolist()), audits=audits, wrong=errors, sounded=sounded)


def likely_wrong(alarm: Alarm, automated: int, sure: float = 0.95) -> tuple[int, int]:
    """Between how many and how many of the `automated` texts were wrong, by the audits among them.

    The exact interval for a share (Clopper & Pearson, Biometrika 1934) times their number: over all that went out since the
    watch began, before a change and after it.

    >>> likely_wrong(Alarm(0.02, 5000.0, (), audits=100, wrong=10), 2000)
    (98, 353)
    """
    low, high = clopper_pearson(alarm.wrong, alarm.audits, sure)
    return int(low * automated), int(np.ceil(high * automated))
