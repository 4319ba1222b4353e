"""`cowise labels`: the labels of a project, and what becomes of answers when they change."""

from __future__ import annotations

from typing import Annotated

import typer

from cowise import loop
from cowise.cli.delete import sure
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import say
from cowise.core.errors import ConflictError, InputError
from cowise.core.registry import load

command = noun()


def pairs(option: str, words: list[str]) -> dict[str, str]:
    """OLD=NEW, as often as given; InputError for anything else.

    >>> pairs("--merge", ["fault=bug", "a = b"])
    {'fault': 'bug', 'a': 'b'}
    """
    found = {}
    for word in words:
        old, sign, new = word.partition("=")
        if not (sign and old.strip() and new.strip()):
            raise InputError(f"{option}: asked for {word!r}; write OLD=NEW")
        found[old.strip()] = new.strip()
    return found


@command.command(
    cls=Command,
    epilog="cowise labels tickets\ncowise labels tickets --merge fault=bug --yes\n"
    'cowise labels tickets --split bug="crash,slow" --yes',
)
def labels(
    ctx: typer.Context,
    name: Name,
    rename: Annotated[list[str], typer.Option("--rename", help="A new name for a label.", metavar="OLD=NEW")] = [],  # noqa: B006
    merge: Annotated[
        list[str], typer.Option("--merge", help="Its answers become answers of the other.", metavar="OLD=INTO")
    ] = [],  # noqa: B006
    split: Annotated[
        list[str],
        typer.Option("--split", help="New labels in its place; its texts are asked again.", metavar="OLD=A,B"),
    ] = [],  # noqa: B006
    add: Annotated[list[str], typer.Option("--add", help="A further label.", metavar="LABEL")] = [],  # noqa: B006
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show the labels, or change them: what that voids is said first."""
    here = of(ctx)
    renamed, merged, parted = pairs("--rename", rename), pairs("--merge", merge), pairs("--split", split)
    with here.workspace() as ws:

        def steps(confirmed: bool) -> None:
            if merged:
                loop.merge(ws, name, merged, confirmed=confirmed)
            for old, parts in parted.items():
                loop.split(ws, name, old, [part.strip() for part in parts.split(",")], confirmed=confirmed)
            if renamed or add:
                now = [renamed.get(label, label) for label in loop.get(ws, name).task.labels]
                change = load("loop.changing:Change")(labels=[*now, *add], renamed=renamed)
                load("loop.changing:change")(ws, name, change, confirmed=confirmed)

        if merged or parted or renamed or add:
            try:
                steps(confirmed=False)
            except ConflictError as cost:
                sure(f"{cost} ({say('type the name of the project')})", name, yes=yes)
                steps(confirmed=True)
        found = list(loop.get(ws, name).task.labels)
    here.tell({"labels": found}, *found)
