"""`cowise learn`: train on the answers so far."""

from __future__ import annotations

import typer

from cowise import loop
from cowise.cli.figures import measured
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say

command = noun()


@command.command(cls=Command, epilog="cowise learn tickets")
def learn(ctx: typer.Context, name: Name) -> None:
    """Train on the answers so far, and keep the model as a candidate. Review does this by itself."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("learning") as line:
        version = loop.learn(ws, name, progress=line)
    here.tell(
        version,
        say("Version {version} is the new candidate.", version=version.id),
        *measured(version.metrics),
        say("A candidate guides the questions; only a certificate lets a model answer alone."),
    )
