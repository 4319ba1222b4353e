"""Figures and promises as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cowise.cli.words import say
from cowise.core.types import Certificate, Promise


def percent(share: float | None, places: int = 1) -> str:
    """A share as a person reads it.

    >>> percent(0.05), percent(0.1234), percent(None)
    ('5 %', '12.3 %', '–')
    """
    if share is None:
        return "–"
    text = f"{100 * share:.{places}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def promised(promise: Promise) -> str:
    """The promise in one sentence."""
    error, sure = percent(promise.max_error, 3), percent(promise.confidence, 3)
    if promise.of == "delivered":
        sentence = "Promise: of everything delivered, at most {error} may be a wrong machine answer that nobody checked, with {sure} confidence."
    else:
        sentence = "Promise: of what the machine answers alone, at most {error} may be wrong, with {sure} confidence."
    return say(sentence, error=error, sure=sure)


def day(stamp: float) -> str:
    """A time as a date.

    >>> day(0.0)
    '1970-01-01'
    """
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")


def measured(metrics: Mapping[str, Any]) -> list[str]:
    """Figures of a model, one in a line; a share where the name says so."""
    lines = []
    for name, value in metrics.items():
        if isinstance(value, float):
            lines.append(f"  {name.replace('_', ' ')}: {value:.4g}")
        elif isinstance(value, int | str):
            lines.append(f"  {name.replace('_', ' ')}: {value}")
    return lines


def granted(certificate: Certificate) -> list[str]:
    """A certificate in sentences: what it grants, on what evidence, and what it promises."""
    lines = [
        say(
            "Certificate {id}: the machine answers {automated} of {items} items alone ({coverage}).",
            id=certificate.id or "–", automated=f"{certificate.n_automated:,}", items=f"{certificate.n_items:,}",
            coverage=percent(certificate.coverage),
        ),
        say(
            "Evidence: {audited} audits drawn by lot, {errors} wrong; method {method}.",
            audited=f"{certificate.n_audited:,}", errors=f"{certificate.n_errors:,}", method=certificate.method,
        ),
        promised(certificate.promise),
    ]  # fmt: skip
    if certificate.window == "batch":
        lines.append(say("It covers the items it names; texts added later go to people."))
    return lines
