"""`cowise backup`: a consistent copy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, noun, of
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise backup tickets-backup")
def backup(
    ctx: typer.Context,
    to: Annotated[Path, typer.Argument(help="A new folder.", metavar="FOLDER")],
) -> None:
    """Write a consistent copy of the workspace; other commands may go on meanwhile. The keys are not in it."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("copying"):
        loop.backup(ws, to)
    here.tell(
        {"backup": to, "keys": here.settings.home / "keys"},
        say("The copy is in {folder}.", folder=str(to)),
        say("It does not hold the keys: copy {keys} to another safe place.", keys=str(here.settings.home / "keys")),
    )
