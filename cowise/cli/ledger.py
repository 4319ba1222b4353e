"""`cowise ledger`: verify the record, sign a checkpoint, write an anchor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say, told
from cowise.core.errors import TrustError

command = noun(
    help="Verify the record; sign a checkpoint; write an anchor.",
    epilog="cowise ledger verify\ncowise ledger anchor /media/usb/cowise.anchor",
)


@command.command(cls=Command, epilog="cowise ledger verify\ncowise ledger verify --anchor /media/usb/cowise.anchor")
def verify(
    ctx: typer.Context,
    anchor: Annotated[
        Path | None, typer.Option("--anchor", help="An anchor kept outside the workspace.", metavar="FILE")
    ] = None,
) -> None:
    """Check every entry, hash and signature, against an anchor if you have one. Exit code 8 if something does not fit."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("verifying"):
        report = loop.verify(ws, anchor=anchor)
    if not report.ok:
        raise TrustError(f"the ledger does not fit: {report.fault}. Compare with a backup or an anchor")
    here.tell(
        report,
        say(
            "The ledger is whole: {entries} entries, {marks} signed checkpoints.",
            entries=f"{report.entries:,}",
            marks=f"{report.marks:,}",
        ),
        say("Root {root}", root=report.root),
    )


@command.command(cls=Command, epilog="cowise ledger checkpoint")
def checkpoint(ctx: typer.Context) -> None:
    """Sign where the ledger ends, and print the note: keep it where the administrator cannot change it."""
    here = of(ctx)
    with here.workspace() as ws:
        note = loop.checkpoint(ws)
    here.give({"note": note}, note.rstrip("\n"))


@command.command(cls=Command, epilog="cowise ledger anchor /media/usb/cowise.anchor")
def anchor(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A file outside the workspace; notes are added at its end.", metavar="FILE")
    ],
) -> None:
    """Sign where the ledger ends and add the note to a file that `ledger verify --anchor` compares with."""
    here = of(ctx)
    with here.workspace() as ws:
        loop.write_anchor(ws, file)
    here.tell({"anchor": file}, say("Anchored in {file}.", file=str(file)))


@command.command(cls=Command, epilog="cowise ledger replay tickets")
def replay(ctx: typer.Context, name: Name) -> None:
    """Play a project's certificates again from the record: the same items, erased in part, or different."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("verifying"):
        found = loop.replay(ws, name)
    words = {"same": say("the same"), "erased": say("erased in part"), "differs": say("different")}
    lines = [
        (
            say(
                "Certificate {id}, {n} items: {outcome}",
                id=each.certificate,
                n=f"{each.items:,}",
                outcome=words[each.outcome],
            )
            if each.certificate
            else say("Answers and decisions: {outcome}", outcome=words[each.outcome])
        )
        + (f" ({one_line(told(each.what))})" if each.what else "")
        for each in found
    ]
    here.give([each.to_json() for each in found], *(lines or [say("There is no certificate to play again.")]))
    if any(each.outcome == "differs" for each in found):
        raise TrustError("something is not as the ledger says. Compare with a backup or an anchor")


@command.command(cls=Command, epilog="cowise ledger prove tickets 'My card was charged twice' --json")
def prove(
    ctx: typer.Context,
    name: Name,
    item: Annotated[str, typer.Argument(help="The item: its id, or its whole text.", metavar="ITEM")],
) -> None:
    """Prove that the decision on one item is in the ledger, to somebody who holds a signed checkpoint alone."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("verifying"):
        found = loop.prove(ws, name, item)
    here.tell(
        found,
        say(
            "The decision is in entry {seq} of {size}.", seq=f"{found.entry.index + 1:,}", size=f"{found.entry.size:,}"
        ),
        say("Root {root}", root=found.entry.root),
        found.note.rstrip("\n"),
    )
