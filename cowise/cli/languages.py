"""`cowise languages`: which languages texts are in, who reads which, and what nobody reads."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.layout import table
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say
from cowise.core.errors import InputError

command = noun()
ALL = "all"


@command.command(
    cls=Command,
    epilog="cowise languages tickets\ncowise languages tickets zoe --reads zh\ncowise languages tickets ada --reads all",
)
def languages(
    ctx: typer.Context,
    name: Name,
    person: Annotated[
        str, typer.Argument(help="Whose languages are set; who has no seat yet gets one.", metavar="[PERSON]")
    ] = "",
    reads: Annotated[
        str | None,
        typer.Option("--reads", help="What this person reads, such as en,zh; all for everything.", metavar="CODES"),
    ] = None,
) -> None:
    """Which languages the texts are in, and who reads which: nobody is asked about a text that they do not read.

    A text's language is what its column language or lang says, else what its script tells.
    """
    here = of(ctx)
    if bool(person) != (reads is not None):
        raise InputError("languages: give a person and --reads together, or neither")
    with here.workspace() as ws:
        if reads is not None:
            wanted = [] if reads.strip().lower() == ALL else [one for one in reads.split(",") if one.strip()] or [reads]
            loop.set_languages(ws, name, person, wanted)
        found = loop.languages(ws, name)
    here.give(found.to_json(), *_texts(found), *_people(found), *lost(found.unread))


def _texts(found: Any) -> list[str]:
    heads = [say("language"), say("texts")]
    return table([heads, *([told(one), f"{n:,}"] for one, n in found.texts.items())], right=[1])


def _people(found: Any) -> list[str]:
    rows = [[one_line(who, 40), ", ".join(said) or say("everything")] for who, said in found.people.items()]
    return ["", *table([[say("name"), say("reads")], *rows])] if rows else []


def told(language: str) -> str:
    """A language as it is listed."""
    return language or say("any")


def lost(unread: Any) -> list[str]:
    """That texts wait which nobody reads, a line for each language."""
    return [
        say("{n} texts wait in {language}: nobody reads it.", n=f"{n:,}", language=one) for one, n in unread.items()
    ]
