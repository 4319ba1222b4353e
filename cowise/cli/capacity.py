"""`cowise capacity`: how many answers a day each person gives at most."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.errors import InputError

command = noun()


@command.command(
    cls=Command,
    epilog="cowise capacity tickets\ncowise capacity tickets ada --per-day 200\ncowise capacity tickets ada --per-day 0",
)
def capacity(
    ctx: typer.Context,
    name: Name,
    person: Annotated[
        str, typer.Argument(help="Whose answers are limited; who has no seat yet gets one.", metavar="[PERSON]")
    ] = "",
    per_day: Annotated[
        int | None, typer.Option("--per-day", help="Answers a day at most; 0 for no limit.", metavar="N")
    ] = None,
) -> None:
    """How many answers a day each person gives at most: beyond them they are asked again tomorrow, and nobody waits for them."""
    here = of(ctx)
    if bool(person) != (per_day is not None):
        raise InputError("capacity: give a person and --per-day together, or neither")
    with here.workspace() as ws:
        if per_day is not None:
            loop.set_capacity(ws, name, person, per_day)
        found = loop.capacities(ws, name)
    rows = [
        [one_line(who, 40), f"{one.per_day:,}" if one.per_day else say("no limit"), "" if one.left is None else f"{one.left:,}"]
        for who, one in found.items()
    ]  # fmt: skip
    heads = [say("name"), say("a day"), say("left today")]
    here.give({who: one.to_json() for who, one in found.items()}, *table([heads, *rows], right=[1, 2]))
