"""The rule that spends human answers: train, audit, let people decide, or stop, so that people answer least.

It plans with forecasts that never saw a lot or an audit's answer (learn by predictions made before an item was
answered); the certificate that follows uses none of them, so a wrong forecast costs answers, never the promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cowise.core.types import Bools, Floats, Indices, Promise, Step
from cowise.team.forecast import outlook
from cowise.team.out import lots_needed
from cowise.team.ruling import false_alarm, jurors
from cowise.team.tails import errors_that_break

KAPPAS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20, 25, 30, 40)
FIRST_ANSWERS = 60
BET = 0.1  # a walk may fail where going on until the rest is trivial cannot: it has to be better by this part of it
AGAIN = (
    1.25  # a walk that stopped early shows a forecast that was too good: the next one has to promise a good deal more
)
COMPANY = 4
"""Audits for each blind question beside them that is no audit, where none is to be answered anyway."""
CAUTION = 1.2  # forecasts are read at the moment they look best: planned errors are raised by a fifth


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What the economy sees. `risk` (r,) foretells a wrong answer for each unanswered item, `confidence` (r,) orders them.

    `n_items` are delivered in all, `answered` of them by people so far. `gain` is the exponent with which more answers
    lower the risk of the items that stay (`forecast.learning_gain`). `delta` is this look's share, 0 for the whole.
    `teaches` (r,) are items whose answer may train, None for all. `doubt` is people's own error, 0 without a jury that
    looks at audits again. Each entry of the rest stands for `weight` items: 1 but where a part foretells the whole.
    Where each of several `labels` is promised over the same audits, a wrong answer is wrong in each of the likeliest with the
    chances `parts`.
    """

    n_items: int
    answered: int
    confidence: Floats
    risk: Floats
    promise: Promise
    gain: float = 0.4
    delta: float = 0.0
    teaches: Bools | None = None
    doubt: float = 0.0
    weight: float = 1.0
    labels: int = 1
    parts: tuple[float, ...] = ()

    @property
    def rest(self) -> int:
        """Items that nobody has answered."""
        return round(len(self.risk) * self.weight)

    @property
    def lessons(self) -> int:
        """Items left whose answer may train."""
        return self.rest if self.teaches is None else round(float(self.teaches.sum()) * self.weight)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The cheapest walk from here: tolerated errors, lots, answers still expected, items it will hardly reach.

    `beyond` counts those of them that may train: what people answer in any case and nobody learns from is no reason
    to put the walk off.
    """

    kappa: int
    lots: int
    answers: float
    beyond: int


def best_walk(standing: Standing, more: int = 0) -> Outlook:
    """The walk with the fewest expected answers if `more` of the least sure items are answered for training first."""
    order, teaches = without(standing, more)
    kept = round(len(order) * standing.weight)
    more = standing.rest - kept
    if kept <= 0:
        return Outlook(0, 0, float(more), 0)
    risks = standing.weight * planned(standing, standing.risk[order], more)
    lessons = round(float(teaches.sum()) * standing.weight)
    breaking = errors_that_break(standing.promise.max_error, standing.n_items)
    delta = standing.delta or standing.promise.delta
    free = min(free_items(standing), kept)
    if kept < breaking:
        return Outlook(0, 0, float(more + kept - free), 0)
    # no walk: people answer until the rest is trivial
    best = Outlook(0, 0, float(more + kept - free), min(kept - free, lessons))
    worth = best.answers - BET * free
    for kappa in KAPPAS:
        lots = _lots(kept, breaking, kappa, delta, standing.promise.missed, standing.labels)
        if more + lots >= best.answers:  # its audits alone cost as much, and those of later ones more
            break
        reached = outlook(risks, breaking, kappa, lots, kept, standing.parts)
        asked, again = asked_by(reached.sum() * standing.weight, lots, kept, standing.doubt)
        answers = more + min(float(kept), float(asked + again))
        if answers < min(best.answers, worth):
            beyond = float((teaches & (reached < 0.5 * (1 - lots / kept))).sum()) * standing.weight
            best = Outlook(kappa, lots, answers, int(beyond))
    return best


def planned(standing: Standing, risk: Floats, more: int) -> Floats:
    """Chance that an audit finds an item wrong, (…, r), once `more` answers have trained: with caution, and people's slips."""
    answered = max(standing.answered, 1)
    risks = CAUTION * risk * (answered / (answered + more)) ** standing.gain
    return np.asarray(risks + false_alarm(standing.doubt) * np.maximum(1 - risks, 0), np.float64)


