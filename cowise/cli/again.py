"""`cowise again`: ask somebody else about items that were answered."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.here import person
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say

command = noun()


@command.command(
    cls=Command,
    epilog="cowise again tickets 3fa9…\ncowise again tickets 3fa9… 81c2… --as ada",
)
def again(
    ctx: typer.Context,
    name: Name,
    items: Annotated[list[str], typer.Argument(help="The items: their ids, or their whole texts.", metavar="ITEM...")],
    who: Annotated[
        str, typer.Option("--as", help="Who asks; by default the name you are logged in with.", metavar="PERSON")
    ] = "",
) -> None:
    """Ask for a second opinion: each item is asked once more, blind, of somebody who has not answered it."""
    here = of(ctx)
    with here.workspace() as ws:
        asked = loop.ask_again(ws, name, items, by=person(who))
        waiting = loop.status(ws, name).second
    lines = [
        say("Asked for {n} second opinions; {waiting} wait for an answer.", n=f"{asked:,}", waiting=f"{waiting:,}")
    ]
    if waiting:
        lines.append(
            say("Somebody else answers them: {command}", command=here.next(f"cowise review {name} --as PERSON"))
        )
    here.tell({"asked": asked, "waiting": waiting}, *lines)
