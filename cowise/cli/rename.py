"""`cowise rename`: give a project another name."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise rename tickets support-tickets")
def rename(
    ctx: typer.Context,
    name: Name,
    new: Annotated[str, typer.Argument(help="Its new name.", metavar="NEW")],
) -> None:
    """Give a project another name."""
    here = of(ctx)
    with here.workspace() as ws:
        loop.rename(ws, name, new)
    here.tell({"name": new, "was": name}, say("Project {name} is now called {new}.", name=name, new=new))
