"""`cowise delete`: delete a project."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say
from cowise.core.errors import InputError

command = noun()


def sure(question: str, expected: str, *, yes: bool) -> None:
    """Go on only if the person types the expected word, or said --yes. InputError otherwise."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("this cannot be taken back; repeat with --yes if you mean it")
    print(question, end=" ", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != expected:
        raise InputError(f"nothing was changed: {expected!r} was not typed")


@command.command(cls=Command, epilog="cowise delete tickets --yes")
def delete(
    ctx: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a project: its items, answers, models and certificates. The ledger says that it was deleted."""
    here = of(ctx)
    with here.workspace() as ws:
        loop.sweep_deleted(ws)  # whoever repeats a deletion that was cut short expects its end
        known = loop.get(ws, name)
        question = say(
            "Delete project {name} with {items} items and {answers} answers? Type its name:",
            name=name, items=f"{known.items:,}", answers=f"{known.answers:,}",
        )  # fmt: skip
        sure(question, name, yes=yes)
        loop.delete(ws, name)
    here.tell({"deleted": name}, say("Project {name} is deleted.", name=name))
