"""`cowise decide`: decide texts under the certificate."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.add import STDIN, origin
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line, plain
from cowise.cli.words import say
from cowise.core.errors import InputError
from cowise.core.registry import load
from cowise.core.types import Decision

command = noun()


@command.command(
    cls=Command,
    epilog='cowise decide tickets "The app crashes when I log in"\n'
    "cowise decide tickets --from new.csv --text body --json\n"
    "cat new.txt | cowise decide tickets",
)
def decide(
    ctx: typer.Context,
    name: Name,
    given: Annotated[list[str], typer.Argument(help="Texts.", metavar="TEXT")] = [],  # noqa: B006 (Typer copies it)
    source: Annotated[
        str, typer.Option("--from", help="A file or folder with texts, or - for standard input.", metavar="FILE")
    ] = "",
    text: Annotated[str, typer.Option("--text", help="The column with the text.", metavar="COLUMN")] = "",
    form: Annotated[
        str, typer.Option("--format", help="csv, tsv, jsonl, json, parquet or text, if not by the ending.")
    ] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="Such as gb18030; found out if not said.")] = "",
    audit: Annotated[
        float, typer.Option("--audit", help="Which share of the automated texts people check, blind.")
    ] = 0.05,
    keep: Annotated[
        bool,
        typer.Option("--keep", help="Keep every text as an item: people are asked what the machine may not answer."),
    ] = False,
) -> None:
    """Decide texts: by the machine alone where a certificate for texts to come covers them, else they go to people.

    Each line has the route, the label, how sure the model is, and the text, with tabs between.
    """
    here = of(ctx)
    if given and source:
        raise InputError("decide: give texts or --from FILE, not both")
    if not given and not source and sys.stdin.isatty():
        raise InputError(
            'decide: which texts? Give them, or --from FILE, or pipe them in; as in: cowise decide NAME "a text"'
        )
    how = loop.How(format=form, encoding=encoding)
    texts: Iterable[str] = given or load("loop.texts:texts")(origin(source or STDIN), text or None, how)
    kept, passing = itertools.tee(texts)
    alone = people = 0
    found = []
    with here.workspace() as ws, here.progress("deciding") as line:
        made = loop.decide(ws, name, passing, audit=audit, keep=keep, progress=line)
        for one, decision in zip(kept, made, strict=True):
            automated = decision.route == "automated"
            alone, people = alone + automated, people + (not automated)
            if here.json:
                found.append({"text": one, **plain(decision)})
            else:
                line.clear()
                print(row(one, decision))
    if here.json:
        here.give({"decisions": found, "automated": alone, "people": people})
    here.note(
        say("Decided by the machine alone: {alone}; for people: {people}.", alone=f"{alone:,}", people=f"{people:,}")
    )


def row(text: str, decision: Decision) -> str:
    """A decision on one line."""
    label = decision.answer.text if decision.answer else "-"
    return "\t".join((decision.route, one_line(label), f"{decision.p:.3f}", one_line(text)))
