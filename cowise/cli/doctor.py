"""`cowise doctor`: what is well and what is not."""

from __future__ import annotations

import typer

from cowise import loop
from cowise.cli.options import Command, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say, told

command = noun()
UNWELL = 1


@command.command(cls=Command, epilog="cowise doctor")
def doctor(ctx: typer.Context) -> None:
    """Check the machine and the workspace, and say how to mend what is wrong. Exit code 1 if something is."""
    here = of(ctx)
    with here.progress("checking"):
        checks = loop.doctor(here.settings)
    lines = []
    for check in checks:
        lines.append(f"{'✓' if check.ok else '✗'} {one_line(told(f'{check.name}: {check.what}'))}")
        if check.todo:
            lines.append(f"    {one_line(told(check.todo))}")
    well = all(check.ok for check in checks)
    lines.append(say("All is well.") if well else say("Something is wrong; see the lines with ✗."))
    here.give({"ok": well, "checks": [check.to_json() for check in checks]}, *lines)
    if not well:
        raise typer.Exit(UNWELL)
