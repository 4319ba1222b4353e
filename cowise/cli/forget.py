"""`cowise forget`: erase one item's or one person's data."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.delete import sure
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say
from cowise.core.errors import InputError

command = noun()


@command.command(
    cls=Command,
    epilog="cowise forget tickets --person ada --yes\ncowise forget tickets --item 3fa9…",
)
def forget(
    ctx: typer.Context,
    name: Name,
    item: Annotated[
        str, typer.Option("--item", help="The item's identifier, as export and status show it.", metavar="ID")
    ] = "",
    person: Annotated[str, typer.Option("--person", help="The person's name.", metavar="PERSON")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase an item's or a person's data for good; the ledger keeps that something was erased, and replay says so."""
    here = of(ctx)
    if bool(item) == bool(person):
        raise InputError("forget: give either --item ID or --person NAME")
    with here.workspace() as ws:
        what = item or person
        sure(say("Erase {what} for good? Type it again:", what=what), what, yes=yes)
        gone = loop.forget_item(ws, name, item) if item else loop.forget_person(ws, name, person)
    lines = [
        say(
            "Erased: {opinions} answers, {vectors} vectors.", opinions=f"{gone.opinions:,}", vectors=f"{gone.vectors:,}"
        ),
    ]
    if gone.versions:
        which = ", ".join(gone.versions)
        lines.append(
            say(
                "Models that had learned from it: {versions}. Learn and certify anew where that matters.",
                versions=which,
            )
        )
    here.tell(gone, *lines)
