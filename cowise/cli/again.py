"""`cowise again`: ask somebody else about items that were answered."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.here import Here, person
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say
from cowise.core.errors import InputError

command = noun()


@command.command(
    cls=Command,
    epilog="cowise again tickets 3fa9…\ncowise again tickets 3fa9… 81c2… --as ada\ncowise again tickets --worth 5",
)
def again(
    ctx: typer.Context,
    name: Name,
    items: Annotated[
        list[str], typer.Argument(help="The items: their ids, or their whole texts.", metavar="ITEM...")
    ] = [],  # noqa: B006 (Typer copies it)
    who: Annotated[
        str, typer.Option("--as", help="Who asks; by default the name you are logged in with.", metavar="PERSON")
    ] = "",
    worth: Annotated[
        float | None,
        typer.Option(
            "--worth",
            help="From now on by itself, wherever a mended error may cost so many answers; 0: never.",
            metavar="N",
        ),
    ] = None,
) -> None:
    """Ask for a second opinion: each item is asked once more, blind, of somebody who has not answered it.

    With --worth N and no item this happens by itself, of those who are around, and never to audits.
    """
    here = of(ctx)
    if (worth is None) == (not items):
        raise InputError("again: name the items to be asked once more, or give --worth N for all that pays; not both")
    if worth is not None:
        _by_itself(here, name, worth)
        return
    with here.workspace() as ws:
        asked = loop.ask_again(ws, name, items, by=person(who))
        waiting = loop.status(ws, name).second
    tell_asked(here, name, asked, waiting)


def tell_asked(here: Here, name: str, asked: int, waiting: int) -> None:
    """Say how many second opinions were asked for, how many wait, and who gives them."""
    lines = [
        say("Asked for {n} second opinions; {waiting} wait for an answer.", n=f"{asked:,}", waiting=f"{waiting:,}")
    ]
    if waiting:
        lines.append(
            say("Somebody else answers them: {command}", command=here.next(f"cowise review {name} --as PERSON"))
        )
    here.tell({"asked": asked, "waiting": waiting}, *lines)


def _by_itself(here: Here, name: str, worth: float) -> None:
    with here.workspace() as ws:
        loop.ask_where_it_pays(ws, name, worth)
    line = (
        say("One more person is asked wherever a mended error costs at most {n} answers.", n=f"{worth:g}")
        if worth
        else say("Nobody is asked on any more; second opinions that wait stay.")
    )
    here.tell({"worth": worth}, line)
