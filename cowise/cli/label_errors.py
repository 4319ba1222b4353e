"""`cowise label-errors`: which labels had best be looked at again, and asking people to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.again import tell_asked
from cowise.cli.figures import percent
from cowise.cli.here import Here, person
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say

command = noun()


@command.command(
    name="label-errors",
    cls=Command,
    epilog="cowise label-errors tickets\ncowise label-errors tickets --limit 100 --json\ncowise label-errors tickets --again 20 --as ada",
)
def label_errors(
    ctx: typer.Context,
    name: Name,
    limit: Annotated[int, typer.Option("--limit", help="How many to show at most.", metavar="N", min=1)] = 20,
    again: Annotated[
        int | None,
        typer.Option(
            "--again", help="Show nothing: ask somebody else, blind, about the N most doubtful.", metavar="N", min=1
        ),
    ] = None,
    who: Annotated[
        str, typer.Option("--as", help="Who asks; by default the name you are logged in with.", metavar="PERSON")
    ] = "",
) -> None:
    """Which labels had best be looked at again, the most doubtful first. Nothing is relabelled by machine.

    With --again N somebody else is asked about the first ones, and the answer that most people gave decides.
    """
    here = of(ctx)
    if again is not None:
        _ask(here, name, again, person(who))
        return
    with here.workspace() as ws:
        found = loop.label_errors(ws, name, limit=limit)
    here.give(found.to_json(), *_lines(here, name, found))


def _ask(here: Here, name: str, n: int, who: str) -> None:
    with here.workspace() as ws:
        asked = loop.look_again(ws, name, n, by=who)
        waiting = loop.status(ws, name).second
    tell_asked(here, name, asked, waiting)


def _lines(here: Here, name: str, found: Any) -> list[str]:
    heads = [say(head) for head in ("label", "likelier", "right", "flagged", "item", "text")]
    rows = [
        [one_line(row.given, 24), one_line(row.suggested, 24), percent(row.score), say("yes") if row.flagged else "",
         row.item[:12], one_line(row.text, 60)]
        for row in found.rows
    ]  # fmt: skip
    lines = [
        say(
            "Of {judged} labels {flagged} are flagged; about {errors} are expected to be wrong. The most doubtful first:",
            judged=f"{found.judged:,}", flagged=f"{found.flagged:,}", errors=f"{found.errors:,.0f}",
        ),
        *table([heads, *rows], right=[2]),
    ]  # fmt: skip
    if found.apart:
        lines.append(
            say("{n} labelled texts are left out: they may still be asked about, or belong to a check.", n=f"{found.apart:,}")
        )  # fmt: skip
    if any(row.askable for row in found.rows):
        again = here.next(f"cowise label-errors {name} --again {min(200, max(1, round(found.errors)))}")
        lines.append(say("Nothing is changed. Somebody else looks again: {command}", command=again))
    if any(row.flagged and not row.askable for row in found.rows):
        lines.append(say("Labels that came with the data are mended in their file: nobody was asked about them here."))
    return lines
