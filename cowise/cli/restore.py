"""`cowise restore`: a backup becomes a workspace again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, noun, of
from cowise.cli.words import say
from cowise.core.errors import TrustError

command = noun()


@command.command(cls=Command, epilog="cowise --home restored restore tickets-backup")
def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(help="The folder that backup wrote.", metavar="FOLDER")],
) -> None:
    """Check every hash of a backup, read it into a place without a workspace, and verify the ledger."""
    here = of(ctx)
    with here.progress("restoring"):
        report = loop.restore(here.settings, source)
    if not report.ok:
        raise TrustError(f"the ledger does not fit: {report.fault}. Compare with a backup or an anchor")
    keys = here.settings.home / "keys"
    here.tell(
        {"home": here.settings.home, "ledger": report.to_json()},
        say("The workspace is in {folder}.", folder=str(here.settings.home)),
        say(
            "The ledger is whole: {entries} entries, {marks} signed checkpoints.",
            entries=f"{report.entries:,}",
            marks=f"{report.marks:,}",
        ),
        *([] if keys.is_dir() else [say("Put your copy of the keys into {keys}.", keys=str(keys))]),
    )
