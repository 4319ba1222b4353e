"""What the command line says, in English and Chinese.

A sentence stands in English where it is said; CHINESE and CHINESE_HELP hold its translation. A test collects
every sentence of this room and fails for one without a translation. Errors and reasons come from all rooms in English and
are translated where they are shown, by `told`.
"""

from __future__ import annotations

from cowise.cli.chinese import CHINESE
from cowise.cli.chinese_help import CHINESE_HELP
from cowise.core.chinese import chinese

TABLES = {"en": {}, "zh": CHINESE | CHINESE_HELP}
_spoken: dict[str, str] = TABLES["en"]


def speak(language: str) -> None:
    """Choose the language of all that follows: en or zh."""
    global _spoken
    _spoken = TABLES[language]


def language() -> str:
    """The language being spoken."""
    return "zh" if _spoken is TABLES["zh"] else "en"


def say(sentence: str, /, **values: object) -> str:
    """The sentence in the language chosen, with its values put in.

    >>> say("{n} of {all}", n=1, all=2)
    '1 of 2'
    """
    known = _spoken.get(sentence, sentence)
    return known.format(**values) if values else known


def told(sentence: str) -> str:
    """An error or a reason, finished in English, in the language chosen."""
    return chinese(sentence) if language() == "zh" else sentence
