"""Several people at work: audits that differ from the machine are looked at again, and some items are asked of two.

Who has answered within a day counts as around; nobody waits for others. With fewer than three people around nobody could
overrule anybody, and an answer stands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from cowise.core.types import Bools, Indices
from cowise.loop.board import Board
from cowise.loop.layout import RIGHT, WRONG, WRONG_IN
from cowise.store.opinions import OpinionRow
from cowise.store.queue import Wanted
from cowise.team.ruling import JURY, ruling

PAIRS, ONE_IN = 40, 100
"""Items asked of two people while the model learns, to see how often people err: at most so many, and one in so many."""
AT_ONCE = 10
GUESS, FIRST = 0.9, 10.0
"""A person's agreement with the model before any answer, and how many answers that guess counts for."""
ALIKE = 0.01


def sits(board: Board) -> bool:
    """Whether there are people enough to overrule one."""
    return len(board.around) >= JURY


def doubt(board: Board) -> float:
    """People's mean error by the items that two of them answered, 0 where nobody could overrule anybody.

    Two who err by themselves differ with probability 2e(1 - e) at least; a little is expected before any pair is there.
    """
    return doubted(*pairs(board)) if sits(board) else 0.0


def doubted(asked: int, differ: int) -> float:
    """People's mean error when so many of the items `asked` twice got two answers.

    >>> round(doubted(0, 0), 3), round(doubted(40, 4), 3)
    (0.053, 0.053)
    """
    return 0.5 * (1 - math.sqrt(max(0.0, 1 - 2 * (differ + 0.5) / (asked + 5))))


def pairs(board: Board) -> tuple[int, int]:
    """Items that two people answered because they were to be, and how many of those have two answers."""
    twice = [rows for o in board.project.settings.get("pairs", ()) if len(rows := _told(board.said.get(o, []))) > 1]
    return len(twice), sum(rows[0].answer != rows[1].answer for rows in twice)


def wanted_pairs(n_items: int) -> int:
    """How many items are asked of two people.

    >>> wanted_pairs(500), wanted_pairs(100_000)
    (5, 40)
    """
    return min(PAIRS, n_items // ONE_IN)


def paired(board: Board, wanted: list[Wanted]) -> list[Wanted]:
    """The same questions to a second person, for the first ones of a batch that two people read, while pairs are missing."""
    missing = wanted_pairs(board.n) - len(board.project.settings.get("pairs", ()))
    if missing <= 0 or not sits(board):
        return []
    read = [one for one in wanted if len(board.reading.of(one.ordinal) & board.around) > 1]
    return [Wanted(one.ordinal, one.rank + 0.5, "second", seat=1) for one in read[: min(missing, AT_ONCE)]]


def auditors(board: Board, answered: Indices, wrong: Bools) -> list[int]:
    """Who is asked the audits, [] for everybody: half of those around, who agree most with what the model said before it learned.

    `wrong` (p,) tells of the last `answered` items (m,), oldest first, whether the model had said something else. Three at
    least, and everybody who agrees about as often as the third.
    """
    if not sits(board):
        return []
    same, told = Counter[int](), Counter[int]()
    for ordinal, differs in zip(answered[len(answered) - len(wrong) :].tolist(), wrong.tolist(), strict=True):
        rows = board.said.get(ordinal, [])
        if rows:
            told[rows[0].member] += 1
            same[rows[0].member] += not differs
    agree = {who: (same[who] + GUESS * FIRST) / (told[who] + FIRST) for who in board.around}
    order = sorted(agree, key=lambda who: -agree[who])
    last = agree[order[max(JURY, math.ceil(len(order) / 2)) - 1]]
    chosen = {who for who in order if agree[who] >= last - ALIKE}
    # Where none of them reads a language, whoever does: or its audits would come last, and be known by that.
    for readers in board.reading.readers if board.reading.limited else ():
        chosen |= set() if chosen & readers else readers & set(order)
    return [] if len(chosen) == len(order) else sorted(chosen)


def alone(label: int, said: int, *, each: bool = False) -> int:
    """RIGHT or WRONG of the machine's `label` where one answer stands; with `each`, in which labels of the set it is wrong.

    >>> alone(0b11, 0b01), alone(0b11, 0b01, each=True) == WRONG_IN + 0b10, alone(3, -1, each=True)
    (1, True, 1)
    """
    if said == label:
        return RIGHT
    return WRONG_IN + (label ^ said) if each and said >= 0 else WRONG


def found(board: Board, ordinal: int, label: int, *, waits: bool = True, each: bool = False) -> int | None:
    """RIGHT or WRONG of the machine's `label` by what people said of a drawn item; None: ask one more, if it `waits`.

    With `each` people rule on every label of the set by itself.
    """
    rows = board.said.get(ordinal, [])
    said = [board.project.task.code(row.answer) for row in _told(rows)]
    asked = {row.member for row in rows} | board.passed.get(ordinal, set())
    others = len((board.around & board.reading.of(ordinal)) - asked) if waits else 0
    return ruled(label, said, others, len(board.project.task.labels) if each else 0)


def ruled(label: int, said: Sequence[int], others: int, each: int = 0) -> int | None:
    """People's ruling on the machine's `label`; of a set of `each` labels on every one by itself. None: ask one more."""
    if not each or any(one < 0 for one in said):
        return ruling(label, said, others)
    wrong = 0
    for g in range(each):
        rules = ruling(label >> g & 1, [one >> g & 1 for one in said], others)
        if rules is None:
            return None
        wrong |= (rules != RIGHT) << g
    return WRONG_IN + wrong if wrong else RIGHT


def _told(rows: list[OpinionRow]) -> list[OpinionRow]:
    """Blind answers, the earliest first: who saw what the model says judges nobody."""
    return [row for row in rows if row.blind and row.answer is not None and row.answer.decides]
