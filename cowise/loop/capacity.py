"""How many answers a day a person gives at most: who has given them is asked again tomorrow, and nobody waits for them today.

It counts answers to all kinds of questions alike, so that it tells nobody what a question is for. Days are those of UTC.
"""

from __future__ import annotations

from collections.abc import Iterable

from cowise.loop.pace import DAY_S
from cowise.store import Tx, opinions, queue
from cowise.store.members import Member

PER_DAY = "per_day"


def most(seat: Member) -> int:
    """Answers a day at most; 0 for as many as there are."""
    return int(seat.settings.get(PER_DAY) or 0)


def left(tx: Tx, project: int, seat: Member) -> int | None:
    """How many more this person may be asked today, what they hold counted; None where there is no limit."""
    limit = most(seat)
    if not limit:
        return None
    return max(0, limit - _given(tx, project, seat, limit) - len(queue.held_by(tx, project, seat.id)))


def full(tx: Tx, project: int, roster: Iterable[Member]) -> frozenset[int]:
    """Who has given all of today's answers."""
    limited = [(one, most(one)) for one in roster if most(one)]
    return frozenset(one.id for one, limit in limited if _given(tx, project, one, limit) >= limit)


def _given(tx: Tx, project: int, seat: Member, limit: int) -> int:
    return opinions.num_since(tx, project, seat.id, tx.now() // DAY_S * DAY_S, limit)
