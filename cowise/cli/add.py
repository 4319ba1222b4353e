"""`cowise add`: texts come in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cowise import loop
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.safe import one_line
from cowise.cli.words import say, told
from cowise.core.errors import InputError, MissingError

command = noun()
STDIN = "-"


@command.command(
    cls=Command,
    epilog="cowise add tickets tickets.csv --text body\n"
    "cowise add tickets answered.csv --text text --label topic --by ada\n"
    "cowise add tickets answered.csv --text text --opinion answer --confidence confidence --by my-model\n"
    "cat tickets.txt | cowise add tickets -",
)
def add(
    ctx: typer.Context,
    name: Name,
    source: Annotated[
        str,
        typer.Argument(
            help="A file (CSV, TSV, JSON, JSONL, Parquet, text), a folder, or - for standard input.", metavar="FILE"
        ),
    ] = "",
    text: Annotated[str, typer.Option("--text", help="The column with the text.", metavar="COLUMN")] = "",
    label: Annotated[str, typer.Option("--label", help="A column with answers already given.", metavar="COLUMN")] = "",
    opinion: Annotated[
        str, typer.Option("--opinion", help="A column with a model's own answers.", metavar="COLUMN")
    ] = "",
    confidence: Annotated[
        str, typer.Option("--confidence", help="A column that says how sure it was.", metavar="COLUMN")
    ] = "",
    by: Annotated[
        str,
        typer.Option("--by", help="Who gave the answers or opinions; nobody in particular if not said.", metavar="WHO"),
    ] = "",
    form: Annotated[
        str, typer.Option("--format", help="csv, tsv, jsonl, json, parquet or text, if not by the ending.")
    ] = "",
    encoding: Annotated[str, typer.Option("--encoding", help="Such as gb18030; found out if not said.")] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", help="What separates columns; found out if not said.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back an import that was cut short.")] = False,
) -> None:
    """Read texts, answers already given, or a model's own answers. All of a file comes in, or nothing of it."""
    here = of(ctx)
    if undo:
        with here.workspace() as ws:
            loop.undo_import(ws, name)
        here.tell({"undone": name}, say("The import that was cut short is taken back."))
        return
    found = origin(source)
    columns = loop.Columns(text or None, label or None, opinion or None, confidence or None)
    how = loop.How(format=form, encoding=encoding, delimiter=delimiter, by=by)
    with here.workspace() as ws, here.progress("reading") as line:
        added = loop.add(ws, name, found, columns, how=how, progress=line)
    for sentence in added.source.get("notes", ()):
        here.note(one_line(told(sentence)))
    here.tell(added, *sentences(added), say("Next: {command}", command=here.next(f"cowise review {name}")))


def origin(source: str) -> str | Path:
    """The file, folder or standard input that was meant."""
    if source == STDIN:
        return STDIN
    if not source:
        raise InputError("which file? Give a file or a folder, or - for standard input")
    path = Path(source).expanduser()
    if not path.exists():
        raise MissingError(f"{source} is not here; check the path")
    return path


def sentences(added: Any) -> list[str]:
    """What came in, a fact a line."""
    source = added.source
    read = [source.get("format", ""), source.get("encoding", "")]
    lines = [
        say("Read {rows} rows from {name} ({how}).", rows=f"{added.rows:,}", name=one_line(str(source.get("name", ""))),
            how=", ".join(part for part in read if part)),
        say("New items: {items}; joined as duplicates: {joined}; blank: {blank}.",
            items=f"{added.items:,}", joined=f"{added.joined:,}", blank=f"{added.blank:,}"),
    ]  # fmt: skip
    if added.labels:
        lines.append(say("Answers taken: {n}.", n=f"{added.labels:,}"))
    if added.conflicts:
        lines.append(
            say("Equal texts with different answers: {n}; the first answer of each counts.", n=f"{added.conflicts:,}")
        )
    if added.opinions:
        lines.append(say("Opinions of the model taken: {n}. People only audit them now.", n=f"{added.opinions:,}"))
    if source.get("mended"):
        lines.append(say("Rows with NUL or broken characters, replaced by �: {n}.", n=f"{source['mended']:,}"))
    if source.get("short"):
        lines.append(say("Rows with too few fields, taken as empty: {n}.", n=f"{source['short']:,}"))
    return lines
