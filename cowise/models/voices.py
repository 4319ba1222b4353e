"""What other members say of a text, weighed beside what a head says of it.

Legend: n = texts, s = seats, k = classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cowise.core.types import Bools, Floats

LEAST = 0.01
"""A probability below this counts as this: a member is never certain."""


@dataclass(frozen=True, slots=True, eq=False)
class Voices:
    """How much a head and each seat count where a seat has spoken: softmax(own · log p + Σ weight · said + lean).

    `own` is of the head; `weight` (s,) and `lean` (s, k) are of the seats, zeros for a seat that does not count. A text of
    which no seat that counts has spoken keeps the head's probabilities as they are.
    """

    own: float
    weight: Floats
    lean: Floats

    def combine(self, p_nk: Floats, said_nsk: Floats) -> Floats:
        """Probabilities (n, k) of the head with those of the seats, `evidence` (n, s, k) of each.

        >>> both = Voices(1.0, np.ones(1), np.zeros((1, 2)))
        >>> both.combine(np.array([[0.4, 0.6]] * 2), np.array([[[1.0, -1.0]], [[np.nan] * 2]])).round(2)
        array([[0.83, 0.17],
               [0.4 , 0.6 ]])
        """
        there = ~np.isnan(said_nsk[:, :, 0]) & (self.counts() if len(self.weight) else False)
        rows = np.flatnonzero(there.any(axis=1))
        out = np.array(p_nk, dtype=np.float64)
        if not len(rows):
            return out
        told = np.nan_to_num(said_nsk[rows]) * self.weight[:, None] + self.lean
        scores = self.own * np.log(np.maximum(p_nk[rows], 1e-9)) + (told * there[rows][:, :, None]).sum(axis=1)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        out[rows] = raised / raised.sum(axis=1, keepdims=True)
        return out

    def counts(self) -> Bools:
        """Which seats count, (s,)."""
        return np.asarray((self.weight != 0) | (self.lean != 0).any(axis=1))


@dataclass(frozen=True, slots=True)
class Pinned:
    """The opinions of one member at one version: digests of the files that hold them, oldest first."""

    name: str
    version: str
    blobs: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Exactly which opinions a frozen model was weighed with, and how: seat by seat as in `voices`."""

    seats: tuple[Pinned, ...]
    voices: Voices

    def to_json(self) -> dict[str, Any]:
        """A JSON object; `read` gives the same numbers back."""
        seats = [
            {"name": seat.name, "version": seat.version, "blobs": list(seat.blobs), "weight": weight, "lean": lean}
            for seat, weight, lean in zip(
                self.seats, self.voices.weight.tolist(), self.voices.lean.tolist(), strict=True
            )
        ]
        return {"own": self.voices.own, "seats": seats}

    @classmethod
    def read(cls, found: Mapping[str, Any], k: int) -> Members:
        """What `to_json` wrote, for k labels; KeyError, TypeError or ValueError for anything else."""
        seats = tuple(Pinned(str(s["name"]), str(s["version"]), tuple(map(str, s["blobs"]))) for s in found["seats"])
        weight = np.array([float(s["weight"]) for s in found["seats"]])
        lean = np.array([s["lean"] for s in found["seats"]], dtype=np.float64)
        own = float(found["own"])
        if not seats or lean.shape != (len(seats), k) or not np.isfinite([own, *weight, *lean.ravel()]).all():
            raise ValueError("members")
        return cls(seats, Voices(own, weight, lean))


def evidence(p_nk: Floats) -> Floats:
    """Probabilities of one member as evidence (n, k): logarithms, never below that of a hundredth, centred.

    >>> evidence(np.array([[1.0, 0.0], [0.5, 0.5]])).round(2)
    array([[ 2.3, -2.3],
           [ 0. ,  0. ]])
    """
    logs = np.log(np.maximum(p_nk, LEAST))
    return np.asarray(logs - logs.mean(axis=1, keepdims=True), dtype=np.float64)
