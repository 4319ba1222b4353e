"""`cowise key`: where the keys are."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.delete import sure
from cowise.cli.options import Command, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise key\ncowise key --rotate signing --yes")
def key(
    ctx: typer.Context,
    rotate: Annotated[
        str,
        typer.Option(
            "--rotate",
            help="Replace the signing key (old signatures stay valid), or the database's.",
            metavar="signing|data",
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Where the keys are and their fingerprints, never the keys themselves; --rotate replaces them."""
    here = of(ctx)
    with here.workspace() as ws:
        if rotate:
            sure(say("Rotate the key? Stop other programs first, then type: {what}", what=rotate), rotate, yes=yes)
            loop.key_rotate(ws, rotate)
        found = loop.key_show(ws)
    here.give(found.to_json(), *sentences(found))


def sentences(found: Any) -> list[str]:
    """What can be said of keys without showing them."""
    lines = [
        say("Keys are in {folder}. Copy it to a safe place: a backup does not hold it.", folder=str(found.folder)),
        say("Signing key {name}", name=found.signing),
    ]
    if found.encrypted:
        lines.append(say("The database is encrypted; fingerprint of its key: {print}", print=found.fingerprint))
        lines.append(say("Who loses this key loses the data. There is no second way in."))
    else:
        lines.append(say("The database is not encrypted."))
    return [*lines, *(say("Warning: {what}", what=one_line(each)) for each in found.warnings)]
