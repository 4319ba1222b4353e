"""`cowise list`: the projects of a workspace."""

from __future__ import annotations

import typer

from cowise import loop
from cowise.cli.figures import day, percent
from cowise.cli.layout import table
from cowise.cli.options import Command, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say

command = noun()


@command.command(name="list", cls=Command, epilog="cowise --home ws list")
def listing(ctx: typer.Context) -> None:
    """The projects of a workspace."""
    here = of(ctx)
    with here.workspace() as ws:
        found = loop.listing(ws)
    heads = [say(head) for head in ("project", "items", "labels", "answers", "automated", "promise", "made")]
    rows = [
        [one_line(p.name, 40), f"{p.items:,}", f"{len(p.task.labels):,}", f"{p.answers:,}", f"{p.automated:,}",
         f"≤ {percent(p.promise.max_error)}, {percent(p.promise.confidence)}", day(p.created)]
        for p in found
    ]  # fmt: skip
    lines = (
        table([heads, *rows], right=[1, 2, 3, 4])
        if found
        else [say("There is no project yet. Make one with: cowise new NAME --labels a,b,c")]
    )
    here.give([each.to_json() for each in found], *lines)
