"""`cowise forecast`: what a promise would cost in answers and what share the machine could answer alone."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.figures import percent
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.registry import load

command = noun()


@command.command(cls=Command, epilog="cowise forecast tickets\ncowise forecast tickets --max-error 0.02")
def forecast(
    ctx: typer.Context,
    name: Name,
    max_error: Annotated[
        float | None, typer.Option("--max-error", help="Another accepted error, as a share.", metavar="SHARE")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option("--confidence", help="Another confidence, as a share.", metavar="SHARE")
    ] = None,
) -> None:
    """What the promise would cost in answers and let the machine answer alone, or another one, by this project's data."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.forecast(ws, name, max_error=max_error, confidence=confidence)
        told = loop.promises(ws, name)
    here.give({**found.to_json(), **told.to_json()}, *_foretold(found, name), *_granted(told))


def _foretold(found: Any, name: str) -> list[str]:
    if found.here is None:
        if found.state == "other":
            return [say("Of what the machine answers alone, label by label, nothing is foretold.")]
        least = load("loop.foretelling:LEAST")
        return [
            say(
                "A forecast needs first answers, {least} that train the model; given: {n}. Go on with: cowise review {name}"
                if found.answers < least
                else "{n} answers are given, and no forecast is made yet: it is made when the next questions are chosen and {least} answers train the model. Go on with: cowise review {name}",
                least=least, n=f"{found.answers:,}", name=one_line(name),
            )
        ]  # fmt: skip
    heads = [say(head) for head in ("accepted error", "automated", "answers in all")]
    rows = [[percent(one.max_error), _share(one.automation), _count(one.answers)] for one in found.curve]
    lines = [
        say(
            "Error {error} at {sure}: the machine would answer {share} of {items} texts alone; people {answers}, of which {given} are given.",
            error=percent(found.here.max_error), sure=percent(found.here.confidence), share=_share(found.here.automation),
            items=f"{found.items:,}", answers=_count(found.here.answers), given=f"{found.answers:,}",
        ),
        *table([heads, *rows], right=[0, 1, 2]),
    ]  # fmt: skip
    if found.here.chance < 1:
        lines.insert(
            1,
            say(
                "The check grants all of that or nothing; it grants in {chance} of cases.",
                chance=percent(found.here.chance),
            ),
        )
    return lines + [
        say(
            "{n} more answers that train raise the share to {share}.",
            n=f"{goal.more:,}",
            share=percent(goal.automation),
        )
        for goal in found.goals
    ]


def _granted(told: Any) -> list[str]:
    return [
        say(
            "Check {n}: foretold {foretold}, granted {granted}.", n=look.look + 1,
            foretold=_ends(look.foretold["automation"]), granted=percent(look.granted),
        )
        for look in told.looks if look.foretold and look.state == "granted"
    ]  # fmt: skip


def _ends(span: Any) -> str:
    return f"{100 * span['low']:.0f}–{percent(span['high'], 0)}"


def _share(span: Any) -> str:
    return f"{100 * span.low:.0f}–{percent(span.high, 0)}"


def _count(span: Any) -> str:
    return f"{span.low:,.0f}–{span.high:,.0f}" if span.high > span.low else f"{span.low:,.0f}"
