"""`cowise labels`: the labels of a project, and what becomes of answers when they change."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.delete import sure
from cowise.cli.here import Here
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import shown
from cowise.cli.words import say, told
from cowise.core.errors import InputError
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
        if old.strip() in found:
            raise InputError(f"{option}: {old.strip()!r} is named twice; give each label one new name")
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
    rare_first: Annotated[
        float | None,
        typer.Option("--rare-first", help="How much earlier rare labels are asked about, 0 to 1.", metavar="SHARE"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show the labels, or change them, all or nothing: what that does is said first."""
    here = of(ctx)
    parted = {old: [part.strip() for part in new.split(",")] for old, new in pairs("--split", split).items()}
    change = load("loop.changing:Change")(
        renamed=pairs("--rename", rename), merged=pairs("--merge", merge), split=parted, added=add, balance=rare_first
    )
    with here.workspace() as ws:
        if not (rename or merge or split or add or rare_first is not None):
            known = list(loop.get(ws, name).task.labels)
            here.tell({"labels": known}, *known)
            return
        cost = load("loop.changing:consequences")(ws, name, change)
        if merge or split or cost != type(cost)():
            agreed(here, name, cost, yes=yes)
        found = list(load("loop.changing:change")(ws, name, change, confirmed=True).task.labels)
    here.tell({"labels": found, "consequences": {**cost.to_json(), "said": cost.sentences}}, *found)


def agreed(here: Here, name: str, cost: Any, *, yes: bool) -> None:
    """Say what a change would do, and go on only if somebody wants it; InputError, which says it too, otherwise."""
    lines = (say("This change has consequences:"), *(f"  {shown(told(one))}" for one in cost.sentences))
    if yes:
        for line in lines:
            here.note(line)
        return
    if not sys.stdin.isatty():
        raise InputError(
            f"this change has consequences: {cost.whole}; it cannot be taken back; repeat with --yes if you mean it"
        )
    sure("\n".join((*lines, say("Type the name of the project:"))), name, yes=False)
