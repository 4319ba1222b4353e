"""One probability from a model and any number of people: how the team decides an item.

p(label | model, answers) ∝ model's calibrated probability · product of each member's probability to answer so. Rows of
answer probabilities come from items whose label is known, shrunk to the member's accuracy (Kerrigan, Smyth & Steyvers,
NeurIPS 2021; Steyvers et al., PNAS 2022). The product takes answers for independent, so it is calibrated once more.

Legend: n = items, m = members, k = labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cowise.core.errors import InputError
from cowise.core.types import Floats, Indices
from cowise.measure.calibration import softmax, temperature
from cowise.team.votes import Votes

MASS = 10.0
"""Answers that the pattern "right as often on every label, wrong in favour of all others alike" counts for, each row."""
ENOUGH = 50
"""Items of known label below which nothing is combined: with ten it does harm."""
GUESS, FIRST = 0.8, 10.0
"""A member's accuracy before any answer, and how many answers that guess counts for."""
LEAST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Combiner:
    """Members' rows (m, k, k), temperatures of the model and of the whole; `reason` says why nothing is combined, else ""."""

    confusion: Floats
    model_heat: float = 1.0
    heat: float = 1.0
    reason: str = ""

    def combine(self, model: Floats, said: Votes) -> Floats:
        """Probabilities of each item's labels, (n, k): the team's. An item that nobody answered keeps the model's.

        Where nothing is combined, people's answers decide alone, by their shares.
        """
        if self.reason:
            shares = said.shares
            return np.where(shares.sum(axis=1, keepdims=True) > 0, shares, model)
        return softmax(self._logs(model, said) / self._heats(said)[:, None])

    def _logs(self, model: Floats, said: Votes) -> Floats:
        return np.asarray(
            np.log(np.maximum(model, LEAST)) / self.model_heat + said.evidence(self.confusion), np.float64
        )

    def _heats(self, said: Votes) -> Floats:
        """The whole's temperature for items with answers; without any the model's alone is right."""
        answered = np.bincount(said.item, minlength=said.n_items) > 0
        return np.where(answered, self.heat, 1.0)


def fit(model: Floats, said: Votes, known: Indices) -> Combiner:
    """Learn to combine from items of known label: `model` (n, k) out-of-fold probabilities, `known` (n,), -1 where not.

    Their labels must come from elsewhere than the answers in `said`: from others' answers, from audits. Says in
    `reason` when they are too few. InputError for shapes that do not fit.
    """
    p, true = np.asarray(model, np.float64), np.asarray(known, np.int64)
    if p.shape != (said.n_items, said.n_labels) or true.shape != (said.n_items,):
        raise InputError(
            f"combine: probabilities of shape {p.shape} and {true.shape} labels for {said.n_items} items of {said.n_labels}"
        )
    rows = confusion(said, true)
    sure = true >= 0
    if int(sure.sum()) < ENOUGH:
        reason = f"{int(sure.sum())} items of known label are too few to combine by: {ENOUGH} are needed"
        return Combiner(rows, reason=reason)
    logs = np.log(np.maximum(p, LEAST))
    found = Combiner(rows, model_heat=temperature(logs[sure], true[sure]))
    both = sure & (np.bincount(said.item, minlength=said.n_items) > 0)
    whole = temperature(found._logs(p, said)[both], true[both]) if int(both.sum()) >= ENOUGH else 1.0
    return Combiner(rows, found.model_heat, whole)


def confusion(said: Votes, known: Indices) -> Floats:
    """Each member's probability of each answer given the true label, (m, k, k), from items of known label (-1: not)."""
    m, k = said.n_members, said.n_labels
    true = np.asarray(known, np.int64)[said.item]
    sure = true >= 0
    cell = (said.member[sure] * k + true[sure]) * k + said.label[sure]
    seen = np.bincount(cell, minlength=m * k * k).reshape(m, k, k).astype(np.float64)
    right = (np.einsum("mkk->m", seen) + GUESS * FIRST) / (seen.sum(axis=(1, 2)) + FIRST)
    alike = np.full((m, k, k), 1.0) * ((1 - right) / max(k - 1, 1))[:, None, None]
    alike[:, np.arange(k), np.arange(k)] = right[:, None]
    rows = seen + MASS * alike
    return np.asarray(rows / rows.sum(axis=2, keepdims=True), np.float64)
