"""How a person is asked from Python: on a page, or here in the terminal."""

from __future__ import annotations

import builtins

from cowise.core.registry import load
from cowise.core.task import parted
from cowise.core.types import Answer, Question


def shown(address: str, token: str) -> None:
    """Say where the workspace is, and open it."""
    link = f"{address}/#/enter/{token}"
    print(f"Open {link}; Ctrl-C ends.")
    load("webbrowser:open")(link)


def typed(question: Question) -> Answer | str | list[str] | None:
    """Ask in the terminal: a label or its number, of sets any number of them, n for none, ? for unsure, nothing to skip."""
    shown = "  ".join(f"{i}:{label}" for i, label in enumerate(question.labels, 1))
    while True:
        said = builtins.input(f"\n{question.text}\n{shown}  n:none  ?:unsure\n> ").strip()
        if not said:
            return None
        if said in ("n", "?"):
            return Answer("none" if said == "n" else "unsure")
        named = [said] if said in question.labels or not question.sets else parted(said, question.labels)
        found = [question.labels[int(each) - 1] if _counts(each, question) else each for each in named]
        if all(each in question.labels for each in found):
            return found if question.sets else found[0]


def _counts(word: str, question: Question) -> bool:
    return word not in question.labels and word.isdecimal() and 1 <= int(word) <= len(question.labels)
