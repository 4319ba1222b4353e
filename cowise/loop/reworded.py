"""What labels became: entries of the ledger that rename, merge or split them, applied to what was said before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_PLACE = {"labels renamed": "labels", "labels reshaped": "merged"}


def names(entry: Mapping[str, Any]) -> Mapping[str, str]:
    """New names by old ones, of labels renamed or merged; of another entry none."""
    place = _PLACE.get(entry["event"])
    return entry[place] if place else {}


def reword(entry: Mapping[str, Any], said: Iterable[list[str]]) -> None:
    """Give answers, the last of each list the one that counts, the names of now; one with a label that was split becomes ""."""
    if entry["event"] not in _PLACE:
        return
    new, split = names(entry), entry.get("split", ())
    for answers in said:
        answers[:] = [plain(one, new) if one else one for one in answers]
        if answers and any(_holds(answers[-1], label) for label in split):
            answers[-1] = ""


def plain(answer: str, new: Mapping[str, str] | None = None) -> str:
    """An answer as it is compared: labels under `new` names, those of a set in order of the alphabet.

    >>> plain("labels:b; c", {"c": "a"}), plain("label:b; c"), plain("none:")
    ('labels:a; b', 'label:b; c', 'none:')
    """
    kind, _, text = answer.partition(":")
    labels = text.split("; ") if kind == "labels" else [text]
    return f"{kind}:{'; '.join(sorted({(new or {}).get(one, one) for one in labels}))}"


def _holds(answer: str, label: str) -> bool:
    kind, _, text = answer.partition(":")
    return kind in ("label", "labels") and label in (text.split("; ") if kind == "labels" else [text])
