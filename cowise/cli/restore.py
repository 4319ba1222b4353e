"""`cowise restore`: a backup becomes a workspace again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, noun, of
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise --home restored restore tickets-backup")
def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="The folder that backup wrote.", metavar="FOLDER")],
) -> None:
    """Check every hash of a backup, read it into a place without a workspace, and verify the ledger."""
    here = of(ctx)
    with here.progress("restoring"):
        loop.restore(here.settings, source)
    here.tell(
        {"home": here.settings.home},
        say("The workspace is in {folder}.", folder=str(here.settings.home)),
        say("Put your copy of the keys into {keys}.", keys=str(here.settings.home / "keys")),
    )
