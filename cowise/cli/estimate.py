"""`cowise estimate`: what share of the texts has each label, and how often the machine alone would be right."""

from __future__ import annotations

from typing import Any

import typer

from cowise import loop
from cowise.cli.figures import percent
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise estimate tickets")
def estimate(ctx: typer.Context, name: Name) -> None:
    """What share of the texts has each label by the answers so far, and how often the machine alone would be right."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.estimates(ws, name)
    here.give(found.to_json(), *_lines(found))


def _lines(found: Any) -> list[str]:
    if found.state == "none":
        return [
            say("Too few questions of this project were drawn by lot while a model learned: nothing can be estimated.")
        ]
    if found.right is None:
        return [
            say("An estimate needs 30 answers drawn by lot; there are {n}. Go on with cowise review.", n=found.lots)
        ]
    rows = [[label, *_row(one)] for label, one in found.labels]
    lines = [
        say(
            "Of {texts} texts, by {asked} answers, {lots} of them drawn by lot, and the model's view of all (90 % intervals):",
            texts=f"{found.texts:,}", asked=f"{found.asked:,}", lots=f"{found.lots:,}",
        ),
        *table([[say(head) for head in ("label", "share", "between", "worth lots")], *rows], right=[1, 2, 3]),
        say(
            "The machine alone would be right in {share} ({span}). An estimate for planning: it is in no certificate.",
            share=percent(found.right.share), span=_span(found.right),
        ),
    ]  # fmt: skip
    if found.missing:
        lines.append(say("{n} questions without an answer are taken as the worst for either end.", n=found.missing))
    return lines


def _row(one: Any) -> list[str]:
    return [percent(one.share), _span(one), f"{one.worth:,}"]


def _span(one: Any) -> str:
    return f"{100 * one.low:.0f}–{percent(one.high, 0)}"