def asked_by(reached: Floats, lots: int, kept: int, doubt: float) -> tuple[Floats, Floats]:
    """(Items, answers beyond one for each) that a walk over `kept` asks for when `reached` could go out alone.

    Audits always have company; with a jury each takes further answers in the mean.
    """
    audits = lots * reached / (kept - lots) if kept > lots else np.full_like(reached, lots)
    return np.minimum(kept, np.maximum(kept - reached, audits * (1 + 1 / COMPANY))), audits * jurors(doubt)


def without(standing: Standing, more: int) -> tuple[Indices, Bools]:
    """The rest, surest first, without the `more` least sure items that may train; and which of it may train."""
    order = np.argsort(-standing.confidence, kind="stable")
    teaches = np.ones(len(order), np.bool_) if standing.teaches is None else standing.teaches[order]
    kept = np.ones(len(order), np.bool_)
    kept[np.flatnonzero(teaches)[max(0, int(teaches.sum()) - round(more / standing.weight)) :]] = False
    return order[kept], teaches[kept]


def next_step(standing: Standing) -> Step:
    """What the next human answers are for.

    Answers to items that a walk would leave to people anyway are free: they train first. When training on more no
    longer pays for itself, the walk begins.
    """
    rest = standing.rest
    if rest == 0:
        return Step("stop", reason="every item is answered")
    if standing.answered < min(FIRST_ANSWERS, standing.n_items):
        n = min(rest, FIRST_ANSWERS - standing.answered)
        return Step("train", n=n, reason="the model needs first answers of every kind")
    free = free_items(standing)
    if rest <= free:
        return Step("audit", reason=f"{rest:,} items are too few to break the promise: they can go out alone")
    now = best_walk(standing)
    ahead = {more: best_walk(standing, more).answers for more in lessons_ahead(min(rest, standing.lessons + 1))}
    more = min(ahead, key=lambda key: ahead[key], default=0)
    batch = batch_size(standing.answered)
    if now.beyond >= batch // 2:
        n = min(batch, rest - free, now.beyond)
        return Step(
            "train", n=n, reason=f"people would answer about {now.beyond:,} items anyway: the model learns from them"
        )
    if more and ahead[more] < now.answers:
        n = min(batch, rest - free, max(more, batch // 2))
        return Step("train", n=n, reason=f"about {now.answers - ahead[more]:.0f} answers are saved by training first")
    if now.lots == 0 or now.answers >= rest:
        n = min(batch, rest - free)
        return Step("decide", n=n, reason="no walk is expected to save an answer: people decide what is left")
    return Step("audit", n=now.lots, kappa=now.kappa, reason=f"about {rest - now.answers:.0f} items can go out alone")


def another_look(standing: Standing, granted: int) -> bool:
    """Whether to leave a walk that grants `granted` items unused, learn from its answers, and look again later.

    `standing` is over all that nobody has answered, at the next look's share of delta. Declining is always allowed: the
    shares of all looks, taken or not, sum to the whole. Never for a promise of each predicted label or of the automated:
    what is foretold here is walks over everything, which those do not take.
    """
    if not _whole(standing):
        return False
    ahead = min([best_walk(standing, more).answers for more in (0, *lessons_ahead(standing.lessons))])
    return standing.rest - granted > AGAIN * ahead


def batch_size(answered: int) -> int:
    """Answers between two looks: a tenth of what there is, from 20 to 100."""
    return int(np.clip(answered // 10, 20, 100))


_lots = lru_cache(maxsize=1 << 16)(lots_needed)  # the same sizes come again at every look


def free_items(standing: Standing) -> int:
    """Items that may go out unaudited: all of them wrong would keep a promise of everything delivered."""
    return errors_that_break(standing.promise.max_error, standing.n_items) - 1 if _whole(standing) else 0


def _whole(standing: Standing) -> bool:
    """Whether walks are over everything: for a promise of all that is delivered, or of each label of a set."""
    return standing.promise.of == "delivered" and (not standing.promise.per_label or standing.labels > 1)


def lessons_ahead(rest: int) -> list[int]:
    """Numbers of answers that might train before a walk, of `rest`."""
    return [more for more in (20, 50, 100, 200, 400, 800, 1600) if more < rest]
