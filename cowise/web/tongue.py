"""In which language a request is answered: that of its Accept-Language, which our own page sends as it speaks.

Errors and reasons arise in English, in all rooms; here, at the door, they are put into Chinese where that was asked for.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Literal

from cowise.core.chinese import chinese

Tongue = Literal["en", "zh"]
tongue: ContextVar[Tongue] = ContextVar("tongue", default="en")
"""The language of the request that is being answered; the shield sets it."""
MOST = 1000
"""Characters of a header that are looked at."""


def wanted(accepted: str) -> Tongue:
    """The language that an Accept-Language header likes best of those there are; English where it names neither.

    >>> wanted("zh-Hans"), wanted("en-GB,en;q=0.9,zh;q=0.8"), wanted("fr, zh;q=0.5, en;q=0.1"), wanted("*")
    ('zh', 'en', 'zh', 'en')
    """
    best: Tongue = "en"
    most = 0.0
    for part in accepted[:MOST].split(","):
        name, _, weight = part.strip().lower().partition(";")
        liked = _weight(weight)
        if liked > most and name.partition("-")[0] in ("en", "zh"):
            best, most = "zh" if name.startswith("zh") else "en", liked
    return best


def _weight(said: str) -> float:
    try:
        return float(said.strip().removeprefix("q=")) if said else 1.0
    except ValueError:
        return 0.0


def spoken(sentence: str) -> str:
    """The sentence in the language of the request."""
    return chinese(sentence) if tongue.get() == "zh" else sentence
