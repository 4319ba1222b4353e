"""`cowise review`: answer in the terminal."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.fronts import front
from cowise.cli.here import person
from cowise.cli.options import Command, Name, Person, noun, of
from cowise.cli.sitting import Sitting, Tally
from cowise.cli.status import what_next
from cowise.cli.words import say

command = noun()


@command.command(
    cls=Command,
    epilog="cowise review tickets\ncowise review tickets --as ada --limit 50\nprintf 'bug\\nbilling\\n' | cowise review tickets",
)
def review(
    ctx: typer.Context,
    name: Name,
    who: Person = "",
    limit: Annotated[int, typer.Option("--limit", help="Stop after so many answers; 0 for no limit.", min=0)] = 0,
) -> None:
    """Answer in the terminal: one text, one key. Each answer is stored before the next question is shown."""
    here = of(ctx)
    with here.workspace() as ws:
        with (
            front(out=sys.stderr if here.json else sys.stdout) as shown,
            here.progress("learning") as line,
            loop.session(ws, name, person(who), progress=line) as review,
        ):
            tally = Sitting(review, shown, name, limit=limit).run()
        found = loop.status(ws, name)
    value = {**asdict(tally), "needed": found.needed, "next": found.next, "command": found.command}
    here.tell(value, *sentences(tally), say("Next: {what}", what=what_next(found)), f"  {here.next(found.command)}")


def sentences(tally: Tally) -> list[str]:
    """What was done in a sitting."""
    one = tally.answered == 1
    lines = [say("One answer is stored.") if one else say("{n} answers stored.", n=f"{tally.answered:,}")]
    if tally.answered >= 3:
        lines[0] += " " + say("{seconds} s each.", seconds=f"{tally.pace_s:.1f}")
    if tally.skipped or tally.flagged:
        lines.append(say("Skipped: {skipped}; flagged: {flagged}.", skipped=tally.skipped, flagged=tally.flagged))
    if tally.finished:
        lines.append(say("There is nothing left to ask for now."))
    return lines
