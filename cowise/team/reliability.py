"""How reliable each member is, and what an item's label therefore is: both at once, from answers alone.

Each member has a row of answer probabilities for every true label; labels and rows are estimated in turn (Dawid &
Skene, Applied Statistics 1979) with a Dirichlet prior on the rows, so that a member with few answers counts as
ordinary. A model's probabilities may stand in for the share of each label: it is then one more voice, which people
can outvote.

Legend: v = answers, n = items, m = members, k = labels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.random import Generator

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices
from cowise.team.votes import Votes

Kind = Literal["majority", "one accuracy each", "one matrix each"]
RIGHT, WRONG = 1.0, 0.1
"""Prior answers on and off the diagonal: a first guess, soon outweighed."""
RIGHT_BESIDE, WRONG_BESIDE = 4.0, 1.0
"""The same beside a model, which knows something of the label already."""
CLIP = 0.02
"""A model's probability counts as at least this and at most one less this: nobody is beyond being outvoted.

With more than two labels the least is as much smaller, or the least of all others would outweigh what the model says.
"""
MOST_LABELS = 100
"""Beyond so many labels a matrix for each member cannot be estimated: members then have one accuracy each."""
TRUST = (1.0, 0.5, 0.25, 0.0)
"""Powers to which a model's probabilities are raised: the one under which the answers are likeliest is taken."""
SWEEPS, SETTLED = 200, 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """What was estimated: `posterior` (n, k) of the labels, `seen` (m, k, k) expected answers, true label by given one.

    `before` (k, k) prior answers of everybody; `share` (k,) of the labels; `likelihood` of the answers (its log);
    `trust` in the model's probabilities, 0 where there is no model or it only misleads.
    """

    posterior: Floats
    seen: Floats
    before: Floats
    share: Floats
    likelihood: float
    trust: float = 0.0

    @property
    def label(self) -> Indices:
        """The likeliest label of each item, (n,)."""
        return np.asarray(self.posterior.argmax(axis=1), np.int64)

    @property
    def confusion(self) -> Floats:
        """Probability of each answer given the true label, (m, k, k)."""
        return _rows(self.seen, self.before)

    @property
    def accuracy(self) -> tuple[Floats, Floats]:
        """Share of right answers of each member and its standard deviation, (m,) each: few answers, wide."""
        alpha = self.seen + self.before
        total = alpha.sum(axis=2)
        right = np.einsum("mkk->mk", alpha) / total
        spread = right * (1 - right) / (total + 1)
        return right @ self.share, np.sqrt(spread @ self.share**2)

    @property
    def informative(self) -> Floats:
        """How much an answer tells, (m,): 0 for who answers the same whatever the label is, 1 for who is never wrong.

        Source: the spammer score of Raykar & Yu, JMLR 2012.
        """
        rows = self.confusion
        k = rows.shape[1]
        squares = k * np.einsum("mkl,mkl->m", rows, rows) - np.square(rows.sum(axis=1)).sum(axis=1)
        return np.asarray(squares / (k * max(1, k - 1)), np.float64)


def estimate(votes: Votes, prior: Floats | None = None, *, kind: Kind = "one matrix each") -> Reliability:
    """Labels and reliabilities from answers; `prior` (n, k) are a model's probabilities for the same items.

    An item without answers keeps its prior. InputError for a prior of another shape or with what is no probability.

    >>> from cowise.team.votes import votes
    >>> said = votes([0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2] * 3, [1, 1, 0, 0, 0, 1, 1, 1, 0], (3, 3, 2))
    >>> estimate(said).label, (estimate(said).accuracy[0] > 0.5).tolist()
    (array([1, 0, 1]), [True, True, False])
    """
    if prior is None:
        return _settle(votes, None, kind)
    known = checked(prior, votes)
    found = [replace(_settle(votes, _tempered(known, trust), kind), trust=trust) for trust in TRUST]
    return max(found, key=lambda one: one.likelihood)


def _settle(votes: Votes, prior: Floats | None, kind: Kind) -> Reliability:
    pooled = kind != "one matrix each" or votes.n_labels > MOST_LABELS
    before = _before(votes.n_labels, beside=prior is not None)
    if pooled:
        before = before * 2 / votes.n_labels  # one guess for all rows, as for two labels: they are one figure
    everybody = kind == "majority"
    posterior, share = _first(votes, prior), np.full(votes.n_labels, 1 / votes.n_labels)
    moved, sweeps, likelihood = 1.0, 0, 0.0
    while moved > SETTLED and sweeps < SWEEPS:
        rows = _rows(_expected(votes, posterior, everybody=everybody, pooled=pooled), before)
        share = (posterior.sum(axis=0) + 1) / (len(posterior) + votes.n_labels)
        held = np.tile(share, (votes.n_items, 1)) if prior is None else prior
        after, likelihood = _posterior(votes, rows, held)
        moved, sweeps, posterior = float(np.abs(after - posterior).max(initial=0.0)), sweeps + 1, after
    seen = _expected(votes, posterior, everybody=False, pooled=pooled)
    return Reliability(posterior, seen, before, share, likelihood)


