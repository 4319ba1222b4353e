"""`cowise export`: write the decisions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cowise import loop
from cowise.cli.options import Command, Name, noun, of
from cowise.cli.words import language, say

command = noun()


@command.command(
    cls=Command,
    epilog="cowise export tickets --out decided.csv\ncowise export tickets --out tasks.json",
)
def export(
    ctx: typer.Context,
    name: Name,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="The file; its ending says the form: csv, tsv, jsonl, parquet, or json for Label Studio.",
            metavar="FILE",
        ),
    ],
    form: Annotated[str, typer.Option("--as", help="The form, if not the ending's.", metavar="FORM")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write every decision: who gave it, when, by which route, model version and certificate."""
    here = of(ctx)
    with here.workspace() as ws, here.progress("writing"):
        written = loop.export(ws, name, out, form=form, overwrite=overwrite, telling=loop.Telling(language()))
    here.tell(written, say("{rows} rows are in {file}.", rows=f"{written.rows:,}", file=str(out)))
