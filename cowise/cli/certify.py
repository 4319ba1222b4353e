"""`cowise certify`: earn a certificate."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.figures import granted
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import plain
from cowise.cli.words import say
from cowise.core.errors import InputError
from cowise.core.types import Window

command = noun()
WINDOWS: dict[str, Window] = {"batch": "batch", "stream": "stream"}


@command.command(cls=Command, epilog="cowise certify tickets\ncowise certify tickets --for stream")
def certify(
    ctx: typer.Context,
    name: Name,
    window: Annotated[
        str, typer.Option("--for", help="The items there are, or texts still to come.", metavar="batch|stream")
    ] = "batch",
) -> None:
    """Freeze the model and say what it may answer alone; with too little evidence, say what is missing."""
    here = of(ctx)
    if window not in WINDOWS:
        raise InputError(f"--for: asked for {window!r}; use batch or stream")
    with here.workspace() as ws, here.progress("certifying") as line:
        certificate = loop.certify(ws, name, window=WINDOWS[window], progress=line)
    here.give(
        {**plain(certificate), "coverage": certificate.coverage},
        *granted(certificate),
        say("Next: {command}", command=here.next(f"cowise export {name} --out FILE")),
    )