def _tempered(prior: Floats, trust: float) -> Floats:
    raised = prior**trust
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)


KINDS: tuple[Kind, ...] = ("majority", "one accuracy each", "one matrix each")


def choose(
    votes: Votes, rng: Generator, prior: Floats | None = None, kinds: tuple[Kind, ...] = KINDS
) -> tuple[Kind, dict[Kind, float]]:
    """The kind of members that foretells held-out answers best, and the log-likelihood an answer of each kind.

    One answer of every item with several is held out; a matrix for each member wins only where answers bear it out.
    """
    place = rng.permutation(len(votes))
    _, first = np.unique(votes.item[place], return_index=True)
    several = np.bincount(votes.item, minlength=votes.n_items) > 1
    held = np.zeros(len(votes), np.bool_)
    held[place[first]] = True
    held &= several[votes.item]
    if not held.any():
        return "majority", dict.fromkeys(kinds, float("nan"))
    scores = {kind: _foretold(votes.only(~held), votes.only(held), prior, kind) for kind in kinds}
    return max(kinds, key=lambda kind: scores[kind]), scores


def _foretold(votes: Votes, held: Votes, prior: Floats | None, kind: Kind) -> float:
    found = estimate(votes, prior, kind=kind)
    rows = found.confusion if kind != "majority" else _rows(_everybody(found.seen), found.before)
    p = np.einsum("vk,vk->v", found.posterior[held.item], rows[held.member, :, held.label])
    return float(np.log(np.maximum(p, 1e-12)).mean())


def checked(prior: Floats, votes: Votes) -> Floats:
    """A model's probabilities as they are used: clipped, rows sum to one. InputError where they are none."""
    found = np.asarray(prior, np.float64)
    if found.shape != (votes.n_items, votes.n_labels):
        raise InputError(f"prior: shape {found.shape}, asked for {(votes.n_items, votes.n_labels)}")
    if not np.isfinite(found).all() or (found < 0).any():
        raise InputError("prior: need probabilities, got some that are below zero or no numbers")
    found = np.clip(found, CLIP * min(1.0, 2 / max(votes.n_labels, 1)), 1 - CLIP)
    return np.asarray(found / found.sum(axis=1, keepdims=True), np.float64)


def _before(k: int, *, beside: bool) -> Floats:
    right, wrong = (RIGHT_BESIDE, WRONG_BESIDE) if beside else (RIGHT, WRONG)
    other = wrong * min(1.0, 2 / max(k - 1, 1))  # of many labels, two share it: else the guess would outweigh answers
    return np.full((k, k), other) + np.eye(k) * (right - other)


def _first(votes: Votes, prior: Floats | None) -> Floats:
    """Where the sweeps begin: the shares of the answers, the model's voice as one more; even where there is nothing."""
    told = votes.shares if prior is None else votes.shares + prior
    told = told + 1e-9
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float64)


def _expected(votes: Votes, posterior: Floats, *, everybody: bool, pooled: bool) -> Floats:
    """Expected answers of each member, true label by given one, (m, k, k)."""
    m, k = votes.n_members, votes.n_labels
    seen = np.zeros((m, k, k))
    cell = votes.member * k + votes.label
    for true in range(k):
        weights = posterior[votes.item, true]
        seen[:, true, :] = np.bincount(cell, weights=weights, minlength=m * k).reshape(m, k)
    if pooled:
        seen = _alike(seen)
    return _everybody(seen) if everybody else seen


def _everybody(seen: Floats) -> Floats:
    """As if all had the reliability of the whole crowd."""
    return np.broadcast_to(seen.sum(axis=0), seen.shape)


def _alike(seen: Floats) -> Floats:
    """As if a member were as often right on every label, and wrong in favour of all others alike."""
    m, k, _ = seen.shape
    given, right = seen.sum(axis=2), np.einsum("mkk->m", seen)
    total = given.sum(axis=1)
    share = right / np.maximum(total, 1e-12)
    rows = np.full((m, k, k), 1.0) * ((1 - share) / max(1, k - 1))[:, None, None]
    rows[:, np.arange(k), np.arange(k)] = share[:, None]
    return np.asarray(rows * (total / k)[:, None, None], np.float64)


def _rows(seen: Floats, before: Floats) -> Floats:
    alpha = seen + before
    return np.asarray(alpha / alpha.sum(axis=2, keepdims=True), np.float64)


def _posterior(votes: Votes, rows: Floats, prior: Floats) -> tuple[Floats, float]:
    """Probability of each item's labels, and the log-likelihood of all answers."""
    told = np.log(prior) + votes.evidence(rows)
    most = told.max(axis=1, keepdims=True)
    found = np.exp(told - most)
    total = found.sum(axis=1, keepdims=True)
    return np.asarray(found / total, np.float64), float((np.log(total) + most).sum())
