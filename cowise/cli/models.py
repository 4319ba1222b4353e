"""`cowise models`: encoders on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, noun, of

command = noun(help="List, pull, show, remove encoders.")
Encoder = Annotated[
    str, typer.Argument(help="The encoder's name, as `cowise models list` shows it.", metavar="ENCODER")
]


@command.command(name="list", cls=Command, epilog="cowise models list")
def listing(ctx: typer.Context) -> None:
    """Encoders that can be had, with size and licence; * marks those on this machine."""
    here = of(ctx)
    here.give(loop.models_list(here.settings), "")
